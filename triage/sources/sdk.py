"""The parser for events as SDKs send them (snake_case): envelopes, store, Spotlight, Bugsink, event webhooks."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import parse_qsl

from triage.domain.event import Breadcrumb, Event, Frame, Json, Level, Link, Raised, Request
from triage.errors import BadInput
from triage.sources import values
from triage.sources.captured import CONTEXT, read_capture
from triage.sources.chain import Claim, arrange

MAX_EXCEPTIONS = 200
_EVENT_ID = re.compile("[0-9a-f]{32}")
MAX_FRAMES = 3_000
MAX_BREADCRUMBS = 500
MAX_CONTEXT = 100
_KNOWN = ("exception", "logentry", "message", "platform", "event_id", "sentry.interfaces.Exception", "stacktrace")
NOT_ERRORS = ("transaction", "profile", "replay_event", "feedback", "generic")


def parse_sdk(raw: bytes, occurred_at: datetime | None = None) -> Event:
    """The event in `raw`, which may be wrapped by a webhook or by Bugsink's API.

    `occurred_at` stands in when the payload has no readable time. Raises BadInput.
    """
    return build(unwrap(values.load_json(raw)), raw, occurred_at, "ingest")


def unwrap(payload: Json) -> Mapping[str, Json]:
    """The event itself out of `{"data": {"event": ...}}`, `{"data": ...}` or `{"event": ...}`."""
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]
    found = payload
    for _ in range(3):
        if not isinstance(found, dict) or "exception" in found or "logentry" in found:
            break
        inside = next((found[key] for key in ("data", "event", "error") if isinstance(found.get(key), dict)), None)
        if inside is None:
            break
        found = inside
    for candidate in (found, payload):
        if is_event(candidate):
            event = values.mapping(candidate)
            if event.get("type") in NOT_ERRORS:
                raise BadInput("not an error event", f"it is a {event['type']}", "triage keeps errors and messages")
            return event
    raise BadInput("not an event", _what(payload), "expected a JSON object with exception, logentry or message")


def is_event(payload: Json) -> bool:
    """Whether this object is an SDK event by its keys."""
    return isinstance(payload, dict) and any(key in payload for key in _KNOWN)


def _what(payload: Json) -> str:
    if isinstance(payload, dict):
        return f"an object with {', '.join(sorted(payload)[:8]) or 'nothing in it'}"[:200]
    return f"a JSON {type(payload).__name__}"


def build(payload: Mapping[str, Json], raw: bytes, occurred_at: datetime | None, source: str) -> Event:
    """The canonical event out of a snake_case payload, any field of which may be of any type."""
    warnings: list[str] = []
    exceptions = _exceptions(payload, warnings)
    template, message = _message(payload)
    tags = {name: value for name, value in values.pairs(payload.get("tags")) if name}
    contexts = values.mapping(payload.get("contexts"))
    extra = values.mapping(payload.get("extra"))
    trace = values.mapping(contexts.get("trace"))
    when = values.moment(payload.get("timestamp"))
    if when is None:
        warnings.append("the event does not say when it happened")
    capture, broken = read_capture(contexts, extra)
    if broken:
        warnings.append(broken)
    if CONTEXT in contexts:
        contexts = {name: item for name, item in contexts.items() if name.partition(" ")[0] != CONTEXT}
    return Event(
        id=event_id(payload.get("event_id")) or content_id(raw),
        source=source,
        occurred_at=when or occurred_at or values.EPOCH,
        level=values.level(payload.get("level"), _default_level(exceptions)),
        exceptions=exceptions,
        message=message,
        template=template,
        logger=values.optional(payload.get("logger")),
        platform=values.string(payload.get("platform")) or "python",
        project=values.optional(payload.get("project")),
        service=tags.get("service") or _resource_name(contexts),
        environment=values.optional(payload.get("environment")) or tags.get("environment"),
        release=values.optional(payload.get("release")) or tags.get("release"),
        server=values.optional(payload.get("server_name")) or tags.get("server_name"),
        transaction=values.optional(payload.get("transaction")),
        trace_id=values.optional(trace.get("trace_id")),
        request=_request(payload),
        user=_user(payload.get("user")),
        breadcrumbs=_breadcrumbs(payload.get("breadcrumbs")),
        tags=tags,
        extra=extra,
        contexts=contexts,
        packages=dict(values.pairs(payload.get("modules"))),
        capture=capture,
        grouping=values.texts(payload.get("fingerprint")),
        warnings=(*warnings, *_problems(payload)),
    )


def event_id(value: object) -> str | None:
    """32 lower-case hex digits out of an id with or without dashes; None when it is no id."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    digits = value.replace("-", "").lower()
    return digits if _EVENT_ID.fullmatch(digits) else None


def content_id(raw: bytes, position: str = "") -> str:
    """The id of an event that brings none: a hash of its bytes and of where it stood."""
    return hashlib.blake2b(raw, digest_size=16, key=position.encode()[:64]).hexdigest()


def _default_level(exceptions: Sequence[Raised]) -> Level:
    return Level.ERROR if exceptions else Level.INFO


def _resource_name(contexts: Mapping[str, Json]) -> str | None:
    resource = values.mapping(values.mapping(contexts.get("otel")).get("resource"))
    return values.optional(resource.get("service.name"))


def _message(payload: Mapping[str, Json]) -> tuple[str, str]:
    """The template and the text of what was logged."""
    entry = payload.get("logentry") or payload.get("sentry.interfaces.Message")
    if not isinstance(entry, dict):
        entry = payload.get("message") if not isinstance(entry, str) else entry
    if not isinstance(entry, dict):
        return "", values.string(entry)
    template = values.string(entry.get("message"))
    text = values.string(entry.get("formatted")) or _filled(template, entry.get("params")) or template
    return template, text


def _filled(template: str, parameters: Json) -> str:
    try:
        if isinstance(parameters, list) and parameters and "%" in template and len(template) < 10_000:
            return template % tuple(values.string(item)[:1_000] for item in parameters) if _plain(template) else ""
    except (TypeError, ValueError, OverflowError, MemoryError):
        return ""
    return ""


def _plain(template: str) -> bool:
    """Whether every placeholder is a bare %s, %d or %r: widths from strangers cost memory."""
    return all(part[:1] in "sdr%" for part in template.split("%")[1:])


def _exceptions(payload: Mapping[str, Json], warnings: list[str]) -> tuple[Raised, ...]:
    found = payload.get("exception", payload.get("sentry.interfaces.Exception"))
    if isinstance(found, dict):
        found = found.get("values", [found] if "type" in found or "value" in found else [])
    items = [values.mapping(item) for item in values.sequence(found) if isinstance(item, dict)]
    if len(items) > MAX_EXCEPTIONS:
        warnings.append(f"{len(items) - MAX_EXCEPTIONS} of {len(items)} exceptions were left out")
        items = items[-MAX_EXCEPTIONS:]
    mechanisms = [values.mapping(item.get("mechanism")) for item in items]
    places = arrange([_claim(mechanism) for mechanism in mechanisms])
    return tuple(
        _raised(items[place.index], mechanisms[place.index], place.parent, place.link, warnings) for place in places
    )


def _claim(mechanism: Mapping[str, Json]) -> Claim:
    return Claim(
        exception_id=values.whole(mechanism.get("exception_id")),
        parent_id=values.whole(mechanism.get("parent_id")),
        source=values.optional(mechanism.get("source")),
        is_group=mechanism.get("is_exception_group") is True,
    )


def _raised(
    item: Mapping[str, Json], mechanism: Mapping[str, Json], parent: int | None, link: Link, warnings: list[str]
) -> Raised:
    stack = item.get("stacktrace") or item.get("raw_stacktrace")
    found = values.mapping(stack).get("frames") if isinstance(stack, dict) else stack
    frames = [_frame(values.mapping(frame)) for frame in values.sequence(found) if isinstance(frame, dict)]
    omitted = _omitted(values.mapping(stack).get("frames_omitted"))
    if len(frames) > MAX_FRAMES:
        middle = len(frames) - MAX_FRAMES
        omitted += middle
        warnings.append(f"{middle} of {len(frames)} frames were left out of the middle of the stack")
        frames = frames[: MAX_FRAMES // 2] + frames[-(MAX_FRAMES // 2) :]
    return Raised(
        type=values.string(item.get("type")) or "Unknown",
        value=values.string(item.get("value")),
        module=values.optional(item.get("module")),
        frames=tuple(frames),
        parent=parent,
        link=link,
        is_group=mechanism.get("is_exception_group") is True,
        handled=values.truth(mechanism.get("handled")),
        mechanism=values.optional(mechanism.get("type")),
        frames_omitted=omitted,
    )


def _omitted(value: Json) -> int:
    """How many frames `[first, last]` leaves out."""
    if isinstance(value, list) and len(value) == 2:
        first, last = values.whole(value[0]), values.whole(value[1])
        return max(0, last - first) if first is not None and last is not None else 0
    return values.whole(value) or 0


def _frame(frame: Mapping[str, Json]) -> Frame:
    variables = frame.get("vars")
    if isinstance(variables, list):
        variables = {str(index): item for index, item in enumerate(variables)}
    line = frame.get("context_line")
    path = values.string(frame.get("filename"))
    absolute = values.optional(frame.get("abs_path"))
    return Frame(
        path=path or absolute or "<unknown>",
        function=values.string(frame.get("function")) or "<unknown>",
        lineno=values.whole(frame.get("lineno")),
        abs_path=absolute,
        module=values.optional(frame.get("module")),
        in_app=values.truth(frame.get("in_app")),
        pre_context=values.texts(frame.get("pre_context"))[-MAX_CONTEXT:],
        context_line=None if line is None else values.string(line),
        post_context=values.texts(frame.get("post_context"))[:MAX_CONTEXT],
        variables=variables if isinstance(variables, dict) else None,
    )


def _request(payload: Mapping[str, Json]) -> Request | None:
    found = payload.get("request", payload.get("sentry.interfaces.Http"))
    if not isinstance(found, dict) or not found:
        return None
    query = found.get("query_string")
    cookies = found.get("cookies")
    headers = values.pairs(found.get("headers"))
    body = found.get("data")
    removed = values.mapping(values.mapping(values.mapping(payload.get("_meta")).get("request")).get("data"))
    return Request(
        method=values.string(found.get("method")).upper() or "GET",
        url=values.string(found.get("url")),
        query=_query(query),
        headers=headers,
        cookies=_cookies(cookies) if isinstance(cookies, str) else values.pairs(cookies),
        body=body if body not in ("", None) else None,
        body_state=body_state(body, removed, headers),
    )


def body_state(body: Json, removed: Mapping[str, Json], headers: Sequence[tuple[str, str]]) -> str:
    """full, truncated, absent (there was none) or scrubbed (all or some of it was taken out).

    `removed` is `_meta` of the body: Sentry's rules end in x (removed), s (replaced), or name
    the limit that cut the text.
    """
    rules = str(removed)
    length = next((value for name, value in headers if name.lower() == "content-length"), "0")
    if body in ("", None):
        return "scrubbed" if "'rem'" in rules or (length.isdigit() and length.strip("0")) else "absent"
    if "!limit" in rules or "'len'" in rules:
        return "truncated"
    return "scrubbed" if "'rem'" in rules or "[Filtered]" in str(body) else "full"


def _query(query: Json) -> tuple[tuple[str, str], ...]:
    if isinstance(query, str):
        try:
            return tuple(parse_qsl(query[:100_000].lstrip("?"), keep_blank_values=True, max_num_fields=2_000))
        except ValueError:
            return ((query[:1_000], ""),)
    return values.pairs(query)


def _cookies(header: str) -> tuple[tuple[str, str], ...]:
    parts = (part.partition("=") for part in header[:100_000].split(";"))
    return tuple((name.strip(), value.strip()) for name, _, value in parts if name.strip())


def _user(value: Json) -> Mapping[str, str]:
    return {
        name: values.string(item)
        for name, item in values.mapping(value).items()
        if item not in (None, "") and not isinstance(item, dict | list)
    }


def _breadcrumbs(value: Json) -> tuple[Breadcrumb, ...]:
    found = value.get("values") if isinstance(value, dict) else value
    items = [values.mapping(item) for item in values.sequence(found) if isinstance(item, dict)]
    return tuple(
        Breadcrumb(
            message=values.string(item.get("message")),
            category=values.string(item.get("category")) or values.string(item.get("type")),
            level=values.string(item.get("level")) or "info",
            timestamp=values.optional(item.get("timestamp")),
            data=values.mapping(item.get("data")),
        )
        for item in items[-MAX_BREADCRUMBS:]
    )


def _problems(payload: Mapping[str, Json]) -> list[str]:
    """What the tracker itself complained of when it took the event in."""
    found = []
    for item in values.sequence(payload.get("errors"))[:50]:
        if isinstance(item, dict):
            parts = [values.string(item.get(key)) for key in ("type", "message", "name", "reason")]
            found.append(": ".join(part for part in parts if part)[:300])
    return [text for text in found if text]
