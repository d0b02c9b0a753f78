"""The shape that nearly all tracebacks in logs have, recognised without decoding it.

A record line, an unprefixed traceback (or chain of them), the next record. A traceback whose
head was parsed before is compared byte by byte, so only its last message and the record line
are read. What comes out is what the full parser makes of the same bytes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from triage.domain.event import Event, Level
from triage.domain.incoming import IncomingEvent, Kind
from triage.sources.incoming import SEARCH, TITLE, incoming, one_line, search_text
from triage.sources.log_context import read_context, split_logger
from triage.sources.log_lines import MARKER
from triage.sources.log_record import parse_traceback
from triage.sources.sdk import content_id

MAX_MEMO = 5_000
MAX_CANDIDATES = 16
MAX_MESSAGE = 4_000
_MARKER = MARKER.encode()
_KEY_START = len(MARKER) + 2
_KEY_LENGTH = 300

_ONE = rb"Traceback \(most recent call last\):\n(?:  [^\n]{0,4000}\n){1,500}[A-Za-z_][\w.]{0,300}(?:: [^\n]{0,4000})?\n"
_SEPARATOR = (
    rb"(?:The above exception was the direct cause of the following exception"
    rb"|During handling of the above exception, another exception occurred):"
)
_NEXT = rb"(?=\d{4}-\d\d-\d\d[T ]\d\d|\[\d{4}-\d\d|(?:DEBUG|INFO|WARNING|ERROR|CRITICAL)[: ]|\Z)"
_NEXT_RECORD = re.compile(_NEXT)
_PLAIN = re.compile(_ONE + rb"(?:\n" + _SEPARATOR + rb"\n\n" + _ONE + rb")*" + _NEXT)
_USUAL_RECORD = re.compile(
    rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{3}(?:\d{3})?)?) (ERROR|CRITICAL|WARNING|INFO|DEBUG)( [ -~]{1,400})\n"
)
_WORDS = {
    b"CRITICAL": Level.FATAL.value,
    b"ERROR": Level.ERROR.value,
    b"WARNING": Level.WARNING.value,
    b"INFO": Level.INFO.value,
    b"DEBUG": Level.DEBUG.value,
}


@dataclass(frozen=True, slots=True)
class _Known:
    """A traceback that was parsed before: its bytes up to the last exception's type."""

    head: bytes
    type: str
    fingerprint: str
    culprit: str


@dataclass(frozen=True, slots=True)
class Plain:
    """A traceback from `start` (of its window) to `end`; `known` when its head was seen before."""

    end: int
    known: _Known | None = None
    message: bytes = b""


class PlainTracebacks:
    """Recognises plain tracebacks and remembers them. `fallback`: see LogReader."""

    def __init__(self, fallback: datetime) -> None:
        self._fallback = fallback
        self._memo: dict[bytes, list[_Known]] = {}
        self._size = 0

    def match(self, window: bytes, hit: int) -> Plain | None:
        """The plain traceback at `hit`; None when there is none, or it may be more than that."""
        start = hit + _KEY_START
        for known in self._memo.get(window[start : start + _KEY_LENGTH], ()):
            if window.startswith(known.head, hit):
                after = hit + len(known.head)
                end = window.find(b"\n", after, after + MAX_MESSAGE) + 1
                if end and window.startswith((b": ", b"\n"), after) and _NEXT_RECORD.match(window, end):
                    return Plain(end, known, window[after + 2 : end - 1])
        found = _PLAIN.match(window, hit)
        return Plain(found.end()) if found else None

    def known_rows(self, window: bytes, at: int, base: int, consumed: int) -> Iterator[tuple[int, IncomingEvent]]:
        """The rows from `at` on, each with where it ends, as long as one known traceback under a
        usual record line follows another; what comes next is for `match` and the full parser.

        `base` is where the window starts in the log, `consumed` up to where others have taken it.
        """
        find, remembered, usual_record, next_record = window.find, self._memo, _USUAL_RECORD.match, _NEXT_RECORD.match
        while (hit := find(_MARKER, at)) > 0:
            key = hit + _KEY_START
            for known in remembered.get(window[key : key + _KEY_LENGTH], ()):
                if window.startswith(known.head, hit):
                    break
            else:
                return
            after = hit + len(known.head)
            end = find(b"\n", after, after + MAX_MESSAGE) + 1
            start = window.rfind(b"\n", 0, hit - 1) + 1
            usual = usual_record(window, start, hit)
            if (
                usual is None
                or usual.end() != hit
                or base + start < consumed
                or not end
                or end == len(window)
                or not window.startswith((b": ", b"\n"), after)
                or not next_record(window, end)
            ):
                return
            stamp, word, rest = usual.groups()
            when = _moment(stamp)
            if when is None:
                return
            title, search = _words(known, window[after + 2 : end - 1], rest)
            raw = window[start:end]
            yield (
                end,
                IncomingEvent(
                    content_id(raw, str(base + hit)),
                    known.fingerprint,
                    Kind.TRACEBACK,
                    raw,
                    title,
                    known.culprit,
                    _WORDS[word],
                    when,
                    source="log",
                    search=search,
                ),
            )
            at = end
            consumed = base + end

    def row(self, window: bytes, start: int, hit: int, plain: Plain, position: str) -> IncomingEvent:
        """The row of the record from `start` (the record line's, or the traceback's own)."""
        raw = window[start : plain.end]
        known = plain.known
        if known is None:
            return self._learn(raw, window[hit : plain.end], position)
        usual = _USUAL_RECORD.match(window, start, hit)
        when = _moment(usual[1]) if usual is not None and usual.end() == hit else None
        if usual is not None and when is not None:
            _, word, rest = usual.groups()
            severity = _WORDS[word]
            title, search = _words(known, plain.message, rest)
        else:
            title = _title(known, plain.message)
            lines = [] if start == hit else [window[start : hit - 1].decode("utf-8", "replace").rstrip("\r")]
            said = read_context(lines, self._fallback)
            severity = (said.level or Level.ERROR).value
            when = said.when
            search = search_text(title, known.culprit, None, said.message, {})
        return IncomingEvent(
            event_id=content_id(raw, position),
            fingerprint=known.fingerprint,
            kind=Kind.TRACEBACK,
            raw=raw,
            title=title,
            culprit=known.culprit,
            level=severity,
            occurred_at=when or self._fallback,
            source="log",
            search=search,
        )

    def _learn(self, raw: bytes, block: bytes, position: str) -> IncomingEvent:
        """The row by way of the full parser; remembered when the next one can be told from its bytes."""
        event = parse_traceback(raw, self._fallback)
        row = incoming(event, raw, Kind.TRACEBACK, event_id=content_id(raw, position))
        last = block.rindex(b"\n", 0, len(block) - 1) + 1
        name, _, message = block[last:-1].partition(b": ")
        top = event.exceptions[-1]
        if _follows(row, event, message.decode("utf-8", "replace")) and b"\x1b" not in raw:
            if self._size >= MAX_MEMO:
                self._memo.clear()
                self._size = 0
            self._size += 1
            candidates = self._memo.setdefault(block[_KEY_START : _KEY_START + _KEY_LENGTH], [])
            candidates.insert(0, _Known(block[: last + len(name)], top.type, row.fingerprint, row.culprit))
            del candidates[MAX_CANDIDATES:]
        return row


def _moment(stamp: bytes) -> datetime | None:
    """None for a time that cannot be, such as a 30th of February."""
    try:
        return datetime.fromisoformat(stamp.decode() + "+00:00")
    except ValueError:
        return None


def _title(known: _Known, message: bytes) -> str:
    said = message.decode("utf-8", "replace")
    title = f"{known.type}: {said}" if said else known.type
    if len(title) > TITLE or not (title.isascii() and title.isprintable()):
        title = one_line(title.rstrip("\r"))
    return title


def _words(known: _Known, message: bytes, rest: bytes) -> tuple[str, str]:
    """Title and search text of a known traceback; `rest` is what follows the level on its record line."""
    title = _title(known, message)
    search = f"{title} {known.culprit} {split_logger(rest.decode())[1]}".rstrip()
    return title, search if len(search) <= SEARCH else one_line(search, SEARCH)


def _follows(row: IncomingEvent, event: Event, message: str) -> bool:
    """Whether title and grouping follow from the head and the last message alone."""
    top = event.exceptions[-1]
    expected = f"{top.type}: {message}" if message else top.type
    return bool(top.frames) and event.crash is top and row.title == one_line(expected) and message == top.value
