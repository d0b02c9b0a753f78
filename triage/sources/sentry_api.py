"""The parser for events as Sentry's Web API answers them (camelCase, `entries`)."""

from collections.abc import Mapping
from datetime import datetime

from triage.domain.event import Event, Json
from triage.errors import BadInput
from triage.sources import values
from triage.sources.sdk import build

_MECHANISM = {
    "exceptionId": "exception_id",
    "parentId": "parent_id",
    "isExceptionGroup": "is_exception_group",
}


def parse_sentry_api(raw: bytes, occurred_at: datetime | None = None) -> Event:
    """The event in `raw`; see `parse_sdk` for `occurred_at`. Raises BadInput."""
    payload = values.load_json(raw)
    if isinstance(payload, list) and len(payload) == 1:
        payload = payload[0]
    if not isinstance(payload, dict):
        raise BadInput("not an event", f"a JSON {type(payload).__name__}", "expected one event of Sentry's API")
    if not is_api_event(payload):
        hint = "export the event itself: /api/0/organizations/ORG/issues/ID/events/latest/"
        if "shortId" in payload:
            raise BadInput("this is an issue, not an event", values.string(payload.get("shortId"))[:80], hint)
        raise BadInput("not an event of Sentry's API", values.string(payload.get("detail"))[:200], hint)
    return build(to_sdk_shape(payload), raw, occurred_at, "sentry")


def is_api_event(payload: Json) -> bool:
    """Whether this object is an event of Sentry's API by its keys."""
    return isinstance(payload, dict) and ("eventID" in payload or "entries" in payload)


def to_sdk_shape(payload: Mapping[str, Json]) -> dict[str, Json]:
    """The same event with the names and nesting that SDKs use."""
    entries = _entries(payload)
    tags = dict(values.pairs(payload.get("tags")))
    release = payload.get("release")
    message = entries.get("message", {})
    shaped: dict[str, Json] = {
        "event_id": payload.get("eventID") or payload.get("id"),
        "timestamp": payload.get("dateCreated") or payload.get("dateReceived"),
        "platform": payload.get("platform"),
        "level": tags.get("level") or payload.get("level"),
        "logger": tags.get("logger"),
        "transaction": tags.get("transaction") or payload.get("transaction"),
        "server_name": tags.get("server_name"),
        "environment": tags.get("environment"),
        "release": values.mapping(release).get("version") if isinstance(release, dict) else release,
        "project": payload.get("projectID"),
        "tags": [[name, value] for name, value in tags.items()],
        "user": payload.get("user"),
        "contexts": payload.get("contexts"),
        "extra": payload.get("context"),
        "modules": payload.get("packages"),
        "errors": payload.get("errors"),
        "breadcrumbs": entries.get("breadcrumbs"),
        "exception": {"values": [_exception(item) for item in _values(entries.get("exception"))]},
        "logentry": {
            "message": message.get("message") or payload.get("message"),
            "formatted": message.get("formatted"),
            "params": message.get("params"),
        },
    }
    if "request" in entries:
        request = dict(entries["request"])
        request["query_string"] = request.get("query")
        shaped["request"] = request
        shaped["_meta"] = {"request": {"data": _meta_of_body(payload)}}
    return shaped


def _entries(payload: Mapping[str, Json]) -> dict[str, Mapping[str, Json]]:
    found: dict[str, Mapping[str, Json]] = {}
    for entry in values.sequence(payload.get("entries")):
        if isinstance(entry, dict):
            found.setdefault(values.string(entry.get("type")), values.mapping(entry.get("data")))
    return found


def _meta_of_body(payload: Mapping[str, Json]) -> Json:
    """What `_meta` says of the request's body: it is keyed by the entry's position."""
    meta = values.mapping(values.mapping(payload.get("_meta")).get("entries"))
    for index, entry in enumerate(values.sequence(payload.get("entries"))):
        if isinstance(entry, dict) and entry.get("type") == "request":
            return values.mapping(values.mapping(meta.get(str(index))).get("data")).get("data")
    return None


def _values(entry: Mapping[str, Json] | None) -> list[Mapping[str, Json]]:
    found = (entry or {}).get("values")
    return [values.mapping(item) for item in values.sequence(found) if isinstance(item, dict)]


def _exception(item: Mapping[str, Json]) -> dict[str, Json]:
    stack = values.mapping(item.get("stacktrace") or item.get("rawStacktrace"))
    mechanism = {_MECHANISM.get(name, name): value for name, value in values.mapping(item.get("mechanism")).items()}
    frames = [_frame(values.mapping(frame)) for frame in values.sequence(stack.get("frames"))]
    return {
        "type": item.get("type"),
        "value": item.get("value"),
        "module": item.get("module"),
        "mechanism": mechanism,
        "stacktrace": {"frames": frames, "frames_omitted": stack.get("framesOmitted")},
    }


def _frame(frame: Mapping[str, Json]) -> dict[str, Json]:
    line = values.whole(frame.get("lineNo"))
    before: list[Json] = []
    after: list[Json] = []
    at: Json = None
    for item in values.sequence(frame.get("context")):
        if not isinstance(item, list) or len(item) < 2:
            continue
        number = values.whole(item[0])
        if number is None or line is None:
            continue
        text = values.string(item[1])
        if number < line:
            before.append(text)
        elif number == line:
            at = text
        else:
            after.append(text)
    return {
        "filename": frame.get("filename"),
        "abs_path": frame.get("absPath"),
        "module": frame.get("module"),
        "function": frame.get("function"),
        "lineno": line,
        "in_app": frame.get("inApp"),
        "vars": frame.get("vars"),
        "pre_context": before,
        "context_line": at,
        "post_context": after,
    }
