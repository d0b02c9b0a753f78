"""Python source as runs of ink, line by line."""

from __future__ import annotations

from functools import lru_cache

from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run

MOST = 200_000


@lru_cache(maxsize=32)
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
