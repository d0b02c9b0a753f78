"""JSON log records: where each emitter puts the stack, the level, the time and the rest."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from triage.domain.event import Frame, Json, Link, Raised
from triage.domain.fingerprint import is_library
from triage.sources import values
from triage.sources.log_lines import MARKER
from triage.sources.sdk import MAX_EXCEPTIONS, MAX_FRAMES

STACK_KEYS = (
    "exception",
    "exc_info",
    "exc_text",
    "error.stack_trace",
    "error.stack",
    "stack_trace",
    "stacktrace",
    "attributes.exception.stacktrace",
    "exception.stacktrace",
    "exception.stack_trace",
    "exception.traceback",
    "stack",
    "traceback",
    "error",
    "err.stack",
)
TYPE_KEYS = ("error.type", "error.kind", "attributes.exception.type", "exception.type", "exc_type", "exception.class")
VALUE_KEYS = ("error.message", "attributes.exception.message", "exception.message", "exc_value", "exc_message")
TIME_KEYS = (
    "timestamp",
    "@timestamp",
    "time",
    "asctime",
    "ts",
    "datetime",
    "timeUnixNano",
    "__REALTIME_TIMESTAMP",
    "eventTime",
    "date",
    "record.time.timestamp",
)
LEVEL_KEYS = (
    "level",
    "levelname",
    "severity",
    "severityText",
    "severity_text",
    "log.level",
    "loglevel",
    "levelno",
    "record.level.name",
)
MESSAGE_KEYS = ("message", "msg", "event", "body", "body.stringValue", "textPayload", "MESSAGE", "log", "text", "line")
LOGGER_KEYS = ("log.logger", "logger", "logger_name", "name", "loggerName", "record.name", "instrumentationScope.name")
SERVICE_KEYS = ("service.name", "serviceContext.service", "dd.service", "resource.service.name", "service")
RELEASE_KEYS = (
    "serviceContext.version",
    "dd.version",
    "service.version",
    "resource.service.version",
    "release",
    "version",
)
ENVIRONMENT_KEYS = (
    "service.environment",
    "dd.env",
    "resource.deployment.environment.name",
    "deployment.environment",
    "environment",
    "env",
)
TRACE_KEYS = ("trace_id", "traceId", "trace.id", "dd.trace_id", "otelTraceID")
SERVER_KEYS = ("host.name", "hostname", "host", "_HOSTNAME")
SAME_STREAM = (
    "stream",
    "_PID",
    "_SYSTEMD_UNIT",
    "container_id",
    "container_name",
    "pod",
    "pid",
    "hostname",
    "_HOSTNAME",
)
MAX_WALK = 2_000

Fields: TypeAlias = Mapping[str, Json]

_FRAME_LINE = re.compile(r'File "[^"\n]*", line \d+')


@dataclass(slots=True)
class Record:
    """A JSON log record's stack: as text, or already structured."""

    fields: Mapping[str, Json]
    stack: str = ""
    exceptions: tuple[Raised, ...] = ()
    used: set[str] = field(default_factory=set)

    def text(self, keys: Sequence[str]) -> str:
        """The first of `keys` (dots go inward) that holds a scalar, as text; marked as used."""
        for key in keys:
            found = lookup(self.fields, key)
            if (found and type(found) is str) or type(found) in (int, float):
                self.used.add(key.partition(".")[0] if key not in self.fields else key)
                return values.string(found)
        return ""


def lookup(fields: Mapping[str, Json], key: str) -> Json:
    """`fields[key]`, or `a.b.c` taken apart at any dot."""
    if key in fields:
        return fields[key]
    if "." not in key:
        return None
    head, dot, tail = key.partition(".")
    while dot:
        inner = fields.get(head)
        if isinstance(inner, dict):
            return lookup(inner, tail)
        more, dot, tail = tail.partition(".")
        head = f"{head}.{more}"
    return None


def read_record(fields: Mapping[str, Json]) -> Record | None:
    """The record with its stack, None when there is none in it."""
    for key in STACK_KEYS:
        found = lookup(fields, key)
        if isinstance(found, list) and (exceptions := structured(found)):
            return Record(fields, exceptions=exceptions, used={key})
        if isinstance(found, list) and found and all(isinstance(line, str) for line in found):
            found = "\n".join(values.string(line).rstrip("\n") for line in found)
        if isinstance(found, str) and _is_stack(found):
            return Record(fields, stack=_plain(found), used={key.partition(".")[0]})
    for name, text in _strings(fields):
        if _is_stack(text):
            return Record(fields, stack=_plain(text), used={name})
    return None


def wrapped_line(fields: Mapping[str, Json]) -> str | None:
    """The log line that a container runtime or journald wrapped into this record."""
    for key in ("log", "MESSAGE", "message", "msg", "textPayload", "line", "text"):
        found = fields.get(key)
        if isinstance(found, str):
            return found.rstrip("\r\n")
        if key == "MESSAGE" and isinstance(found, list) and len(found) < 100_000:
            numbers = [item for item in found if isinstance(item, int) and 0 <= item < 256]
            return bytes(numbers).decode("utf-8", "replace")
    return None


def same_stream(one: Mapping[str, Json], other: Mapping[str, Json]) -> bool:
    """Whether two wrapped lines come from the same process, as far as the records say."""
    return all(one.get(key) == other.get(key) for key in SAME_STREAM)


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")


def _is_stack(text: str) -> bool:
    if MARKER in text:
        return "\n" in text.strip() and _FRAME_LINE.search(text) is not None
    return len(_FRAME_LINE.findall(text[:100_000])) >= 1 and text.lstrip().startswith('File "')


def _strings(fields: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    """Every string in the record with the top-level name it is under."""
    stack: list[tuple[str, Json]] = [(name, value) for name, value in reversed(list(fields.items()))]
    for _ in range(MAX_WALK):
        if not stack:
            return
        name, value = stack.pop()
        if isinstance(value, str):
            yield name, value
        elif isinstance(value, dict):
            stack.extend((name, item) for item in reversed(list(value.values())))
        elif isinstance(value, list):
            stack.extend((name, item) for item in reversed(value))


def structured(stacks: Sequence[Json]) -> tuple[Raised, ...]:
    """structlog's `dict_tracebacks`, which puts the exception that was raised first."""
    placed: list[tuple[Mapping[str, Json], int | None, Link]] = []
    _place(stacks, None, placed, 0)
    position = {id(item): index for index, (item, _, _) in enumerate(placed)}
    return tuple(_raised(item, position.get(parent) if parent else None, link) for item, parent, link in placed)


def _place(
    stacks: Sequence[Json], above: int | None, placed: list[tuple[Mapping[str, Json], int | None, Link]], depth: int
) -> None:
    items = [values.mapping(item) for item in stacks if isinstance(item, dict) and "exc_type" in item]
    if not items or depth > 20 or len(placed) > MAX_EXCEPTIONS:
        return
    top = items[0]
    for item in reversed(items[:MAX_EXCEPTIONS]):
        for member in values.sequence(item.get("exceptions")):
            chain = [member] if isinstance(member, dict) else values.sequence(member)
            _place(chain, id(item), placed, depth + 1)
        if item is top:
            placed.append((item, above, Link.GROUP if above is not None else Link.UNKNOWN))
        else:
            link = Link.CAUSE if item.get("is_cause") is True else Link.CONTEXT
            placed.append((item, id(top) if above is not None else None, link))


def _raised(item: Mapping[str, Json], parent: int | None, link: Link) -> Raised:
    frames = [values.mapping(frame) for frame in values.sequence(item.get("frames")) if isinstance(frame, dict)]
    return Raised(
        type=values.string(item.get("exc_type")) or "Unknown",
        value=values.string(item.get("exc_value")),
        frames=tuple(_frame(frame) for frame in frames[-MAX_FRAMES:]),
        parent=parent,
        link=link,
        is_group=item.get("is_group") is True,
        notes=values.texts(item.get("exc_notes")),
        frames_omitted=max(0, len(frames) - MAX_FRAMES),
    )


def _frame(frame: Mapping[str, Json]) -> Frame:
    path = values.string(frame.get("filename")) or "<unknown>"
    found = frame.get("locals")
    return Frame(
        path=path,
        function=values.string(frame.get("name")) or "<unknown>",
        lineno=values.whole(frame.get("lineno")),
        abs_path=path if path.startswith("/") else None,
        in_app=not is_library(path),
        context_line=values.optional(frame.get("line")),
        variables=found if isinstance(found, dict) else None,
    )
