"""Python source as runs of ink, line by line."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import category

from rich.cells import cell_len

from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run

MOST = 200_000
UNSEEN = "\ufffd"
_UNSEEN = re.compile(r"[^\n\x20-\x7e\xa1-\xac\xae-\u02ff]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
BREAKS = " ,([{.=/:"


@lru_cache(maxsize=64)
def plain_source(source: str) -> str:
    """`source` line for line as it can be shown: tabs as blanks, and what cannot be seen (escapes,
    controls, bidi marks) as a sign that can, so that nothing hides from a reader."""
    text = source.replace("\r\n", "\n").expandtabs(4)
    return _UNSEEN.sub(lambda match: UNSEEN if category(match[0]) in _INVISIBLE else match[0], text)


@lru_cache(maxsize=64)
def inked_source(source: str) -> tuple[tuple[Run, ...], ...]:
    """The lines of `source`, each as runs. Beyond MOST characters nothing is coloured."""
    if len(source) > MOST:
        return tuple(((clean(line), "text"),) for line in source.splitlines())
    from pygments.lexers.python import PythonLexer
    from pygments.token import Comment, Keyword, Name, Number, Operator, String

    inks = (
        (Keyword, "keyword"),
        (Operator.Word, "keyword"),
        (Comment, "comment"),
        (String, "string"),
        (Number, "number"),
        (Name.Function, "function"),
        (Name.Class, "function"),
        (Name.Decorator, "function"),
    )
    lines: list[list[Run]] = [[]]
    for kind, text in PythonLexer(ensurenl=False, stripnl=False).get_tokens(source):
        # A token type contains its subtypes; the stubs only know it as a tuple of words.
        ink = next((ink for token, ink in inks if kind in token), "text")  # type: ignore[comparison-overlap]
        for place, piece in enumerate(text.splitlines() if text.count("\n") == 0 else text.split("\n")):
            if place:
                lines.append([])
            if piece:
                lines[-1].append((clean(piece), ink))
    wanted = len(source.splitlines())
    while len(lines) < wanted:
        lines.append([])
    return tuple(tuple(line) for line in lines[: max(wanted, 1)])


def cut(runs: tuple[Run, ...], start: int, end: int) -> tuple[Run, ...]:
    """The characters from `start` to `end` of a line of runs."""
    kept: list[Run] = []
    at = 0
    for text, ink in runs:
        piece = text[max(0, start - at) : max(0, end - at)]
        if piece:
            kept.append((Clean(piece), ink))
        at += len(text)
    return tuple(kept)


def wrapped(runs: tuple[Run, ...], room: int) -> list[tuple[Run, ...]]:
    """A line of runs broken to `room` cells, after words where it can be; what goes on is indented."""
    text = "".join(piece for piece, _ in runs)
    if len(text) * 2 <= room or cell_len(text) <= room:
        return [runs]
    indent = min(len(text) - len(text.lstrip()) + 4, room // 2)
    lines: list[tuple[Run, ...]] = []
    at = 0
    while at < len(text):
        left = room - (indent if lines else 0)
        end = at + max(1, _fitting(text[at : at + left], left))
        if end < len(text):
            place = max(text.rfind(sign, at + left * 3 // 5, end) for sign in BREAKS)
            end = place + 1 if place >= 0 else end
        piece = cut(runs, at, end)
        lines.append(((Clean(" " * indent), "text"), *piece) if lines else piece)
        at = end
    return lines


def _fitting(text: str, cells: int) -> int:
    """How many of its characters fit."""
    if text.isascii():
        return min(len(text), cells)
    used = 0
    for place, char in enumerate(text):
        used += cell_len(char)
        if used > cells:
            return place
    return len(text)
