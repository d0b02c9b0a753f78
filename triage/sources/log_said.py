"""What a record line says, read from its bytes where it has a usual form."""

import re
from datetime import datetime
from typing import NamedTuple

from triage.domain.event import Level
from triage.sources.log_context import AROUND, read_context, split_logger
from triage.sources.log_lines import LEVEL, MARKER

_USUAL = re.compile(
    rb"""\[?(?:
        (?P<stamp>\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{3}(?:\d{3})?)?)(?:Z|[ ]UTC|[ ]?\+00:?00)?
        (?: (?P<dashed>[ ]-[ ](?:(?P<logger>[\w.]{1,200})[ ]-[ ])?) | \]?(?:[ ]\[\d{1,9}\])?:?[ ]\[? )
      | (?=[A-Z]{4,8}[\])>:|\ ])
    )(?P<level>ERROR|CRITICAL|WARNING|INFO|DEBUG)(?P<rest>[^\w\n][ -~]{0,400})\n""",
    re.VERBOSE,
)
_CLOCK = re.compile(rb"\d\d:\d\d|\d{10}\.\d")
_WORDS = {
    b"CRITICAL": Level.FATAL.value,
    b"ERROR": Level.ERROR.value,
    b"WARNING": Level.WARNING.value,
    b"INFO": Level.INFO.value,
    b"DEBUG": Level.DEBUG.value,
}


class Said(NamedTuple):
    """A record line's level, when and with which message it came (None and "" where it does not say)."""

    level: str = Level.ERROR.value
    when: datetime | None = None
    message: str = ""


def said(line: bytes, fallback: datetime, prefix: bytes = b"") -> Said:
    """What a record line says, as `read_context` reads it. `prefix`: what every line of the log starts with."""
    if not line and not prefix:
        return Said()
    return usual_record(line, 0, len(line), prefix) or _read(line, fallback, prefix)


def usual_record(window: bytes, start: int, end: int, prefix: bytes = b"") -> Said | None:
    """What the record line from `start` to `end` says; None when it has no usual form."""
    found = _USUAL.fullmatch(window, start, end)
    if found is None:
        return None
    stamp, dashed, logger, word, rest = found.groups()
    when = None
    if stamp is not None:
        try:
            when = datetime.fromisoformat(stamp.decode() + "+00:00")
        except ValueError:  # a time that cannot be, such as a 30th of February
            return None
    elif prefix or _CLOCK.search(rest):
        return None
    text = rest.decode().rstrip()
    if MARKER in text:
        return None
    if dashed is None:
        return Said(_WORDS[word], when, split_logger(text)[1])
    if logger is not None and LEVEL.search(logger.decode()):
        return None
    return Said(_WORDS[word], when, text.strip(AROUND))


def _read(line: bytes, fallback: datetime, prefix: bytes) -> Said:
    lines = [line.decode("utf-8", "replace").rstrip("\r\n")] if line else []
    context = read_context(lines, fallback, prefix.decode("utf-8", "replace"))
    return Said((context.level or Level.ERROR).value, context.when, context.message)
