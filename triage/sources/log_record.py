"""The parser for text tracebacks: one log record (text or JSON, however wrapped) to an event."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from triage.domain.event import Event, Json, Level, Raised
from triage.errors import BadInput
from triage.sources import log_json, values
from triage.sources.log_context import Context, read_context
from triage.sources.log_cut import LOOK_BACK, cut, unescaped
from triage.sources.log_json import Record
from triage.sources.log_lines import MARKER, is_header, strip_ansi
from triage.sources.sdk import content_id
from triage.sources.traceback_text import parse_lines

MAX_LINE = 64_000
MAX_TEXT = 8_000_000


@dataclass(frozen=True, slots=True)
class _Stack:
    exceptions: tuple[Raised, ...]
    context: Context
    warnings: tuple[str, ...]


def parse_traceback(raw: bytes, occurred_at: datetime | None = None) -> Event:
    """The event of the first traceback in `raw`.

    `occurred_at` stands in for a time that the log does not give (or gives without a date).
    Raises BadInput when there is no traceback.
    """
    lines = split_lines(values.decode(raw[:MAX_TEXT]))
    records = _json_records(lines)
    if records:
        if (record := log_json.read_record(records[0])) is not None:
            return _from_record(record, raw, occurred_at)
        when = values.moment(Record(records[0]).text(log_json.TIME_KEYS))
        inner = [text for fields in records for text in (log_json.wrapped_line(fields) or "").split("\n")]
        if inner and inner[0].lstrip().startswith("{") and MARKER in inner[0]:
            nested = values.mapping(values.load_json(inner[0].strip().encode()))
            if (record := log_json.read_record(nested)) is not None:
                return _from_record(record, raw, when or occurred_at)
        return _from_text(inner, raw, when or occurred_at, known_time=when is not None)
    return _from_text(lines, raw, occurred_at)


def split_lines(text: str) -> list[str]:
    """Lines without endings and terminal escapes, each of a length that a regex may see."""
    return [clean_line(line) for line in text.split("\n")]


def clean_line(line: str) -> str:
    """One line, capped, without its carriage return and terminal escapes."""
    return strip_ansi(line[:MAX_LINE].rstrip("\r"))


def json_object(line: str) -> Mapping[str, Json] | None:
    """The JSON object on a log line, after whatever prefix."""
    at = line.find("{")
    if at < 0 or line.rstrip()[-1:] != "}":
        return None
    try:
        found = values.load_json(line[at:].encode("utf-8", "replace"))
    except BadInput:
        return None
    return found if isinstance(found, dict) else None


def _json_records(lines: Sequence[str]) -> list[Mapping[str, Json]]:
    """The records when the first line is one: further lines that are none are left out."""
    first = next((line for line in lines if line.strip()), "")
    if not first.lstrip().startswith("{") and '{"' not in first[:400]:
        return []
    if json_object(first) is None:
        return []
    return [found for line in lines if (found := json_object(line)) is not None]


def _from_text(lines: Sequence[str], raw: bytes, occurred_at: datetime | None, *, known_time: bool = False) -> Event:
    stack = read_text(lines, occurred_at)
    context = stack.context
    warnings = list(stack.warnings)
    if context.when is None and not known_time:
        warnings.append("the log does not say when it happened")
    return Event(
        id=content_id(raw),
        source="log",
        occurred_at=context.when or occurred_at or values.EPOCH,
        level=context.level or Level.ERROR,
        exceptions=stack.exceptions,
        message=context.message,
        logger=context.logger,
        warnings=tuple(warnings),
    )


def read_text(lines: Sequence[str], occurred_at: datetime | None) -> _Stack:
    """The first traceback in these lines. Raises BadInput when there is none."""
    for index, line in enumerate(lines):
        if MARKER not in line:
            continue
        if is_header(line):
            found = cut(lines[max(0, index - LOOK_BACK) : index], line, lines[index + 1 :])
            exceptions, warnings = parse_lines(found.lines)
            return _Stack(exceptions, read_context(found.context, occurred_at, found.prefix), warnings)
        if (inner := unescaped(line)) is not None:
            exceptions, warnings = parse_lines(inner[1:])
            above = [*(lines[index - 1 : index] if not inner[0].strip() else []), inner[0]]
            return _Stack(exceptions, read_context(above, occurred_at), warnings)
    exceptions, warnings = parse_lines(lines) if any('File "' in line for line in lines) else ((), ())
    if not any(item.frames for item in exceptions):
        raise BadInput(
            "no traceback in this text", f"{len(lines)} lines", "expected Python's `Traceback (most recent call last):`"
        )
    return _Stack(exceptions, Context(), warnings)


def _from_record(record: Record, raw: bytes, occurred_at: datetime | None) -> Event:
    exceptions, warnings = exceptions_of(record)
    if not exceptions:
        raise BadInput("no traceback in this log record", "", "")
    said = describe(record)
    return Event(
        id=content_id(raw),
        source="log",
        occurred_at=said.when or occurred_at or values.EPOCH,
        level=said.level,
        exceptions=exceptions,
        message=said.message,
        logger=record.text(log_json.LOGGER_KEYS) or None,
        service=said.service,
        release=said.release,
        environment=said.environment,
        server=record.text(log_json.SERVER_KEYS) or None,
        trace_id=record.text(log_json.TRACE_KEYS) or None,
        extra={name: value for name, value in record.fields.items() if name not in record.used},
        warnings=warnings if said.when else (*warnings, "the log does not say when it happened"),
    )


def exceptions_of(record: Record) -> tuple[tuple[Raised, ...], tuple[str, ...]]:
    """The record's exceptions, and warnings."""
    return (record.exceptions, ()) if record.exceptions else _named(split_lines(record.stack), record)


@dataclass(frozen=True, slots=True)
class Said:
    """What a JSON record says beside its stack."""

    when: datetime | None
    level: Level
    message: str
    service: str | None
    release: str | None
    environment: str | None


def describe(record: Record) -> Said:
    """The fields that the list of issues shows."""
    message = record.text(log_json.MESSAGE_KEYS)
    if record.stack and (MARKER in message or record.stack.strip() in message):
        message = message.partition("Traceback (")[0].strip()
    level = record.text(log_json.LEVEL_KEYS)
    return Said(
        when=values.moment(record.text(log_json.TIME_KEYS)),
        level=values.level(int(level) if level.isdigit() and len(level) < 4 else level),
        message=message,
        service=record.text(log_json.SERVICE_KEYS) or None,
        release=record.text(log_json.RELEASE_KEYS) or None,
        environment=record.text(log_json.ENVIRONMENT_KEYS) or None,
    )


def _named(lines: Sequence[str], record: Record) -> tuple[tuple[Raised, ...], tuple[str, ...]]:
    """The exceptions of a stack that may lack its header and its last line (ecs-logging)."""
    try:
        stack = read_text(lines, None)
    except BadInput:
        return (), ()
    last = stack.exceptions[-1]
    kind = record.text(log_json.TYPE_KEYS)
    if last.type != "Unknown" or not kind:
        return stack.exceptions, stack.warnings
    module, _, name = kind.rpartition(".")
    named = Raised(
        type=name,
        value=record.text(log_json.VALUE_KEYS),
        module=module or None,
        frames=last.frames,
        parent=last.parent,
        link=last.link,
        is_group=last.is_group,
        frames_omitted=last.frames_omitted,
    )
    return (*stack.exceptions[:-1], named), ()
