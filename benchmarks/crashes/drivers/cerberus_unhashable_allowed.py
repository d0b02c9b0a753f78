"""Order API: checks orders against rules."""
from cerberus import Validator

RULES = {"size": {"allowed": ["small", "large"]}}


def errors(order):
    check = Validator(RULES)
    check.validate(order)
    return check.errors


def main():
    print(errors({"size": "huge"}))
    print(errors({"size": [{"name": "huge"}]}))
    print(errors({"size": ["small", ["large"]]}))
