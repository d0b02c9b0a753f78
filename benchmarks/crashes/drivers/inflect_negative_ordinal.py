"""Ranking: says how places changed."""
import inflect

ENGINE = inflect.engine()


def places(board, offset):
    return {name: ENGINE.ordinal(place - offset) for name, place in board.items()}


def main():
    print(places({"ana": 1, "ben": 2}, 0))
    print(places({"ana": 1, "ben": 2}, 3))
