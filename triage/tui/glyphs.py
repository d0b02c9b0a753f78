"""The signs on the screen, in Unicode and, for terminals without it, in ASCII."""

import locale
import os
from collections.abc import Mapping


class Glyphs:
    """The signs of a terminal with Unicode, each one cell wide. `bars` are signs by height."""

    cursor: str = "▌"
    marked: str = "✓"
    unseen: str = "•"
    fatal: str = "✖"
    error: str = "●"
    warning: str = "▲"
    info: str = "○"
    debug: str = "·"
    bars: str = " _▂▃▄▅▆▇█"  # the base line is most of it: one byte, not three
    up: str = "↑"
    down: str = "↓"
    yes: str = "✓"
    no: str = "✗"
    unknown: str = "·"
    regressed: str = "↻"
    uncovered: str = "◌"
    draft: str = "✎"
    proven: str = "◆"
    skeleton: str = "◇"
    pull: str = "⇡"
    arrow: str = "→"
    open: str = "▾"
    closed: str = "▸"
    dot: str = "·"
    bar: str = "│"
    rule: str = "─"
    branch: str = "├"
    corner: str = "└"
    spinner: str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
    ellipsis: str = "…"
    crash: str = "▶"
    live: str = "●"


class Ascii(Glyphs):
    """The same in ASCII."""

    cursor = ">"
    marked = "*"
    unseen = "+"
    fatal = "X"
    error = "E"
    warning = "W"
    info = "i"
    debug = "."
    bars = " ..::++##"
    up = "^"
    down = "v"
    yes = "y"
    no = "x"
    unknown = "."
    regressed = "R"
    uncovered = "U"
    draft = "d"
    proven = "D"
    skeleton = "s"
    pull = "P"
    arrow = ">"
    open = "-"
    closed = "+"
    dot = "-"
    bar = "|"
    rule = "-"
    branch = "|"
    corner = "`"
    spinner = "|/-\\"
    ellipsis = "~"
    crash = ">"
    live = "*"


ASCII = Ascii()
UNICODE = Glyphs()


def choose(environment: Mapping[str, str] | None = None) -> Glyphs:
    """ASCII when `TRIAGE_ASCII` is set, on the Linux console, or where the locale is not UTF-8."""
    environment = os.environ if environment is None else environment
    if environment.get("TRIAGE_ASCII") or environment.get("TERM") in ("linux", "dumb"):
        return ASCII
    named = environment.get("LC_ALL") or environment.get("LC_CTYPE") or environment.get("LANG")
    encoding = named if named and "." in named else locale.getpreferredencoding(False)
    # The C locale says ASCII though Python runs in UTF-8 mode there, as terminals in containers do.
    return UNICODE if "utf" in encoding.lower() or not named or named in ("C", "POSIX") else ASCII


GLYPHS = choose()
