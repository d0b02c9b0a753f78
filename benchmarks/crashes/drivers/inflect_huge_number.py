"""Cheques: writes amounts in words."""
import inflect


class Cheques:
    def __init__(self, currency):
        self.currency = currency
        self.engine = inflect.engine()

    def words(self, amount):
        try:
            return "%s %s" % (self.engine.number_to_words(amount), self.currency)
        except inflect.NumOutOfRangeError:
            return "too much"


def main():
    cheques = Cheques("euro")
    print(cheques.words(1250))
    print(cheques.words("1" + 40 * "0"))
