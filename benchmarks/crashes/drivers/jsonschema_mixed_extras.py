"""Intake: checks rows against the schema of their form."""
import jsonschema

SCHEMA = {"type": "array", "items": [{"type": "string"}], "additionalItems": False}


def problems(row):
    validator = jsonschema.Draft7Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(row)]


def main():
    print(problems(["a", "b", "c"]))
    print(problems(["a", 7, "c", None]))
