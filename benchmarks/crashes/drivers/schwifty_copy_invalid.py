"""Ledger: keeps a copy of each booking before it is changed."""
import copy

from schwifty import IBAN


class Ledger:
    def __init__(self):
        self.history = []

    def change(self, booking, **values):
        self.history.append(copy.deepcopy(booking))
        booking.update(values)
        return booking


def main():
    ledger = Ledger()
    print(ledger.change({"iban": IBAN("DE89370400440532013000"), "total": 5}, total=6))
    print(ledger.change({"iban": IBAN("DE00370400440532013000", allow_invalid=True), "total": 5}, total=6))
