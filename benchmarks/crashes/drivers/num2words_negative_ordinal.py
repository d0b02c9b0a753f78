"""Invoices: writes amounts in words."""
from num2words import num2words


def words(amount, language):
    return num2words(amount, lang=language, to="ordinal")


def main():
    print(words("12", "en"))
    print(words("12", "it"))
