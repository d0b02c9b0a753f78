"""Payments: account numbers out of old spreadsheets."""
from schwifty import BBAN, IBAN
from schwifty.exceptions import SchwiftyException


def iban(country, account):
    try:
        return str(IBAN.from_bban(country, BBAN(country, account)))
    except SchwiftyException as problem:
        return type(problem).__name__


def main():
    print(iban("DE", "370400440532013000"))
    print(iban("DE", "3704 0044 0532 0130 00"))
    print(iban("gb", "NWBK60161331926819"))
