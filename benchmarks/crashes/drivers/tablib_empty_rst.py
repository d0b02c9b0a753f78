"""Reports: exports rows for the handbook."""
import tablib


def handbook(headers, rows):
    return tablib.Dataset(*rows, headers=headers).export("rst")


def main():
    print(handbook(["a", "b"], [("1", "2")]))
    print(handbook(["a", "b"], [("1", "")]))
