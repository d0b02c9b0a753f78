"""Event API: reads client timestamps."""
from marshmallow import Schema, ValidationError, fields


class EventSchema(Schema):
    at = fields.DateTime(format="timestamp_ms")
    kind = fields.Str()


schema = EventSchema(many=True)


def accept(events):
    try:
        return schema.load(events)
    except ValidationError as error:
        return error.messages


def main():
    print(accept([{"at": 1680000000000, "kind": "click"}]))
    print(accept([{"at": 1680000000000, "kind": "click"}, {"at": 99999999999999999999, "kind": "view"}]))
