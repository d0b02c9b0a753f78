"""The HTTP side of ingest: Sentry's envelope and store endpoints, Spotlight's stream, health."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from triage.config import IngestConfig
from triage.domain.incoming import IncomingEvent
from triage.errors import BadInput, TriageError, Unavailable
from triage.sources import sdk, values
from triage.sources.encodings import TooLarge, UnknownEncoding, decompress
from triage.sources.envelope import Item, read_envelope
from triage.sources.ingest import access, fast
from triage.sources.ingest.committer import Busy, Committer, EventWriter

WANTED = frozenset(("event", "client_report"))
BODY_SECONDS = 30.0
LARGE = 256_000
MAX_REASONS = 100
CORS = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "x-sentry-error, x-sentry-rate-limits, retry-after",
}
PREFLIGHT = {
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "x-sentry-auth, x-requested-with, origin, accept, content-type, authentication, "
    "authorization, content-encoding, transfer-encoding",
    "access-control-max-age": "3600",
}
Answer = Awaitable[Response]


class _Refused(Exception):
    """An answer other than 200, with the reason in words."""

    def __init__(self, status: int, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.headers = headers or {}


@dataclass
class Ingest:
    """What the handlers share. `dropped` counts what clients say they threw away, by reason."""

    committer: Committer
    limits: IngestConfig
    key: str
    store: str = ""
    dropped: Counter[str] = field(default_factory=Counter)


def create_app(writer: EventWriter, limits: IngestConfig, key: str, store: str = "") -> Starlette:
    """The ASGI app. `key` is the DSN's public key; `store` is named by /health.

    The committer is at `app.state.ingest.committer`: close it when the server has stopped.
    """
    ingest = Ingest(Committer(writer, limits.queue), limits, key, store)

    def guarded(handler: Callable[[Ingest, Request], Answer]) -> Callable[[Request], Answer]:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=200, headers=CORS | PREFLIGHT)
            try:
                return await handler(ingest, request)
            except Exception as error:
                return _refusal(error)

        return endpoint

    methods = ["POST", "OPTIONS"]
    routes = [
        Route("/{prefix:path}api/{project}/envelope/", guarded(_envelope), methods=methods),
        Route("/{prefix:path}api/{project}/envelope", guarded(_envelope), methods=methods),
        Route("/{prefix:path}api/{project}/store/", guarded(_store), methods=methods),
        Route("/{prefix:path}api/{project}/store", guarded(_store), methods=methods),
        Route("/stream", guarded(_stream), methods=methods),
        Route("/health", guarded(_health), methods=["GET"]),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    app.state.ingest = ingest
    return app


def _refusal(error: Exception) -> Response:
    """The answer for an exception; what nobody foresaw is raised on."""
    match error:
        case _Refused():
            return _json(error.status, {"detail": str(error)}, error.headers)
        case access.Denied():
            return _json(error.status, {"detail": str(error)})
        case TooLarge():
            return _json(413, {"detail": str(error)})
        case UnknownEncoding():
            return _json(415, {"detail": str(error)})
        case Busy():
            return _json(429, {"detail": str(error)}, {"retry-after": "1"})
        case BadInput():
            return _json(400, {"detail": str(error)})
        case Unavailable():
            return _json(503, {"detail": str(error)}, {"retry-after": "10"})
        case TimeoutError():
            return _json(408, {"detail": f"the body did not arrive within {BODY_SECONDS:.0f} s"})
        case ClientDisconnect():
            return Response(status_code=400)
        case TriageError():
            return _json(500, {"detail": str(error)})
    raise error


async def _envelope(ingest: Ingest, request: Request) -> Response:
    keys = access.keys_of(request.headers, request.query_params)
    if keys:
        access.check(keys, ingest.key)
    body = await _body(ingest, request)
    envelope = read_envelope(body, WANTED)
    named = access.key_of_dsn(envelope.dsn)
    access.check([*keys, named] if named is not None else keys, ingest.key)
    return await _keep(ingest, envelope.items, sdk.event_id(envelope.event_id), "ingest")


async def _store(ingest: Ingest, request: Request) -> Response:
    access.check(access.keys_of(request.headers, request.query_params), ingest.key)
    body = await _body(ingest, request)
    return await _keep(ingest, (Item("event", body),), None, "ingest")


async def _stream(ingest: Ingest, request: Request) -> Response:
    """Spotlight: no key, so only this machine, and no page of another site in its browser."""
    if not access.is_this_machine(request.client.host if request.client else None):
        raise _Refused(403, "/stream is for this machine only: use the DSN")
    if not access.is_this_machine(request.url.hostname):
        raise _Refused(403, "/stream answers to localhost only")
    origin = request.headers.get("origin")
    if origin is not None and not access.is_local_page(origin):
        raise _Refused(403, "/stream takes nothing from pages of other sites")
    envelope = read_envelope(await _body(ingest, request), WANTED)
    return await _keep(ingest, envelope.items, sdk.event_id(envelope.event_id), "spotlight")


async def _health(ingest: Ingest, request: Request) -> Response:
    committer = ingest.committer
    content = {
        "service": "triage",
        "status": committer.trouble or "ok",
        "store": ingest.store if access.is_this_machine(request.client.host if request.client else None) else "",
        "waiting": committer.waiting,
        "stored": committer.counts.stored,
        "duplicates": committer.counts.duplicates,
        "refused_busy": committer.counts.refused_busy,
        "failed": committer.counts.failed,
        "dropped_by_clients": dict(ingest.dropped),
    }
    return _json(200, content)


async def _body(ingest: Ingest, request: Request) -> bytes:
    """The decompressed body. Raises _Refused, TooLarge, UnknownEncoding, BadInput, TimeoutError."""
    limits = ingest.limits
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and (len(announced) > 15 or int(announced) > limits.max_wire):
        raise _Refused(413, f"the body is larger than {limits.max_wire} bytes", {"connection": "close"})
    parts: list[bytes] = []
    size = 0
    async with asyncio.timeout(BODY_SECONDS):
        async for part in request.stream():
            size += len(part)
            if size > limits.max_wire:
                raise _Refused(413, f"the body is larger than {limits.max_wire} bytes", {"connection": "close"})
            parts.append(part)
    wire = parts[0] if len(parts) == 1 else b"".join(parts)
    encoding = request.headers.get("content-encoding", "")
    if size > LARGE:
        return await asyncio.to_thread(decompress, wire, encoding, limits.max_body)
    return decompress(wire, encoding, limits.max_body)


async def _keep(ingest: Ingest, items: tuple[Item, ...], event_id: str | None, source: str) -> Response:
    """Store the events among `items`; the answer goes out when they are committed."""
    received_at = datetime.now(UTC)
    payloads = [item.payload for item in items if item.type == "event"]
    wanted_id = event_id if len(payloads) == 1 else None
    rows: list[IncomingEvent] = []
    for payload in payloads:
        if len(payload) > ingest.limits.max_event:
            raise TooLarge("the event is too large", f"more than {ingest.limits.max_event} bytes", "capture less")
        if len(payload) > LARGE:
            row = await asyncio.to_thread(
                fast.read, payload, event_id=wanted_id, received_at=received_at, source=source
            )
        else:
            row = fast.read(payload, event_id=wanted_id, received_at=received_at, source=source)
        rows.append(row)
    await ingest.committer.store(rows)
    for item in items:
        if item.type == "client_report":
            _count_dropped(ingest.dropped, item.payload)
    answered = rows[0].event_id if rows else event_id
    return _json(200, {"id": answered} if answered else {})


def _count_dropped(dropped: Counter[str], payload: bytes) -> None:
    """Add up what a client report says it threw away; a report we cannot read counts as one."""
    try:
        report = values.mapping(values.load_json(payload))
    except BadInput:
        report = {"discarded_events": [{"reason": "unreadable report", "category": "client_report", "quantity": 1}]}
    for entry in values.sequence(report.get("discarded_events"))[:MAX_REASONS]:
        found = values.mapping(entry)
        name = f"{values.string(found.get('category'))[:60]}: {values.string(found.get('reason'))[:60]}"
        if name in dropped or len(dropped) < MAX_REASONS:
            dropped[name] += values.whole(found.get("quantity")) or 0


def _json(status: int, content: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    every = CORS | (headers or {})
    if status != 200:
        reason = str(content.get("detail", ""))
        every["x-sentry-error"] = "".join(c if 32 <= ord(c) < 127 else "?" for c in reason)[:200]
    return Response(msgspec.json.encode(content), status, every, "application/json")
