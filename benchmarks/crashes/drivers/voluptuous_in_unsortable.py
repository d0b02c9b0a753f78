"""Devices: what a setting may be."""
from voluptuous import In, Invalid, Optional, Schema

LEVELS = (None, "low", "high", 3)


def device(levels):
    return Schema({Optional("level"): In(levels)})


def check(schema, values):
    try:
        return schema(values)
    except Invalid as error:
        return error.path


def main():
    print(check(device(["low", "high"]), {"level": "medium"}))
    print(check(device(LEVELS), {"level": "low"}))
    print(check(device(LEVELS), {"level": "medium"}))
