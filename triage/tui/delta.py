"""Writes to the terminal only the cells that changed since it was last written to.

Textual 8.2.8 sends every line that a widget draws anew, each piece with its full style and a
reset behind it. Over SSH that is most of what a key press costs. Here the lines as the terminal
shows them are remembered, and an update becomes the differences: as curses does it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from rich.cells import cell_len, split_graphemes
from rich.color import Color, ColorSystem
from rich.console import Console
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate  # what App._display is handed
from textual.strip import Strip

from triage.tui.inks import short
from triage.tui.text import is_narrow

GAP = 4
"""Unchanged cells between two changes that are written again, because moving over them costs as much."""

ERASE = 12
"""Blanks from which on erasing costs less than writing them."""

PLAIN = Style.null()
OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "21": "24", "5": "25", "6": "25", "7": "27", "8": "28", "9": "29"}
LINES = frozenset({"4", "7", "9", "21", "51", "52", "53"})
_CODES = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")  # by Rich's attribute bits


@dataclass(frozen=True, slots=True)
class Look:
    """What a style asks of the terminal: SGR codes of its attributes and of its two colours."""

    attributes: frozenset[str]
    front: str
    back: str

    @property
    def lines(self) -> bool:
        """Whether a blank shows more than its background."""
        return not self.attributes.isdisjoint(LINES)

    def blank_as(self, other: Look) -> bool:
        """Whether a blank looks the same in both."""
        return self.back == other.back and not self.lines and not other.lines

    def after(self, other: Look) -> str:
        """The escape sequence that turns `other` into this; "" when they are the same."""
        if self is other or self == other:
            return ""
        codes: list[str] = []
        gone, come = other.attributes - self.attributes, self.attributes - other.attributes
        if gone - OFF.keys() or self == NOTHING:
            return "\x1b[0m" + self.after(NOTHING)
        if gone:
            off = {OFF[code] for code in gone}
            codes += sorted(off)
            # Bold and dim end with one code, as do the two kinds of underline.
            come |= {code for code in self.attributes if OFF.get(code) in off}
        codes += sorted(come)
        if self.front != other.front:
            codes.append(self.front or "39")
        if self.back != other.back:
            codes.append(self.back or "49")
        return f"\x1b[{';'.join(codes)}m"


NOTHING = Look(frozenset(), "", "")


@lru_cache(4096)
def _one(attributes: frozenset[str], front: str, back: str) -> Look:
    """The same object for the same look: they are compared a cell at a time."""
    return Look(attributes, front, back) if attributes or front or back else NOTHING


@lru_cache(4096)
def look(style: Style, colours: ColorSystem | None) -> Look:
    """What `style` asks of a terminal with this many colours. Links and meta data are left out."""
    if colours is None:
        style = style.without_color
        colours = ColorSystem.STANDARD
    bits = style._attributes & style._set_attributes
    front = _front(style.color, colours) if style.color else ()
    back = style.bgcolor.downgrade(colours).get_ansi_codes(foreground=False) if style.bgcolor else ()
    return _one(
        frozenset(code for bit, code in enumerate(_CODES) if bits & (1 << bit)), ";".join(front), ";".join(back)
    )


def _front(colour: Color, colours: ColorSystem) -> tuple[str, ...]:
    """The code of a letter's colour."""
    brief = short(colour) if colours is ColorSystem.TRUECOLOR and colour.triplet is not None else None
    return (brief or colour.downgrade(colours)).get_ansi_codes()


@dataclass(slots=True)
class Line:
    """One line of the terminal by cells. A wide character is followed by ""; `odd`: it holds
    characters whose width terminals disagree about, so that only the whole line can be trusted."""

    texts: list[str]
    looks: list[Look]
    odd: bool = False


@dataclass
class Delta:
    """What the terminal shows, and how to make it show something else."""

    colours: ColorSystem | None = ColorSystem.TRUECOLOR
    """None: no colours at all, only bold, dim, reverse and the like (NO_COLOR)."""

    erases: bool = field(default_factory=lambda: not os.environ.get("STY"))  # GNU screen erases to its own colour
    _lines: list[Line | None] = field(default_factory=list)
    _width: int = 0

    def forget(self) -> None:
        """The terminal shows something else now: all that comes next is written in full."""
        self._lines = []

    def encode(self, update: CompositorUpdate, width: int, height: int) -> str | None:
        """The sequence that brings a terminal of `width` by `height` cells up to date: "" when
        nothing changed, None for a kind of update that is not known (nothing is remembered then)."""
        if (width, height) != (self._width, len(self._lines)):
            self._lines = [None] * height
            self._width = width
        written: list[str] = []
        now = NOTHING
        if isinstance(update, LayoutUpdate):
            parts = _of_layout(update)
        elif isinstance(update, ChopsUpdate):
            parts = _of_chops(update)
        else:
            self.forget()
            return None
        for y, pieces in parts:
            if 0 <= y < height:
                now = self._line(y, pieces, written, now)
        if now != NOTHING:
            written.append("\x1b[0m")
        return "".join(written)

    def _line(self, y: int, pieces: Sequence[tuple[int, Strip]], written: list[str], now: Look) -> Look:
        old = self._lines[y]
        texts = [""] * self._width if old is None else old.texts.copy()
        looks = [NOTHING] * self._width if old is None else old.looks.copy()
        odd = False
        spans = []
        for x, strip in pieces:
            odd |= self._place(x, strip, texts, looks)
            spans.append((x, min(x + strip.cell_length, self._width)))
        del texts[self._width :], looks[self._width :]
        if old is None:
            # Of what else is on this line nothing is known: it stays as it is.
            if sum(end - start for start, end in spans) >= self._width:
                self._lines[y] = Line(texts, looks, odd)
        elif texts == old.texts and looks == old.looks:
            return now
        else:
            if odd := odd or (old.odd and not all(map(is_narrow, texts))):
                _mend(texts)
            spans = [(0, self._width)] if odd or old.odd else list(_changes(old, texts, looks))
            self._lines[y] = Line(texts, looks, odd)
        for start, end in spans:
            written.append(f"\x1b[{y + 1};{start + 1}H")
            now = self._run(texts, looks, start, end, written, now)
        return now

    def _place(self, x: int, strip: Strip, texts: list[str], looks: list[Look]) -> bool:
        """Put a strip's cells at `x`; whether any of them is odd."""
        odd = False
        for text, style, control in strip._segments:
            if control or not text:
                continue
            seen = look(style or PLAIN, self.colours)
            if is_narrow(text):
                cells: list[str] | str = text
            else:
                odd = True
                cells = []
                for first, last, size in split_graphemes(text)[0]:
                    if size:
                        cells += [text[first:last], *[""] * (size - 1)]
                    elif cells:
                        cells[-1] += text[first:last]
            count = len(cells)
            texts[x : x + count] = cells
            looks[x : x + count] = [seen] * count
            x += count
        return odd

    def _run(self, texts: list[str], looks: list[Look], start: int, end: int, written: list[str], now: Look) -> Look:
        at = start
        while at < end:
            seen = looks[at]
            stop = at + 1
            while stop < end and looks[stop] is seen:
                stop += 1
            text = "".join(texts[at:stop])
            bare = text.rstrip(" ")
            blanks = len(text) - len(bare)
            if bare or not seen.blank_as(now):
                written.append(seen.after(now))
                now = seen
            if blanks >= ERASE and self.erases and not now.lines:
                written.append(f"{bare}\x1b[{blanks}X")
                if stop < end:
                    written.append(f"\x1b[{blanks}C")
            else:
                written.append(text)
            at = stop
        return now


class Encoded(CompositorUpdate):
    """An update that is a sequence for the terminal already."""

    def __init__(self, sequence: str) -> None:
        self.sequence = sequence

    def render_segments(self, console: Console) -> str:
        return self.sequence


def _mend(texts: list[str]) -> None:
    """Blank the halves of wide characters whose other half was written over, as terminals do."""
    wide = [not is_narrow(text) and cell_len(text) > 1 for text in texts]
    for at, text in enumerate(texts):
        halved = texts[at + 1 : at + 2] != [""] if wide[at] else not text and not (at and wide[at - 1])
        if halved:
            texts[at] = " "


def _changes(old: Line, texts: list[str], looks: list[Look]) -> Iterator[tuple[int, int]]:
    """The spans of cells that differ, those close together as one."""
    start = end = -1
    before, shown = old.texts, old.looks
    for at in range(len(texts)):
        if texts[at] != before[at] or (
            looks[at] is not shown[at] and not (texts[at] == " " and looks[at].blank_as(shown[at]))
        ):
            if start >= 0 and at - end > GAP:
                yield start, end
                start = at
            elif start < 0:
                start = at
            end = at + 1
    if start >= 0:
        yield start, end


def _of_layout(update: LayoutUpdate) -> Iterator[tuple[int, list[tuple[int, Strip]]]]:
    for y, strips in enumerate(update.strips, update.region.y):
        pieces, x = [], update.region.x
        for strip in strips:
            pieces.append((x, strip))
            x += strip.cell_length
        yield y, pieces


def _of_chops(update: ChopsUpdate) -> Iterator[tuple[int, list[tuple[int, Strip]]]]:
    """As `ChopsUpdate.render_segments` goes through them, but by line."""
    for y, first, last in update.spans:
        pieces = [
            (x, strip if end <= last else strip.crop(0, last - x))
            for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False)
            if strip is not None and x <= last and end > first
        ]
        yield y, pieces
