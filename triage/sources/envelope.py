"""Reading Sentry envelopes: a JSON header line, then items of a header line and a payload."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from triage.domain.event import Json
from triage.errors import BadInput
from triage.sources import values

MAX_HEADER = 1_000_000
MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class Item:
    """One item. `payload` is a slice of the envelope, byte for byte."""

    type: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Envelope:
    """The header's fields that matter to us, and the items that were asked for."""

    event_id: str | None
    dsn: str | None
    items: tuple[Item, ...]


class _Usual(msgspec.Struct):
    """The header fields that matter, when they have the types they should."""

    type: str | None = None
    length: int | None = None
    event_id: str | None = None
    dsn: str | None = None


_usual = msgspec.json.Decoder(_Usual)


def read_envelope(body: bytes, wanted: frozenset[str] | None = None) -> Envelope:
    """Split `body`; payloads of types not in `wanted` are skipped without a copy.

    Raises BadInput for headers that are no JSON object and payloads shorter than announced.
    """
    header, position = _header(body, 0)
    if header is None:
        raise BadInput("the envelope is empty", "", "it starts with a JSON header line")
    items = tuple(_items(body, position, wanted))
    return Envelope(event_id=header.event_id, dsn=header.dsn, items=items)


def looks_like_envelope(head: bytes) -> bool:
    """Whether a file that starts with `head` is an envelope: its second line is an item header."""
    lines = [line for line in head.split(b"\n", 2)[:2] if line]
    if len(lines) < 2:
        return False
    try:
        first, second = values.load_json(lines[0]), values.load_json(lines[1])
    except BadInput:
        return False
    return isinstance(first, dict) and isinstance(second, dict) and _is_item_header(first, second)


def _is_item_header(first: Mapping[str, Json], second: Mapping[str, Json]) -> bool:
    return isinstance(second.get("type"), str) and not ("exception" in first or "level" in first or "message" in first)


def _items(body: bytes, position: int, wanted: frozenset[str] | None) -> Iterator[Item]:
    for _ in range(MAX_ITEMS):
        header, start = _header(body, position)
        if header is None:
            return
        kind = header.type
        if kind is None:
            raise BadInput("malformed envelope", f"the item header at byte {position} has no type", "")
        length = header.length
        if length is None:
            end = body.find(b"\n", start)
            end = len(body) if end < 0 else end
        else:
            if length < 0:
                raise BadInput("malformed envelope", f"the length of the {kind[:40]} item is no length", "")
            end = start + length
            if end > len(body):
                missing = end - len(body)
                raise BadInput(
                    "the envelope is cut off", f"the {kind[:40]} item lacks {missing} bytes", "send it whole"
                )
            if body[end : end + 1] not in (b"\n", b"", b"\r"):
                raise BadInput("malformed envelope", f"the {kind[:40]} item is longer than its length says", "")
        if wanted is None or kind in wanted:
            yield Item(kind, body[start:end])
        position = end + 1
    raise BadInput("malformed envelope", f"more than {MAX_ITEMS} items", "")


def _header(body: bytes, position: int) -> tuple[_Usual | None, int]:
    """The header on the next line that is not blank, and where the line after it starts."""
    size = len(body)
    while position < size:
        end = body.find(b"\n", position)
        end = size if end < 0 else end
        if end - position > MAX_HEADER:
            raise BadInput("malformed envelope", "a header line is longer than a megabyte", "")
        line = body[position:end].strip()
        if line:
            try:
                return _usual.decode(line), end + 1
            except (msgspec.DecodeError, ValueError, RecursionError):
                return _unusual(line, position), end + 1
        position = end + 1
    return None, size


def _unusual(line: bytes, position: int) -> _Usual:
    """A header that msgspec does not take: odd JSON, or fields of other types."""
    try:
        header = values.load_json(line)
    except BadInput as error:
        raise BadInput("malformed envelope", f"the header at byte {position} is no JSON", "") from error
    if not isinstance(header, dict):
        raise BadInput("malformed envelope", f"the header at byte {position} is no JSON object", "")
    kind, length, event_id, dsn = (header.get(key) for key in ("type", "length", "event_id", "dsn"))
    if length is not None and (isinstance(length, bool) or not isinstance(length, int)):
        length = -1
    return _Usual(
        type=kind if isinstance(kind, str) else None,
        length=length,
        event_id=event_id if isinstance(event_id, str) else None,
        dsn=dsn if isinstance(dsn, str) else None,
    )
