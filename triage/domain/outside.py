"""Text from outside made printable: no escapes, no control, bidi or invisible characters."""

import re
import unicodedata

# CSI, OSC/DCS/PM/APC/SOS (ended by BEL or ST, or cut off), and two-character escapes.
ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x1b[ -/]*[0-~]?"
)
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SUSPECT = re.compile(r"[^\t\n\x20-\x7e\xa1-\xac\xae-\u02ff]")


def printable(text: str, *, limit: int | None = None) -> str:
    """`text` with terminal escapes and invisible characters removed; tab and newline stay.

    Carriage returns become newlines (CRLF one newline). What is longer than `limit`
    characters is cut, and the cut says how much is missing.
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = ESCAPES.sub("", text)
    text = _SUSPECT.sub(lambda match: "" if unicodedata.category(match[0]) in _INVISIBLE else match[0], text)
    if limit is not None and len(text) > limit:
        text = f"{text[:limit]} [{len(text) - limit} characters left out]"
    return text


def one_line(text: str, *, limit: int | None = None) -> str:
    """`printable` text on a single line, runs of white space as one blank."""
    if limit is not None:
        text = text[: limit * 8 + 1000]
    line = " ".join(printable(text).split())
    if limit is not None and len(line) > limit:
        return line[: max(limit - 1, 0)].rstrip() + "…"
    return line
