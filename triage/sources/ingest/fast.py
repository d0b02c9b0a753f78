"""The way of most events through ingest: only the fields of the list are decoded, by msgspec."""

import contextlib
from datetime import datetime
from typing import TypeAlias

import msgspec

from triage.domain.event import Event, Level
from triage.domain.fingerprint import digest
from triage.domain.incoming import IncomingEvent, Kind
from triage.sources import parse_event, values
from triage.sources.incoming import TITLE, USER_KEYS, identity, incoming, not_later, one_line, search_text, short
from triage.sources.sdk import MAX_EXCEPTIONS, MAX_FRAMES, NOT_ERRORS, event_id

Scalar: TypeAlias = str | int


class _Frame(msgspec.Struct):
    path: str = msgspec.field(name="filename")
    function: str
    module: str | None = None
    in_app: bool | None = None
    context_line: str | None = None


class _Stack(msgspec.Struct):
    frames: list[_Frame]
    frames_omitted: None = None


class _Mechanism(msgspec.Struct):
    parent_id: None = None
    is_exception_group: bool | None = None


class _Raised(msgspec.Struct):
    type: str
    value: str
    module: str | None = None
    stacktrace: _Stack | None = None
    raw_stacktrace: None = None
    mechanism: _Mechanism | None = None

    @property
    def frames(self) -> list[_Frame]:
        return self.stacktrace.frames if self.stacktrace is not None else []


class _Exceptions(msgspec.Struct):
    values: list[_Raised]


class _LogEntry(msgspec.Struct):
    message: str = ""
    formatted: str = ""


class _Otel(msgspec.Struct):
    resource: None = None


class _Contexts(msgspec.Struct):
    otel: _Otel | None = None


class _Payload(msgspec.Struct):
    """Fields of type None are those that only the full parser can read."""

    event_id: str
    timestamp: str | float
    type: str | None = None
    exception: _Exceptions | None = None
    logentry: _LogEntry | None = None
    message: str | None = None
    logger: str | None = None
    level: str | None = None
    transaction: str | None = None
    environment: str | None = None
    release: str | None = None
    tags: dict[str, str] = {}
    user: dict[str, msgspec.Raw] | None = None
    contexts: _Contexts | None = None
    fingerprint: list[str] | None = None
    data: None = None
    event: None = None
    error: None = None
    old_exception: None = msgspec.field(name="sentry.interfaces.Exception", default=None)
    old_message: None = msgspec.field(name="sentry.interfaces.Message", default=None)


_decoder = msgspec.json.Decoder(_Payload)
_scalar = msgspec.json.Decoder(Scalar)


def read(raw: bytes, *, event_id: str | None, received_at: datetime, source: str) -> IncomingEvent:
    """The row of an SDK event, the same as `incoming(parse_event(raw))` makes. Raises BadInput.

    Anything unusual (a group, a field of another type, a missing one) takes the full parser.
    """
    with contextlib.suppress(msgspec.DecodeError, RecursionError, ValueError):
        if (row := _row(raw, event_id, received_at, source)) is not None:
            return row
    event: Event = parse_event(raw, Kind.SDK, occurred_at=received_at)
    return incoming(event, raw, Kind.SDK, event_id=event_id, received_at=received_at, source=source)


def _row(raw: bytes, wanted_id: str | None, received_at: datetime, source: str) -> IncomingEvent | None:
    payload = _decoder.decode(raw)
    own_id = event_id(payload.event_id)
    when = values.moment(payload.timestamp)
    if own_id is None or when is None or "" in payload.tags or payload.type in NOT_ERRORS:
        return None
    if payload.exception is None and payload.logentry is None and not payload.message:
        return None
    raised = payload.exception.values if payload.exception is not None else []
    if not _is_usual(raised):
        return None
    if payload.logentry is not None:
        template, message = payload.logentry.message, payload.logentry.formatted
        if not message:
            return None
    else:
        template, message = "", payload.message or ""
    level = values.level(payload.level, Level.ERROR if raised else Level.INFO)
    title, culprit = _headings(raised, message, payload.transaction, payload.logger or None)
    tags = payload.tags
    return IncomingEvent(
        event_id=wanted_id or own_id,
        fingerprint=digest(
            raised,
            [None] * len(raised),
            message=template or message,
            logger=payload.logger or None,
            grouping=payload.fingerprint or (),
        ),
        kind=Kind.SDK,
        raw=raw,
        title=title,
        culprit=culprit,
        level=level.value,
        occurred_at=not_later(when, received_at),
        source=source,
        service=short(tags.get("service")),
        environment=short(payload.environment or tags.get("environment")),
        release=short(payload.release or tags.get("release")),
        user=_user(payload.user),
        search=search_text(title, culprit, payload.transaction, message, tags),
    )


def _is_usual(raised: list[_Raised]) -> bool:
    if len(raised) > MAX_EXCEPTIONS:
        return False
    for item in raised:
        if not item.type or (item.mechanism is not None and item.mechanism.is_exception_group):
            return False
        frames = item.frames
        if len(frames) > MAX_FRAMES or not all(frame.path and frame.function for frame in frames):
            return False
    return True


def _headings(raised: list[_Raised], message: str, transaction: str | None, logger: str | None) -> tuple[str, str]:
    """Title and culprit by the rules of `Event`."""
    if not raised:
        return one_line((message.splitlines() or ["(no message)"])[0]), one_line(transaction or logger or "")
    top = raised[-1]
    first = (top.value[: 8 * TITLE].splitlines() or [""])[0]
    title = one_line(f"{top.type}: {first}" if first else top.type)
    frames = top.frames
    if not frames:
        return title, one_line(transaction or logger or "")
    deepest = next((frame for frame in reversed(frames) if frame.in_app), frames[-1])
    return title, one_line(f"{deepest.path} in {deepest.function}")


def _user(user: dict[str, msgspec.Raw] | None) -> str | None:
    if not user:
        return None
    found = {}
    for name in USER_KEYS:
        encoded = bytes(user.get(name, b"null"))
        if encoded[:1] == b'"' or (encoded.isdigit() and len(encoded) < 16):
            found[name] = values.string(_scalar.decode(encoded))
        elif encoded != b"null":
            raise ValueError(name)
    return identity(found)
