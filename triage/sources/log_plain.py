"""Tracebacks that were seen before, recognised without decoding them.

A traceback whose head was parsed before is compared byte by byte, so only its last message and
the record line are read. What comes out is what the full parser makes of the same bytes.
"""

from dataclasses import dataclass
from datetime import datetime

from triage.domain.event import Event
from triage.domain.incoming import IncomingEvent, Kind
from triage.sources.incoming import SEARCH, TITLE, incoming, one_line
from triage.sources.log_lines import MARKER
from triage.sources.log_prefixed import Prefixed
from triage.sources.log_record import parse_traceback
from triage.sources.log_said import Said, said, usual_record
from triage.sources.log_shapes import AFTER_GROUP, GROUP_MARGIN, NEXT, RECORD, TAIL, block
from triage.sources.sdk import content_id

MAX_MEMO = 5_000
MAX_CANDIDATES = 16
MAX_MESSAGE = 4_000
MAX_RECORD_LINE = 64_000
_NEWLINE = 10
_MARKER = MARKER.encode()
_KEY_START = len(MARKER) + 2
_KEY_LENGTHS = (300, 100, 30)
_SEPARATED = (b"following exception:", b"exception occurred:")
_BLOCK = block()


@dataclass(frozen=True, slots=True)
class _Known:
    """A traceback that was parsed before: its bytes up to the last exception's type.

    With a `title` they are all of its bytes, for those whose title is not their last line.
    """

    head: bytes
    type: str
    fingerprint: str
    culprit: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Plain:
    """A traceback that was seen before, up to `end` (of its window), and its message."""

    end: int
    known: _Known
    message: bytes = b""


class PlainTracebacks:
    """Recognises plain tracebacks and remembers them. `fallback`: see LogReader."""

    def __init__(self, fallback: datetime) -> None:
        self._fallback = fallback
        self._memo: dict[bytes, list[_Known]] = {}
        self._size = 0

    def known(self, window: bytes, start: int) -> Plain | None:
        """The traceback with its header at `start`, when it was seen before."""
        key = start + _KEY_START
        for length in _KEY_LENGTHS:
            for known in self._memo.get(window[key : key + length], ()):
                if window.startswith(known.head, start) and (plain := _ending(window, start, known)):
                    return plain
        return None

    def found(self, window: bytes, hit: int, base: int, floor: int) -> tuple[int, IncomingEvent] | None:
        """Where the plain traceback with its marker at `hit` ends, and its row; None when there is
        none, or it may be more than that.

        `base` is where the window starts in the log; lines above belong to it from `floor` on.
        """
        start = hit
        if hit and window[hit - 1] != _NEWLINE and window.startswith(GROUP_MARGIN, max(0, hit - len(GROUP_MARGIN))):
            start -= len(GROUP_MARGIN)
        line = start
        if start and window[start - 1] != _NEWLINE:
            line = window.rfind(b"\n", max(0, hit - MAX_RECORD_LINE), start) + 1
            if start != hit or not _is_record_before(window, line, hit):
                return None
        plain = self.known(window, start)
        end = plain.end if plain else 0
        if plain is None:
            new = _BLOCK.match(window, start)
            if new is None:
                return None
            end, bare = new.end(), window[start : new.end(1) if new.end(1) >= 0 else new.end()]
        if plain is not None and line == start and start > floor:
            above = window.rfind(b"\n", floor, line - 1) + 1
            if above >= floor and (usual := usual_record(window, above, line)):
                return end, row_of(plain, window[above:end], str(base + line), usual, self._fallback)
        first = _record_start(window, line, floor)
        if first is None:
            return None
        if line != start:
            first, record = line, window[line:hit] + b"\n"
        else:
            record = window[first:line]
        raw = window[first:end]
        position = str(base + line)
        if plain is None:
            return end, self.learned(raw, bare, position)
        return end, row_of(plain, raw, position, said(record, self._fallback), self._fallback)

    def prefixed(self, window: bytes, found: Prefixed, position: str) -> IncomingEvent:
        """The row of a traceback that had prefixes."""
        start, text, end = found.record
        raw = window[start : found.end] if end == found.start else window[start:end] + window[found.start : found.end]
        plain = self.known(found.bare, 0)
        if plain is None or plain.end != len(found.bare):
            return self.learned(raw, found.head, position)
        context = said(window[text:end], self._fallback, found.prefix)
        return row_of(plain, raw, position, context, self._fallback)

    def learned(self, raw: bytes, bare: bytes, position: str) -> IncomingEvent:
        """The row by way of the full parser. It is remembered by `bare`, the traceback's own bytes
        up to the first line of its message, when the next one can be told from those."""
        event = parse_traceback(raw, self._fallback)
        row = incoming(event, raw, Kind.TRACEBACK, event_id=content_id(raw, position))
        top = event.exceptions[-1]
        if b"\x1b" in raw or top.type == "Unknown" or not top.frames:
            return row
        last = bare.rindex(b"\n", 0, len(bare) - 1) + 1
        name, _, message = bare[last:-1].partition(b": ")
        if _follows(row, event, message.decode("utf-8", "replace")):
            self._remember(_Known(bare[: last + len(name)], top.type, row.fingerprint, row.culprit))
        elif top.is_group:
            self._remember(_Known(bare, top.type, row.fingerprint, row.culprit, row.title))
        return row

    def _remember(self, known: _Known) -> None:
        if self._size >= MAX_MEMO:
            self._memo.clear()
            self._size = 0
        self._size += 1
        key = known.head[_KEY_START:]
        length = next((length for length in _KEY_LENGTHS if length <= len(key)), len(key))
        candidates = self._memo.setdefault(key[:length], [])
        candidates.insert(0, known)
        del candidates[MAX_CANDIDATES:]


def _ending(window: bytes, start: int, known: _Known) -> Plain | None:
    """`known` at `start` with what its message is there; None when it goes on otherwise."""
    after = start + len(known.head)
    if known.title:
        return Plain(after, known) if AFTER_GROUP.match(window, after) else None
    end = window.find(b"\n", after, after + MAX_MESSAGE) + 1
    if not end or not window.startswith((b": ", b"\n"), after):
        return None
    message = window[after + 2 : end - 1]
    if end == after + 1 and not "A" <= known.type[:1] <= "Z":
        return None  # a word alone on a line, which need not be an exception's name
    if NEXT.match(window, end):
        return Plain(end, known, message)
    tail = TAIL.match(window, end)
    return Plain(tail.end(), known, message) if tail else None


def row_of(plain: Plain, raw: bytes, position: str, context: Said, fallback: datetime) -> IncomingEvent:
    """The row of a traceback that was seen before."""
    known = plain.known
    title = known.title or _title(known, plain.message)
    search = f"{title} {known.culprit} {context.message[:500]}".rstrip()
    if len(search) > SEARCH or not (search.isascii() and search.isprintable()):
        search = one_line(search, SEARCH)
    return IncomingEvent(
        content_id(raw, position),
        known.fingerprint,
        Kind.TRACEBACK,
        raw,
        title,
        known.culprit,
        context.level,
        context.when or fallback,
        source="log",
        search=search,
    )


def _record_start(window: bytes, line: int, floor: int) -> int | None:
    """Where the record starts whose traceback's header line is at `line`: at the record line above
    (from `floor` on), or there itself; None when what is above may be a cause of it."""
    if line <= floor:
        return line
    above = window.rfind(b"\n", max(0, line - MAX_RECORD_LINE), line - 1) + 1
    if line - above > MAX_RECORD_LINE or window.find(b"\x1b", above, line) >= 0:
        return None
    if RECORD.match(window, above, line) and window[above] not in b"\r\n":
        return above if above >= floor and window.find(_MARKER, above, line) < 0 else line
    end = window[max(0, line - 200) : line].rstrip()
    return None if not end or end.endswith(_SEPARATED) else line


def _is_record_before(window: bytes, line: int, hit: int) -> bool:
    """Whether the header line holds the record's text as well, and a bare traceback follows it."""
    if not window.startswith(b':\n  File "', hit + len(_MARKER)) or hit - line > MAX_RECORD_LINE:
        return False
    text = window[line:hit]
    return not text.isspace() and b"\x1b" not in text and not text.endswith(b"Exception Group ")


def _title(known: _Known, message: bytes) -> str:
    first = message.decode("utf-8", "replace")
    if not (first.isascii() and first.isprintable()):
        first = (first.splitlines() or [""])[0]
    title = f"{known.type}: {first}" if first else known.type
    return title if len(title) <= TITLE and title.isascii() and title.isprintable() else one_line(title)


def _follows(row: IncomingEvent, event: Event, message: str) -> bool:
    """Whether title and grouping follow from the head and the last message alone."""
    top = event.exceptions[-1]
    expected = f"{top.type}: {message}" if message else top.type
    return event.crash is top and row.title == one_line(expected) and message == top.value.partition("\n")[0]
