"""The HTTP side of ingest: Sentry's envelope and store endpoints, Spotlight's stream, health."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from triage.config import IngestConfig
from triage.domain.incoming import IncomingEvent
from triage.errors import BadInput
from triage.sources import sdk, values
from triage.sources.encodings import TooLarge, decompress
from triage.sources.envelope import Item, read_envelope
from triage.sources.ingest import access, fast
from triage.sources.ingest.call import Call
from triage.sources.ingest.committer import Committer, EventWriter
from triage.sources.ingest.reply import BODY_SECONDS, CORS, Refusal, Reply, json_reply, refusal

WANTED = frozenset(("event", "client_report"))
LARGE = 256_000
MAX_REASONS = 100
PREFLIGHT = {
    "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "x-sentry-auth, x-requested-with, origin, accept, content-type, authentication, "
    "authorization, content-encoding, transfer-encoding",
    "access-control-max-age": "3600",
}


@dataclass
class Ingest:
    """What the handlers share. `dropped` counts what clients say they threw away, by reason."""

    committer: Committer
    limits: IngestConfig
    key: str
    store: str = ""
    dropped: Counter[str] = field(default_factory=Counter)


Handler: TypeAlias = Callable[[Ingest, Call], Awaitable[Reply]]


class App:
    """The ASGI app.

    An envelope on a plain path, which is nearly everything that SDKs send, goes straight to its
    handler: the way through Starlette's routes and responses costs more than reading the event.
    """

    def __init__(self, ingest: Ingest) -> None:
        self.committer = ingest.committer
        self._ingest = ingest
        self._routes = _routes(ingest)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or not _is_plain_envelope(scope["path"]):
            await self._routes(scope, receive, send)
            return
        reply = await _answered(_envelope, self._ingest, Call(scope, receive))
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.raw_headers})
        await send({"type": "http.response.body", "body": reply.body})


def create_app(writer: EventWriter, limits: IngestConfig, key: str, store: str = "") -> App:
    """`key` is the DSN's public key; `store` is named by /health."""
    return App(Ingest(Committer(writer, limits.queue), limits, key, store))


def _is_plain_envelope(path: str) -> bool:
    parts = path.split("/")
    return len(parts) == 5 and parts[1] == "api" and parts[2].isdigit() and parts[3] == "envelope" and not parts[4]


async def _answered(handler: Handler, ingest: Ingest, call: Call) -> Reply:
    try:
        return await handler(ingest, call)
    except Exception as error:
        return refusal(error)


def _routes(ingest: Ingest) -> Starlette:
    """Every path that something may send to."""

    def answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            if request.method == "OPTIONS":
                return Response(status_code=200, headers=CORS | PREFLIGHT)
            reply = await _answered(handler, ingest, Call(request.scope, request.receive))
            return Response(reply.body, reply.status, reply.headers)

        return endpoint

    methods = ["POST", "OPTIONS"]
    routes = [
        Route("/{prefix:path}api/{project}/envelope/", answering(_envelope), methods=methods),
        Route("/{prefix:path}api/{project}/envelope", answering(_envelope), methods=methods),
        Route("/{prefix:path}api/{project}/store/", answering(_store), methods=methods),
        Route("/{prefix:path}api/{project}/store", answering(_store), methods=methods),
        Route("/stream", answering(_stream), methods=methods),
        Route("/health", answering(_health), methods=["GET"]),
    ]
    app = Starlette(routes=routes)
    app.router.redirect_slashes = False
    return app


async def _envelope(ingest: Ingest, call: Call) -> Reply:
    keys = access.keys_of(call.headers, call.query)
    if keys:
        access.check(keys, ingest.key)
    body = await _body(ingest, call)
    envelope = read_envelope(body, WANTED)
    named = access.key_of_dsn(envelope.dsn)
    if named is not None or not keys:
        access.check([*keys, named] if named is not None else keys, ingest.key)
    return await _keep(ingest, envelope.items, sdk.event_id(envelope.event_id), "ingest")


async def _store(ingest: Ingest, call: Call) -> Reply:
    access.check(access.keys_of(call.headers, call.query), ingest.key)
    body = await _body(ingest, call)
    return await _keep(ingest, (Item("event", body),), None, "ingest")


async def _stream(ingest: Ingest, call: Call) -> Reply:
    """Spotlight: no key, so only this machine, and no page of another site in its browser."""
    if not access.is_this_machine(call.client):
        raise Refusal(403, "/stream is for this machine only: use the DSN")
    if not access.is_this_machine(call.host):
        raise Refusal(403, "/stream answers to localhost only")
    origin = call.headers.get("origin")
    if origin is not None and not access.is_local_page(origin):
        raise Refusal(403, "/stream takes nothing from pages of other sites")
    envelope = read_envelope(await _body(ingest, call), WANTED)
    return await _keep(ingest, envelope.items, sdk.event_id(envelope.event_id), "spotlight")


async def _health(ingest: Ingest, call: Call) -> Reply:
    committer = ingest.committer
    content = {
        "service": "triage",
        "status": committer.trouble or "ok",
        "store": ingest.store if access.is_this_machine(call.client) else "",
        "waiting": committer.waiting,
        "stored": committer.counts.stored,
        "duplicates": committer.counts.duplicates,
        "refused_busy": committer.counts.refused_busy,
        "failed": committer.counts.failed,
        "dropped_by_clients": dict(ingest.dropped),
    }
    return json_reply(200, content)


async def _body(ingest: Ingest, call: Call) -> bytes:
    """The decompressed body. Raises Refusal, TooLarge, UnknownEncoding, BadInput, TimeoutError."""
    limits = ingest.limits
    announced = call.headers.get("content-length", "")
    if announced.isdigit() and (len(announced) > 15 or int(announced) > limits.max_wire):
        raise Refusal(413, f"the body is larger than {limits.max_wire} bytes", {"connection": "close"})
    parts: list[bytes] = []
    size = 0
    async with asyncio.timeout(BODY_SECONDS):
        async for part in call.body():
            size += len(part)
            if size > limits.max_wire:
                raise Refusal(413, f"the body is larger than {limits.max_wire} bytes", {"connection": "close"})
            parts.append(part)
    wire = parts[0] if len(parts) == 1 else b"".join(parts)
    encoding = call.headers.get("content-encoding", "")
    if size > LARGE:
        return await asyncio.to_thread(decompress, wire, encoding, limits.max_body)
    return decompress(wire, encoding, limits.max_body)


async def _keep(ingest: Ingest, items: tuple[Item, ...], event_id: str | None, source: str) -> Reply:
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
    return json_reply(200, {"id": answered} if answered else {})


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
