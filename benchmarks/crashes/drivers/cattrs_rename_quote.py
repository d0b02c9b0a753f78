"""Importer: maps partner records onto our own class."""
import attrs
import cattrs
from cattrs.gen import make_dict_structure_fn, override


@attrs.define
class Player:
    name: str
    height: float


def converter_for(names):
    converter = cattrs.Converter()
    renames = {field: override(rename=theirs) for field, theirs in names.items()}
    converter.register_structure_hook(Player, make_dict_structure_fn(Player, converter, **renames))
    return converter


def main():
    print(converter_for({"name": "full name"}).structure({"full name": "Ana", "height": 1.8}, Player))
    print(converter_for({"height": "player's height"}).structure({"name": "Ana", "player's height": 1.8}, Player))
