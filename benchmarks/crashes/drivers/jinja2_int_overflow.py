"""Mail merge: counts given by the import file."""
from jinja2 import Environment

ENV = Environment()
TEMPLATE = ENV.from_string("You have {{ points|int(0) }} points.")


def letter(row):
    return TEMPLATE.render(points=row["points"])


def main():
    print(letter({"points": "12"}))
    print(letter({"points": "1e4000"}))
