"""Finding tracebacks in a stream of log bytes, in constant memory.

The bytes are searched for the few words that every traceback has; only what surrounds a hit
is ever decoded. Identical tracebacks are parsed once.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from triage.domain.incoming import IncomingEvent, Kind
from triage.errors import BadInput
from triage.sources.incoming import incoming, one_line, search_text, short
from triage.sources.log_cut import LOOK_BACK, cut, unescaped
from triage.sources.log_json import Fields, Record, read_record, same_stream, wrapped_line
from triage.sources.log_lines import MARKER, is_header
from triage.sources.log_plain import PlainTracebacks
from triage.sources.log_prefixed import Prefixes
from triage.sources.log_record import MAX_LINE, clean_line, describe, json_object, parse_traceback
from triage.sources.sdk import content_id

CHUNK = 200_000
"""Bytes read at once: a window of this size stays in the processor's cache."""
MAX_RECORD = 5_000_000
MAX_BLOCK = 2_000_000
KEPT = 65_536
MAX_STACKS = 2_000
AHEAD = 8_000
"""Bytes that are read beyond a hit before it is looked at."""
EDGE = 200
"""Bytes beyond the end of a traceback that say whether it is the end."""

_MARKER = MARKER.encode()
_HEADER = _MARKER + b":\n"
_JSON_MARKERS = (b'"exc_type"', b'File \\"')


class Readable(Protocol):
    """A stream of bytes."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class _Found:
    """A record: its bytes, where it stood, where the search goes on."""

    raw: bytes
    offset: int
    resume: int


class KnownStacks:
    """Remembers the stacks of JSON records, so that each is parsed once."""

    def __init__(self, fallback: datetime) -> None:
        self._fallback = fallback
        self._rows: dict[str, IncomingEvent] = {}

    def row(self, record: Record, raw: bytes, position: str) -> IncomingEvent | None:
        """The row of a record with a complete stack in text; None for others, and for what cannot be read."""
        if MARKER not in record.stack:
            return None
        known = self._rows.get(record.stack)
        if known is None:
            try:
                event = parse_traceback(raw, self._fallback)
            except BadInput:
                return None
            row = incoming(event, raw, Kind.TRACEBACK, event_id=content_id(raw, position))
            if event.exceptions[-1].type != "Unknown":
                if len(self._rows) >= MAX_STACKS:
                    self._rows.clear()
                self._rows[record.stack] = row
            return row
        said = describe(record)
        return IncomingEvent(
            event_id=content_id(raw, position),
            fingerprint=known.fingerprint,
            kind=Kind.TRACEBACK,
            raw=raw,
            title=known.title,
            culprit=known.culprit,
            level=said.level.value,
            occurred_at=said.when or self._fallback,
            source="log",
            service=short(said.service),
            environment=short(said.environment),
            release=short(said.release),
            search=search_text(known.title, known.culprit, None, said.message, {}),
        )


class _NeedMore(Exception):
    """The record may go on beyond the window."""


class LogReader:
    """One pass over one log.

    `fallback` is the time of events whose log gives none (the file's own time). `warn` gets
    one line for each record that had to be left out.
    """

    def __init__(
        self, stream: Readable, fallback: datetime, warn: Callable[[str], None], *, json_records: bool = False
    ) -> None:
        self._stream = stream
        self._fallback = fallback
        self._warn = warn
        self._markers = (_MARKER, *_JSON_MARKERS) if json_records else (_MARKER,)
        self._window = b""
        self._base = 0
        self._end = False
        self._consumed = 0
        self._taken: set[int] = set()
        self._hits: dict[bytes, int] = {}
        self._plains = PlainTracebacks(fallback)
        self._prefixes = Prefixes()
        self._stacks = KnownStacks(fallback)

    def events(self) -> Iterator[IncomingEvent]:
        """Every traceback, in the order in which they start."""
        at = 0
        self._fill(0)
        while True:
            hit = self._next(at)
            if hit < 0:
                if self._end:
                    return
                at = self._fill(max(at, len(self._window) - len(_MARKER)))
                continue
            if not self._end and hit + AHEAD > len(self._window):
                at = self._fill(hit)
                continue
            try:
                found = (None if self._taken else self._plain(hit)) or self._record(hit)
            except _NeedMore:
                at = self._fill(hit)
                continue
            if isinstance(found, IncomingEvent):
                at = self._consumed - self._base
                yield found
                continue
            at = max(found.resume, hit + 1)
            if found.raw and (event := self._event(found)) is not None:
                yield event

    # The window

    def _fill(self, at: int) -> int:
        """Drop what lies well before `at`, read on; returns where `at` is now."""
        line = self._window.rfind(b"\n", max(0, at - MAX_RECORD), at) + 1
        keep = max(0, min(line, at) - KEPT)
        if at - line > KEPT:
            keep = max(0, line, at - MAX_RECORD)
        kept = self._window[keep:]
        more = self._stream.read(max(CHUNK, len(kept)))
        self._end = not more
        self._window = kept + more
        self._base += keep
        self._hits.clear()
        if self._taken:
            self._taken = {start for start in self._taken if start >= self._base}
        return at - keep

    def _next(self, at: int) -> int:
        """The next marker from `at` on, -1 when there is none; each marker's last hit is kept."""
        if len(self._markers) == 1:
            return self._window.find(_MARKER, at)
        first = -1
        for marker in self._markers:
            hit = self._hits.get(marker, -1)
            if hit < at:
                hit = self._window.find(marker, at)
                self._hits[marker] = hit if hit >= 0 else len(self._window)
            if 0 <= hit < len(self._window) and (first < 0 or hit < first):
                first = hit
        return first

    def _line_start(self, at: int) -> int:
        start = self._window.rfind(b"\n", max(0, at - MAX_RECORD), at)
        if start >= 0:
            return start + 1
        return 0 if at <= MAX_RECORD else at - MAX_LINE

    def _line_end(self, at: int) -> int:
        """Behind the newline of the line that holds `at`, or the end of the window."""
        end = self._window.find(b"\n", at)
        return end + 1 if end >= 0 else len(self._window)

    def _text(self, start: int, end: int) -> str:
        return clean_line(self._window[start : min(end, start + 4 * MAX_LINE)].decode("utf-8", "replace").rstrip("\n"))

    # One hit

    def _record(self, hit: int) -> _Found | IncomingEvent:
        """The record around the hit. Raises _NeedMore when the window ends inside it."""
        window = self._window
        start = self._line_start(hit)
        if self._taken:
            if self._base + start in self._taken:
                return _Found(b"", 0, self._line_end(hit))
            if event := self._plain(hit):
                return event
        end = self._line_end(hit)
        whole = window[end - 1 : end] == b"\n" or self._end
        if not whole and len(window) - start < MAX_RECORD:
            raise _NeedMore
        if window.startswith(_MARKER, hit) and window[hit + len(_MARKER) : end][:8].strip() in (b":", b""):
            return self._text_block(start, end)
        return self._single(start, end)

    def _plain(self, hit: int) -> IncomingEvent | None:
        """The row of a traceback of a usual shape; None when it may be another."""
        window, consumed = self._window, max(0, self._consumed - self._base)
        if not window.startswith(_HEADER, hit):
            return None
        if found := self._plains.found(window, hit, self._base, consumed):
            end, row = found
            seen = end
        elif prefixed := self._prefixes.find(window, self._line_start(hit), hit, consumed):
            end, seen = prefixed.end, prefixed.seen
            row = self._plains.prefixed(window, prefixed, str(self._base + prefixed.start))
        else:
            return None
        if seen + EDGE > len(window) and not self._end:
            raise _NeedMore
        self._consumed = self._base + end
        return row

    def _text_block(self, start: int, end: int) -> _Found:
        """A traceback over several lines, whatever stands before each of them."""
        before = self._lines_before(start)
        spans: list[tuple[int, int]] = []

        def following() -> Iterator[str]:
            at = end
            while at < len(self._window) and at - end < MAX_BLOCK:
                stop = self._line_end(at)
                spans.append((at, stop))
                yield self._text(at, stop)
                at = stop

        found = cut([self._text(*span) for span in before], self._text(start, end), following())
        return self._joined(before, (start, end), spans, found.before, found.after)

    def _lines_before(self, start: int) -> list[tuple[int, int]]:
        """The spans of the lines above, as far as no other record has them."""
        spans: list[tuple[int, int]] = []
        floor = max(0, self._consumed - self._base, start - KEPT)
        while start > floor and len(spans) < LOOK_BACK:
            above = self._window.rfind(b"\n", floor, start - 1) + 1
            above = max(above, floor)
            spans.append((above, start))
            start = above
        return spans[::-1]

    def _joined(
        self,
        before: list[tuple[int, int]],
        header: tuple[int, int],
        after: list[tuple[int, int]],
        used_before: list[int],
        used_after: list[int],
    ) -> _Found:
        """The record out of the lines that belong; raises _NeedMore when it reaches the window's end."""
        if not self._end and after and after[-1][1] >= len(self._window) and after[-1][1] - header[1] < MAX_BLOCK:
            raise _NeedMore
        if not self._end and header[1] >= len(self._window):
            raise _NeedMore
        lines = [*(before[index] for index in sorted(used_before)), header, *(after[index] for index in used_after)]
        raw = b"".join(self._window[first:last] for first, last in lines)
        last = lines[-1][1]
        contiguous = last - lines[-len(used_after) - 1][0] == sum(b - a for a, b in lines[-len(used_after) - 1 :])
        if contiguous:
            self._consumed = self._base + last
            return _Found(raw, self._base + header[0], last)
        self._taken.update(self._base + first for first, _ in lines)
        return _Found(raw, self._base + header[0], header[1])

    def _single(self, start: int, end: int) -> _Found | IncomingEvent:
        """A record on one line: JSON, a wrapped line of a longer traceback, or escaped text."""
        nothing = _Found(b"", 0, end)
        if end - start >= MAX_RECORD:
            self._warn(f"a line of more than {MAX_RECORD} bytes at byte {self._base + start} was left out")
            return _Found(b"", 0, len(self._window) if self._window[end - 1 : end] != b"\n" else end)
        raw = self._window[start:end]
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        fields = json_object(text)
        if fields is None:
            found = unescaped(text[:MAX_RECORD]) is not None
            return _Found(raw, self._base + start, end) if found else nothing
        record = read_record(fields)
        if record is not None:
            self._consumed = self._base + end
            return self._stacks.row(record, raw, str(self._base + start)) or _Found(raw, self._base + start, end)
        inner = wrapped_line(fields)
        if inner is None:
            return nothing
        if is_header(clean_line(inner)):
            return self._wrapped(start, end, fields, inner)
        nested = json_object(inner)
        if (nested is None or read_record(nested) is None) and unescaped(inner) is None:
            return nothing
        self._consumed = self._base + end
        return _Found(raw, self._base + start, end)

    def _wrapped(self, start: int, end: int, header: Fields, inner: str) -> _Found:
        """A traceback whose lines are each in a JSON record of their own (docker, journald)."""

        def unwrapped(first: int, last: int) -> str | None:
            fields = json_object(self._window[first : min(last, first + MAX_RECORD)].decode("utf-8", "replace"))
            if fields is None or not same_stream(header, fields):
                return None
            line = wrapped_line(fields)
            return None if line is None else clean_line(line)

        spans: list[tuple[int, int]] = []

        def following() -> Iterator[str | None]:
            at = end
            while at < len(self._window) and at - end < MAX_BLOCK:
                stop = self._line_end(at)
                spans.append((at, stop))
                yield unwrapped(at, stop)
                at = stop

        before = self._lines_before(start)
        found = cut([unwrapped(*span) for span in before], clean_line(inner), following())
        return self._joined(before, (start, end), spans, found.before, found.after)

    def _event(self, found: _Found) -> IncomingEvent | None:
        """The row of a record; a record without a traceback after all is none."""
        try:
            event = parse_traceback(found.raw, self._fallback)
        except BadInput as error:
            self._warn(f"{one_line(str(error))} at byte {found.offset}")
            return None
        return incoming(event, found.raw, Kind.TRACEBACK, event_id=content_id(found.raw, str(found.offset)))
