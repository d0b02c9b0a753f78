"""Catalogue: describes fields that carry notes of their own."""
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields


class PetSchema(Schema):
    name = fields.Str(metadata={"description": "how it is called", ("note", 1): "kept for the shop"})


class Catalogue:
    def __init__(self, title):
        self.spec = APISpec(title, "1.0", "3.0.2", plugins=[MarshmallowPlugin()])

    def add(self, name, schema):
        self.spec.components.schema(name, schema=schema)
        return self.spec.to_dict()["components"]["schemas"][name]


def main():
    print(Catalogue("pets").add("Pet", PetSchema))
