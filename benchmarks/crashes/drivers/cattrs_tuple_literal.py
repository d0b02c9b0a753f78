"""Importer: reads tagged rows of an export."""
from typing import Literal

import cattrs

ROWS = {"count": tuple[str, int], "mark": tuple[Literal["a", "b"], int]}


def read(kind, rows):
    converter = cattrs.Converter()
    return [converter.structure(row, ROWS[kind]) for row in rows]


def main():
    print(read("count", [["x", 1]]))
    print(read("mark", [["a", 1], ["b", 2]]))
