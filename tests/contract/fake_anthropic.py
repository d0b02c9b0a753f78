"""The Messages API on loopback, as the anthropic SDK speaks it, for tests.

Requests are checked against the SDK's own types. What it answers is put in a queue first.
"""

import asyncio
import json
import socket
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

KEY = "sk-ant-test-key"
KINDS = {
    400: "invalid_request_error", 401: "authentication_error", 402: "billing_error", 403: "permission_error",
    404: "not_found_error", 408: "timeout_error", 413: "request_too_large", 429: "rate_limit_error", 500: "api_error",
    529: "overloaded_error",
}  # fmt: skip


@dataclass(frozen=True)
class Reply:
    """One answer. `fields` become the structured output, else `text` is sent as it is.

    `status` other than 200 is an error answer. `breaks_with` ends the stream half way with
    an error event of that kind, `breaks_off` with silence. `size` is characters a delta.
    """

    fields: Mapping[str, str] | None = None
    text: str = ""
    stop: str = "end_turn"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    message: str = "nope"
    breaks_with: str = ""
    breaks_off: bool = False
    size: int = 7
    stalls: bool = False


@dataclass(frozen=True)
class Seen:
    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]


class FakeAnthropic:
    """The server. `enqueue` answers, read `seen`. Works as a context manager."""

    def __init__(self) -> None:
        self.url = ""
        self.seen: list[Seen] = []
        self.tokens = 1234
        self.closed_early = threading.Event()
        self._replies: deque[Reply] = deque()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._checks: tuple[TypeAdapter[Any], ...] = ()

    def enqueue(self, *replies: Reply) -> None:
        self._replies.extend(replies)

    def __enter__(self) -> "FakeAnthropic":
        from anthropic.types.message_count_tokens_params import MessageCountTokensParams
        from anthropic.types.message_create_params import MessageCreateParamsNonStreaming, MessageCreateParamsStreaming

        shapes = (MessageCreateParamsNonStreaming, MessageCreateParamsStreaming, MessageCountTokensParams)
        self._checks = tuple(TypeAdapter(shape) for shape in shapes)
        listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        routes = [
            Route("/v1/messages", self._messages, methods=["POST"]),
            Route("/v1/messages/count_tokens", self._count, methods=["POST"]),
        ]
        settings = uvicorn.Config(
            Starlette(routes=routes), log_level="error", lifespan="off", timeout_graceful_shutdown=1
        )
        server = self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])), daemon=True)
        self._thread.start()
        while not server.started:
            time.sleep(0.005)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(timeout=10)

    async def _read(self, request: Request, shape: int) -> tuple[dict[str, Any], Response | None]:
        body: dict[str, Any] = await request.json()
        self.seen.append(Seen(request.url.path, dict(request.headers), body))
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        if (given or request.headers.get("x-api-key")) != KEY:
            return body, error(401, "invalid x-api-key")
        if not request.headers.get("anthropic-version"):
            return body, error(400, "anthropic-version: header is required")
        try:
            self._checks[shape].validate_python(body)
        except ValidationError as problem:
            return body, error(400, str(problem.errors()[0]["loc"]))
        if body["messages"][-1]["role"] != "user":
            return body, error(400, "the last message must be the user's")
        return body, None

    async def _count(self, request: Request) -> Response:
        _, refused = await self._read(request, 2)
        if refused is not None:
            return refused
        if self._replies and self._replies[0].status != 200:
            reply = self._replies.popleft()
            return error(reply.status, reply.message, reply.headers)
        return JSONResponse({"input_tokens": self.tokens})

    async def _messages(self, request: Request) -> Response:
        streams = (await request.json()).get("stream") is True
        body, refused = await self._read(request, 1 if streams else 0)
        if refused is not None:
            return refused
        reply = self._replies.popleft()
        if reply.status != 200:
            return error(reply.status, reply.message, reply.headers)
        wanted = body.get("output_config", {}).get("format", {}).get("schema", {}).get("properties")
        text = reply.text
        if reply.fields is not None:
            assert wanted, "structured output was not asked for"
            text = json.dumps({name: reply.fields[name] for name in wanted if name in reply.fields}, ensure_ascii=True)
        if not streams:
            return JSONResponse(message(body["model"], [{"type": "text", "text": text}], reply.stop, len(text) // 4))
        headers = {"request-id": "req_test"}
        return StreamingResponse(
            self._events(body["model"], text, reply), media_type="text/event-stream", headers=headers
        )

    async def _events(self, model: str, text: str, reply: Reply) -> AsyncIterator[str]:
        try:
            yield event("message_start", message=message(model, [], None, 1))
            yield event("content_block_start", index=0, content_block={"type": "text", "text": ""})
            yield event("ping")
            for start in range(0, len(text), reply.size):
                if start > len(text) // 2:
                    if reply.breaks_with:
                        yield event("error", error={"type": reply.breaks_with, "message": "Overloaded"})
                    if reply.breaks_with or reply.breaks_off:
                        return
                    if reply.stalls:
                        await asyncio.sleep(60)
                yield event(
                    "content_block_delta",
                    index=0,
                    delta={"type": "text_delta", "text": text[start : start + reply.size]},
                )
            yield event("content_block_stop", index=0)
            tokens = {"output_tokens": max(len(text) // 4, 1)}
            yield event("message_delta", delta={"stop_reason": reply.stop, "stop_sequence": None}, usage=tokens)
            yield event("message_stop")
        except (asyncio.CancelledError, GeneratorExit):
            self.closed_early.set()
            raise


def message(model: str, content: list[dict[str, str]], stop: str | None, tokens: int) -> dict[str, Any]:
    usage = {
        "input_tokens": 1000,
        "output_tokens": tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 234,
    }
    return {
        "id": "msg_test", "type": "message", "role": "assistant", "model": model, "content": content,
        "stop_reason": stop, "stop_sequence": None, "usage": usage,
    }  # fmt: skip


def event(kind: str, **fields: object) -> str:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n"


def error(status: int, words: str, headers: Mapping[str, str] | None = None) -> Response:
    body = {"type": "error", "error": {"type": KINDS[status], "message": words}, "request_id": "req_test"}
    return JSONResponse(body, status, {"request-id": "req_test", **(headers or {})})
