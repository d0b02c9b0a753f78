"""Job API: validates requested durations."""
from marshmallow import Schema, ValidationError, fields


class JobSchema(Schema):
    name = fields.String(required=True)
    timeout = fields.TimeDelta(precision="seconds")


def load(payload):
    try:
        return JobSchema().load(payload)
    except ValidationError as error:
        return error.messages


def main():
    print(load({"name": "a", "timeout": 12}))
    print(load({"name": "b", "timeout": float("nan")}))
