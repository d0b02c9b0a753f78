"""What the log says around a traceback: when, how bad, which logger, which message."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from triage.domain.event import Level
from triage.sources import values
from triage.sources.log_lines import LEVEL, TIMESTAMP

_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_LOWER_LEVEL = re.compile(
    r"(?:^|[\s\[(=\"|])(?P<level>trace|debug|info|notice|warn(?:ing)?|error|critical|fatal)(?:[\])\s:|\",]|$)", re.I
)
_LOGGER_AFTER = re.compile(
    r":(?P<a>[\w.]{1,200}):\s?|[\])]?\s+\[(?P<b>[\w.]{1,200})(?::\d+)?\]\s*|[\])]?\s*+(?P<c>\w++(?:\.\w++)++)(?::\d+)?\s*[:-]\s+"
    r"|[\])]?\s++(?P<d>\w++(?:\.\w++)++)(?::\d++)?\s+"
)
_LOGGER_BEFORE = re.compile(r"(?P<name>[\w.]{1,200}) - $")
_HEAD = 400
AROUND = " -:|])\t"


@dataclass(frozen=True, slots=True)
class Context:
    """What could be read; None and "" where the log does not say."""

    when: datetime | None = None
    level: Level | None = None
    logger: str | None = None
    message: str = ""


def read_context(lines: Sequence[str], fallback: datetime | None, prefix: str = "") -> Context:
    """Read the record line; `prefix`, which every line of the log has, may hold the time.

    `fallback` lends the year or day that short times lack.
    """
    text = " ".join([part for line in lines if (part := line[:4_000].strip())])
    stamp = TIMESTAMP.search(text, 0, _HEAD)
    outer = stamp or TIMESTAMP.search(prefix, 0, _HEAD)
    when = read_time(outer.group(), fallback) if outer else None
    if not text:
        found = LEVEL.search(prefix, 0, _HEAD)
        return Context(when, values.level(found["level"]) if found else None)
    found = LEVEL.search(text, 0, _HEAD)
    if found is None or not found["level"].isupper():
        found = _LOWER_LEVEL.search(text, 0, _HEAD) or found
    if found is None:
        rest = text[stamp.end() :] if stamp and stamp.start() < 3 else text
        return Context(when, None, None, rest.strip(" -:|]"))
    after = text[found.end("level") :]
    if text.endswith(" - ", 0, found.start("level")) and (
        before := _LOGGER_BEFORE.search(text[: found.start("level")])
    ):
        logger, message = before["name"], after.strip(AROUND)
    else:
        logger, message = split_logger(after)
    return Context(when, values.level(found["level"]), logger, message)


def split_logger(after: str) -> tuple[str | None, str]:
    """The logger's name and the message out of what follows the level."""
    named = _LOGGER_AFTER.match(after)
    if named is None:
        return None, after.strip(AROUND)
    return named["a"] or named["b"] or named["c"] or named["d"], after[named.end() :].strip(AROUND)


def read_time(stamp: str, fallback: datetime | None) -> datetime | None:
    """A log's timestamp in UTC; one without a zone counts as UTC."""
    first = stamp[0]
    try:
        if stamp[4:5] == "-":
            if len(stamp) < 27 and stamp[-1].isdigit() and "+" not in stamp and "-" not in stamp[10:]:
                return datetime.fromisoformat(stamp).replace(tzinfo=UTC)
            return values.moment(stamp.replace(" UTC", "Z"))
        if stamp[4:5] == "/":
            return values.moment(stamp.replace("/", "-"))
        if first.isdigit() and stamp[2:3] == "/":
            day, month, rest = stamp.split("/", 2)
            iso = f"{rest[:4]}-{_MONTHS[month]:02d}-{day}T{rest[5:13]}{rest[14:]}"
            return values.moment(iso)
        if first.isalpha():
            return _in_year(_MONTHS[stamp[:3]], int(stamp[4:6]), stamp[7:], fallback)
        if stamp[2:3] == ":":
            return _on_day(stamp, fallback)
    except (ValueError, KeyError):
        return None
    return values.moment(stamp)


def _in_year(month: int, day: int, clock: str, fallback: datetime | None) -> datetime | None:
    if fallback is None:
        return None
    found = values.moment(f"{fallback.year:04d}-{month:02d}-{day:02d}T{clock}")
    if found is not None and found > fallback + timedelta(days=2):
        found = values.moment(f"{fallback.year - 1:04d}-{month:02d}-{day:02d}T{clock}")
    return found


def _on_day(clock: str, fallback: datetime | None) -> datetime | None:
    if fallback is None:
        return None
    return values.moment(f"{fallback.astimezone(UTC):%Y-%m-%d}T{clock.replace(',', '.')}")
