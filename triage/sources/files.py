"""Events out of files: event JSON, lists and streams of it, envelopes, text logs, JSON logs."""

import codecs
import io
import json
import zlib
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from triage.domain.event import Event, Json
from triage.domain.incoming import IncomingEvent, Kind
from triage.errors import BadInput
from triage.sources import parse_event, values
from triage.sources.envelope import looks_like_envelope, read_envelope
from triage.sources.incoming import incoming
from triage.sources.logs import LogReader, Readable
from triage.sources.sdk import event_id, unwrap
from triage.sources.sentry_api import is_api_event

HEAD = 65_536
CHUNK = 1_000_000
MAX_ENVELOPE = 100_000_000
MAX_VALUE = 50_000_000
READABLE = "Sentry event JSON, envelopes and logs with Python tracebacks can be read"
_SPACE = " \t\r\n,"


def _ignore(warning: str) -> None:
    """Nobody asked for the warnings."""


def read_event(path: Path) -> Event:
    """The first event in a file. Raises BadInput when there is none."""
    for row in read_file(path):
        return parse_event(row.raw, row.kind, occurred_at=row.occurred_at)
    raise BadInput(f"no event in {path}", "", READABLE)


def read_file(path: Path, warn: Callable[[str], None] = _ignore) -> Iterator[IncomingEvent]:
    """The events in a file of any kind, one after the other, in constant memory.

    `warn` gets a line for each part that was left out. Raises BadInput when the file cannot
    be read or holds nothing usable.
    """
    count = 0
    problems: list[str] = []

    def note(warning: str) -> None:
        if len(problems) < 3:
            problems.append(warning)
        warn(f"{path}: {warning}")

    try:
        with open(path, "rb", buffering=2 * HEAD) as stream:
            for row in _read(stream, datetime.fromtimestamp(path.stat().st_mtime, UTC), note):
                count += 1
                yield row
    except (OSError, EOFError, zlib.error) as error:
        reason = getattr(error, "strerror", None) or str(error)
        if not count:
            raise BadInput(f"cannot read {path}", reason, "") from error
        note(f"stopped after {count} events: {reason}")
    if not count:
        raise BadInput(f"no events in {path}", "; ".join(problems) or "no traceback and no event was found", READABLE)


def _read(stream: BinaryIO, modified: datetime, warn: Callable[[str], None]) -> Iterator[IncomingEvent]:
    source, head = _opened(stream, warn)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text:
        return warn("it is empty")
    if text.startswith(b"{") and looks_like_envelope(text):
        yield from _envelope(source, modified, warn)
    elif _holds_events(text):
        yield from _events(source, modified, warn)
    else:
        json_records = any(line.lstrip().startswith(b"{") or b'{"' in line for line in head.splitlines())
        yield from LogReader(source, modified, warn, json_records=json_records).events()


class _Peeked:
    """A stream whose first bytes were looked at."""

    def __init__(self, head: bytes, rest: Readable) -> None:
        self._head = head
        self._rest = rest

    def read(self, size: int, /) -> bytes:
        if self._head:
            head, self._head = self._head[:size], self._head[size:]
            return head if len(head) == size else head + self._rest.read(size - len(head))
        return self._rest.read(size)


def _opened(stream: BinaryIO, warn: Callable[[str], None]) -> tuple[Readable, bytes]:
    """The stream with gzip undone and UTF-16 turned into UTF-8, and its first bytes."""
    source: Readable = stream
    head = stream.read(HEAD)
    source = _Peeked(head, stream)
    if head.startswith(b"\x1f\x8b"):
        source = _Gunzip(source, warn)
        head = source.read(HEAD)
        source = _Peeked(head, source)
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        source = codecs.EncodedFile(_Seekless(source), "utf-8", "utf-16", "replace")
        head = source.read(HEAD)
        source = _Peeked(head, source)
    return source, head


class _Gunzip:
    """What can be had of a gzip stream, even of a damaged one."""

    def __init__(self, source: Readable, warn: Callable[[str], None]) -> None:
        self._source = source
        self._warn = warn
        self._stream = zlib.decompressobj(31)
        self._pending = b""
        self._done = False

    def read(self, size: int, /) -> bytes:
        while not self._done:
            if not self._pending:
                self._pending = self._source.read(CHUNK)
            if self._stream.eof:
                if not self._pending:
                    break
                self._stream = zlib.decompressobj(31)
            try:
                part = self._stream.decompress(self._pending, size)
            except zlib.error as error:
                return self._broken(str(error))
            empty = not self._pending
            self._pending = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if part:
                return part
            if empty and not self._stream.eof:
                return self._broken("it is cut off")
        return b""

    def _broken(self, reason: str) -> bytes:
        self._warn(f"the gzip data is damaged: {reason}")
        self._done = True
        return b""


class _Seekless(io.RawIOBase):
    """A Readable as the io classes want one."""

    def __init__(self, source: Readable) -> None:
        self._source = source

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        return self._source.read(size if size and size > 0 else CHUNK)


def _holds_events(text: bytes) -> bool:
    """Whether a JSON file holds events (else it is a log, even if every line of it is JSON)."""
    if text.startswith(b"["):
        return text[1:].lstrip()[:1] in (b"{", b"]")
    if not text.startswith(b"{"):
        return False
    line, newline, _ = text.partition(b"\n")
    try:
        first = values.load_json(line)
    except BadInput:
        return line.strip() == b"{" or not newline or not line.rstrip().endswith(b"}")
    return kind_of(first) is not None


def kind_of(payload: Json) -> Kind | None:
    """Which parser reads this object; None for anything that is no event (a log record, say)."""
    if not isinstance(payload, dict):
        return None
    if is_api_event(payload) or ("shortId" in payload and "culprit" in payload):
        return Kind.SENTRY_API
    try:
        event = unwrap(payload)
    except BadInput:
        return None
    return Kind.SDK if _is_sdk(event) else None


def _is_sdk(event: Mapping[str, Json]) -> bool:
    """Stricter than `is_event`: many log records have a `message`, too."""
    exception = event.get("exception")
    if isinstance(exception, dict) and "values" in exception:
        return True
    if isinstance(exception, list) and exception and isinstance(exception[0], dict):
        return "exc_type" not in exception[0] and "type" in exception[0]
    return event_id(event.get("event_id")) is not None


def _envelope(source: Readable, modified: datetime, warn: Callable[[str], None]) -> Iterator[IncomingEvent]:
    body = b""
    while len(body) <= MAX_ENVELOPE and (part := source.read(CHUNK)):
        body += part
    if len(body) > MAX_ENVELOPE:
        raise BadInput("the envelope is too large", f"more than {MAX_ENVELOPE} bytes", "")
    envelope = read_envelope(body, frozenset(("event",)))
    wanted = event_id(envelope.event_id) if len(envelope.items) == 1 else None
    if not envelope.items:
        warn("the envelope holds no event item")
    for item in envelope.items:
        yield _row(item.payload, Kind.SDK, modified, wanted)


def _row(raw: bytes, kind: Kind, modified: datetime, wanted_id: str | None = None) -> IncomingEvent:
    event = parse_event(raw, kind, occurred_at=modified)
    return incoming(event, raw, kind, event_id=wanted_id, source="file")


def _events(source: Readable, modified: datetime, warn: Callable[[str], None]) -> Iterator[IncomingEvent]:
    """Every event of a JSON file: one value, values one after the other, or a list of them."""
    for raw in _values(source, warn):
        try:
            payload = values.load_json(raw)
            kind = kind_of(payload)
            if kind is None:
                kind = Kind.TRACEBACK if isinstance(payload, dict) and "event_id" not in payload else Kind.SDK
            yield _row(raw, kind, modified)
        except BadInput as error:
            warn(str(error))


def _values(source: Readable, warn: Callable[[str], None]) -> Iterator[bytes]:
    """The bytes of each top-level object, and of each in a top-level list."""
    decoder = json.JSONDecoder(strict=False, parse_int=str, parse_float=str)
    characters = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    text = characters.decode(source.read(CHUNK)).lstrip("\ufeff")
    at = 0
    end = False
    while True:
        while at < len(text) and text[at] in _SPACE + "[]":
            at += 1
        if at < len(text):
            try:
                _, stop = decoder.raw_decode(text, at)
            except json.JSONDecodeError as error:
                # A long string is reported where it begins.
                cut = error.msg.startswith("Unterminated string")
                if end or (error.pos < len(text) - CHUNK // 2 and not cut):
                    detail = (
                        "it is cut off" if error.pos >= len(text) - 1 or "Unterminated" in error.msg else str(error)
                    )
                    return warn(f"not valid JSON: {detail}")
            except (RecursionError, ValueError):
                rest = text[at:] + "".join(characters.decode(part) for part in iter(lambda: source.read(CHUNK), b""))
                yield rest[:MAX_VALUE].encode("utf-8", "surrogateescape")
                return None
            else:
                if stop < len(text) or end or text[at] in "{":
                    yield text[at:stop].encode("utf-8", "surrogateescape")
                    at = stop
                    continue
        if end:
            return None
        if len(text) - at > MAX_VALUE:
            return warn(f"a value of more than {MAX_VALUE} characters was left out, and all after it")
        part = source.read(max(CHUNK, len(text) - at))
        end = not part
        text = text[at:] + characters.decode(part, end)
        at = 0
