"""A long source file coloured a few lines at a time, when they come into view."""

from __future__ import annotations

import re
from unicodedata import category

# Here and not where it is used: the first file to be opened must not wait for it.
import pygments.lexers.python  # noqa: F401

from triage.domain.python_text import PythonText
from triage.tui.python_ink import UNSEEN, inked_source
from triage.tui.text import clean
from triage.tui.widgets.inked import Run

CHUNK = 48
FAR = 200
"""A string that began further above is not read from its start: it is a string in any case."""
LONGEST = 600
"""Characters of a line that are coloured; the screen is never that wide."""
_ODD = re.compile(r"[^\x20-\x7e\xa1-\xac\xae-\u02ff]")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class InkedFile:
    """The lines of a file as runs; what is not Python is not coloured."""

    def __init__(self, text: PythonText, python: bool = True) -> None:
        self._text = text
        self._python = python
        self._chunks: dict[int, tuple[tuple[Run, ...], ...]] = {}

    def line(self, number: int) -> tuple[Run, ...]:
        """One line, counted from 1."""
        place = (number - 1) // CHUNK
        chunk = self._chunks.get(place)
        if chunk is None:
            chunk = self._chunks[place] = self._ink(place * CHUNK + 1)
        return chunk[(number - 1) % CHUNK]

    def _ink(self, first: int) -> tuple[tuple[Run, ...], ...]:
        last = min(first + CHUNK - 1, len(self._text.lines))
        lines = [visible(line) for line in self._text.lines[first - 1 : last]]
        if not self._python:
            return tuple(((clean(line), "text"),) for line in lines)
        done: list[tuple[Run, ...]] = []
        start = first
        held = self._text.string_at(first)
        if held is not None:
            if first - held[0] <= FAR:
                start = held[0]
                lines = [visible(line) for line in self._text.lines[start - 1 : last]]
            else:
                inside = min(held[1], last) - first + 1
                done = [((clean(line), "string"),) for line in lines[:inside]]
                lines = lines[inside:]
        inked = inked_source("\n".join(lines)) if lines else ()
        made = [*done, *inked[first - start :]]
        made += [()] * (last - first + 1 - len(made))
        return tuple(made)


def visible(line: str) -> str:
    """A line as it can be shown: tabs as blanks, what cannot be seen as a sign that can."""
    line = line[:LONGEST].expandtabs(4)
    if line.isascii() and line.isprintable():
        return line
    return _ODD.sub(lambda match: UNSEEN if category(match[0]) in _INVISIBLE else match[0], line)
