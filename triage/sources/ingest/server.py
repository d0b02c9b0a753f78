"""Running the ingest server as a process: its socket, its signals, what it tells the user."""

import asyncio
import contextlib
import errno
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import FrameType

import uvicorn
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from triage.config import Config
from triage.errors import Unavailable
from triage.sources.ingest.access import is_this_machine, public_key
from triage.sources.ingest.app import create_app
from triage.sources.ingest.writer import WriterProcess

PROJECT = "1"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where events go: what to paste into `sentry_sdk.init(dsn=...)` or SENTRY_SPOTLIGHT."""

    host: str
    port: int
    key: str

    @property
    def base(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def dsn(self) -> str:
        return f"http://{self.key}@{self.base}/{PROJECT}"

    @property
    def spotlight(self) -> str:
        return f"http://{self.base}/stream"

    @property
    def health(self) -> str:
        return f"http://{self.base}/health"


def print_endpoint(endpoint: Endpoint) -> None:
    """The lines a person pastes, on stdout."""
    print(f"DSN        {endpoint.dsn}")
    print(f"Spotlight  {endpoint.spotlight}")
    if not is_this_machine(endpoint.host):
        print("Anyone who reaches this port and knows the key can send events.", file=sys.stderr)
    sys.stdout.flush()


def serve(
    config: Config,
    storing: str,
    announce: Callable[[Endpoint], None] = print_endpoint,
    *,
    until_stdin_closes: bool = False,
) -> None:
    """Serve until SIGINT or SIGTERM (or the end of stdin: the parent is gone); then return.

    `storing` is the module that WriterProcess runs; the store must be there and up to date.
    `announce` is called once the port accepts. Raises Unavailable when the port cannot be had.
    """
    key = public_key(config.ingest.key, config.store_url)
    listener = listen(config.ingest.host, config.ingest.port)
    writer = WriterProcess(storing, config.store_url)
    try:
        app = create_app(writer, config.ingest, key, config.store_url)
        server = _Server(
            uvicorn.Config(
                _quiet(app),
                lifespan="off",
                access_log=False,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=1,
                timeout_keep_alive=75,
            )
        )
        announce(Endpoint(_shown(config.ingest.host), listener.getsockname()[1], key))
        if until_stdin_closes:
            threading.Thread(target=_stop_with_stdin, args=(server,), daemon=True).start()
        server.run(sockets=[listener])
    finally:
        writer.close()
        listener.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises Unavailable, naming what to do, when the port is taken."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise Unavailable(
            f"cannot listen on {host}", str(error), "set ingest.host to an address of this machine"
        ) from error
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(2048)
    except OSError as error:
        listener.close()
        hint = "another `triage serve` may be running; choose another port with --port or ingest.port"
        if error.errno == errno.EADDRNOTAVAIL:
            hint = "set ingest.host to an address of this machine"
        elif error.errno == errno.EACCES:
            hint = "ports below 1024 are root's: choose another with --port or ingest.port"
        raise Unavailable(f"cannot listen on {host}:{port}", error.strerror or str(error), hint) from error
    listener.setblocking(False)
    return listener


def _shown(host: str) -> str:
    """The host in the DSN: a name for this machine when we listen on every address."""
    return socket.gethostname() if host in ("0.0.0.0", "::", "") else host


def _stop_with_stdin(server: uvicorn.Server) -> None:
    with contextlib.suppress(OSError, ValueError):
        # Not sys.stdin.buffer: a daemon thread that holds its lock is fatal when Python ends.
        while os.read(sys.stdin.fileno(), 4096):
            pass
    server.should_exit = True


def _quiet(app: ASGIApp) -> ASGIApp:
    """The app, for callers that hang up before their answer or are still sending when we stop."""

    async def serving(scope: Scope, receive: Receive, send: Send) -> None:
        gone = started = False

        async def sending(message: Message) -> None:
            nonlocal gone, started
            if not gone:
                try:
                    started = True
                    await send(message)
                except (RuntimeError, OSError):
                    gone = True

        try:
            await app(scope, receive, sending)
        except asyncio.CancelledError:  # we stop and the request is still coming in
            if not started:
                await sending({"type": "http.response.start", "status": 503, "headers": []})
                await sending({"type": "http.response.body", "body": b""})

    return serving


class _Server(uvicorn.Server):
    """uvicorn, without raising the signal again after a clean stop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.should_exit = True
