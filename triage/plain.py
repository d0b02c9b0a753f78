"""Outside text made safe for a terminal: no escapes, control characters or bidi tricks."""

import re

ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI
    r"|\x1b[\]PX^_][^\x1b\x07]{0,4096}(?:\x07|\x1b\\)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[@-Z\\-_]?"
)
CONTROLS = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)
LONGEST = 4_000


def plain(text: str, longest: int = LONGEST) -> str:
    """`text` without anything that a terminal would obey; newlines and tabs stay.

    Longer text than `longest` characters is cut before any pattern sees it and ends in "…".
    """
    cut = text if len(text) <= longest else text[:longest] + "…"
    return CONTROLS.sub("", ESCAPES.sub("", cut.replace("\r\n", "\n")))


def one_line(text: str, longest: int = LONGEST) -> str:
    """The same on one line: line breaks and tabs become single spaces."""
    return " ".join(plain(text, longest).split())
