"""The one door for outside text onto the screen: plain, on one line, of bounded length.

Everything that a stranger wrote (titles, paths, values, output, model text) passes through
`clean` or `literal` before a widget sees it. What comes out holds no markup, no escape
sequences, no control or bidi characters, and nothing whose width terminals disagree about.
"""

import re
from typing import NewType

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from triage.domain.outside import printable
from triage.tui.glyphs import GLYPHS

Clean = NewType("Clean", str)
"""Text that went through `clean`: the only kind that line widgets accept."""

LIMIT = 2_000
TAB = 4
RETURN = " ⏎ "

_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
_SELECTORS = re.compile("[\u034f\ufe00-\ufe0f]")  # terminals disagree about their width
_MARK = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED_MARKS = re.compile(f"({_MARK}{{3}}){_MARK}+")

# Latin, dashes and quotes, arrows, boxes, blocks, braille and our own signs: one cell each.
_NARROW = re.compile("[\x20-\x7e\xa1-\xac\xae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff✓✗✎✖◆◌⇡⏎]*")


def clean(text: str, limit: int = LIMIT) -> Clean:
    """`text` on one line as plain characters, at most `limit` of them ("…" ends a cut one).

    Line breaks show as "⏎", tabs become spaces, what cannot be seen is dropped.
    """
    if len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if text.isascii() and text.isprintable():
        return Clean(text)
    text = printable(_LINE_BREAK.sub("\n", text)).expandtabs(TAB).replace("\n", RETURN)
    if text.isascii():
        return Clean(text)
    return Clean(_STACKED_MARKS.sub(r"\1", _SELECTORS.sub("", text)))


def clean_lines(text: str, limit: int = LIMIT, most: int = 5_000) -> list[Clean]:
    """The lines of `text`, each cleaned; past `most` lines one more says how many are left out."""
    lines = text.replace("\r\n", "\n").split("\n")
    shown = [clean(line, limit) for line in lines[:most]]
    if len(lines) > most:
        shown.append(Clean(f"… {len(lines) - most:,} more lines"))
    return shown


def literal(text: str, style: str = "", limit: int = LIMIT) -> Content:
    """Outside text as content for a widget that takes one (Static, notify, tooltip, border)."""
    cleaned = clean(text, limit)
    return Content.styled(cleaned, style) if style else Content(cleaned)


def literal_lines(text: str, limit: int = LIMIT, most: int = 200) -> Content:
    """The same over several lines."""
    return Content("\n".join(clean_lines(text, limit, most)))


def is_narrow(text: str) -> bool:
    """Whether every character surely takes one cell, on any terminal."""
    return text.isascii() or _NARROW.fullmatch(text) is not None


def width(text: Clean) -> int:
    """Cells that the text takes."""
    # Rich's table of widths takes a while to load: not for text that surely has one cell a character.
    return len(text) if is_narrow(text) else cell_len(text)


def fit(text: Clean, cells: int, ellipsis: str = GLYPHS.ellipsis) -> Clean:
    """Exactly `cells` wide: padded with spaces, or cut and ended with `ellipsis`."""
    if cells <= 0:
        return Clean("")
    size = width(text)
    if size == cells:
        return text
    if size < cells:
        return Clean(text + " " * (cells - size))
    if cells == 1:
        return Clean(ellipsis)
    if size == len(text):  # one cell a character
        return Clean(text[: cells - 1] + ellipsis)
    return Clean(set_cell_size(text, cells - 1) + ellipsis)


def fit_end(text: Clean, cells: int, ellipsis: str = GLYPHS.ellipsis) -> Clean:
    """Like `fit`, but cuts at the start: for paths, whose end says most."""
    if width(text) <= cells:
        return fit(text, cells)
    kept = text
    while kept and width(Clean(kept)) > cells - 1:
        kept = Clean(kept[max(1, (width(Clean(kept)) - cells + 1) // 2) :])
    return fit(Clean(ellipsis + kept), cells)


def right(text: Clean, cells: int) -> Clean:
    """Exactly `cells` wide, aligned right."""
    size = width(text)
    return Clean(" " * (cells - size) + text) if size < cells else fit(text, cells)


def wrap(text: Clean, cells: int, most: int = 8) -> list[Clean]:
    """Broken at spaces (long words anywhere) into at most `most` lines of `cells`."""
    lines: list[Clean] = []
    rest = text.strip()
    while rest and len(lines) < most:
        if width(Clean(rest)) <= cells:
            lines.append(Clean(rest))
            break
        cut = set_cell_size(rest, max(1, cells)).rstrip()
        space = cut.rfind(" ") if rest[len(cut) : len(cut) + 1] != " " else len(cut)
        cut = cut[:space] if space > cells // 3 else (cut or rest[:1])
        lines.append(Clean(cut))
        rest = rest[len(cut) :].lstrip()
    else:
        if rest and lines:
            lines[-1] = fit(Clean(lines[-1] + "…"), min(cells, width(lines[-1]) + 1))
    return lines or [Clean("")]
