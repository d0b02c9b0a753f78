"""Which source line a line of output speaks of."""

from __future__ import annotations

import re
from dataclasses import dataclass

LONGEST = 500
_PYTEST = re.compile(r"(?P<path>[^\s:\"'][^:\"'\n]{0,400}\.pyi?):(?P<line>\d{1,7})(?::|\s|$)")
_PYTHON = re.compile(r"(?:E\s)?[\s|+]{0,80}File \"(?P<path>[^\"\n]{1,400})\", line (?P<line>\d{1,7})")


@dataclass(frozen=True, slots=True)
class Place:
    """A line of a file, counted from 1; the path as it was printed."""

    path: str
    line: int


def place_in(text: str) -> Place | None:
    """The place that a line of a traceback names, as pytest (`shop/cart.py:8: in total`) or as
    Python itself (`File "...", line 8, in total`) writes it; None for other lines."""
    head = text[:LONGEST]
    found = _PYTEST.match(head.strip()) or _PYTHON.match(head)
    if found is None or not int(found["line"]):
        return None
    return Place(found["path"], int(found["line"]))


def last_place(output: str, path: str) -> tuple[int, str] | None:
    """The last line of the file `path` that a run's output names, and the error's first line
    after it ("" when none follows); None when the output never names the file."""
    found: tuple[int, str] | None = None
    for text in output.splitlines():
        place = place_in(text)
        if place is not None and (place.path == path or place.path.endswith(f"/{path}")):
            found = place.line, ""
        elif found is not None and not found[1] and text.startswith("E  "):
            found = found[0], text[3:].strip()
    return found
