"""Plugin host: checks that plugins fit."""
from typing import Protocol

from typeguard import TypeCheckError, check_type


class Exporter(Protocol):
    def export(self, rows: list) -> str: ...


class Good:
    def export(self, rows: list) -> str:
        return ""


class Odd:
    def export(*, rows: list) -> str:
        return ""


def accept(plugin):
    try:
        check_type(plugin, Exporter)
    except TypeCheckError as error:
        return str(error)
    return "ok"


def main():
    print(accept(Good()))
    print(accept(Odd()))
