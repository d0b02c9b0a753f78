"""The app in a browser: textual-serve behind a token, one process of the app for each tab.

Whoever reaches the page can do all that the app can, so nothing is served without the token:
it stands in the address that is printed, and a cookie keeps it after the first visit. The name
the browser asked for must be an address or this machine's own name: a stranger's page whose
name was pointed at us later (DNS rebinding) carries its own.
"""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
import os
import signal
import socket
from collections.abc import Awaitable, Callable, Sequence
from importlib.resources import files
from urllib.parse import urlsplit

from aiohttp import WSMsgType, web
from textual_serve import __name__ as SERVE
from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

from triage.errors import Unavailable
from triage.tui.escapes import ESC, ESCAPE_KEY

LOG = logging.getLogger("triage.web")
SESSIONS = 8
"""Tabs at a time: each is a process of its own."""

LARGEST_MESSAGE = 1 << 20
PATIENCE = 2.0
"""Seconds that a tab's process has to end by itself."""

COLUMNS, ROWS = (20, 500), (5, 200)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; "
        "img-src 'self' data:; connect-src 'self' {ws}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>triage</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/static/css/xterm.css">
<link rel="stylesheet" href="/page.css">
<script src="/static/js/textual.js"></script>
<script src="/page.js"></script>
</head>
<body>
<p class="closed">This session has ended. Load the page again to start another.</p>
<div id="terminal" class="textual-terminal" data-session-websocket-url="{websocket}" data-font-size="{size}"></div>
</body>
</html>
"""

CSS = """
@font-face { font-family: "Roboto Mono"; font-weight: 100 700;
  src: url("/static/fonts/RobotoMono-VariableFont_wght.ttf"); }
@font-face { font-family: "Roboto Mono"; font-style: italic; font-weight: 100 700;
  src: url("/static/fonts/RobotoMono-Italic-VariableFont_wght.ttf"); }
html, body { margin: 0; height: 100%; background: #14161a; color: #d5dae3; font: 16px "Roboto Mono", monospace; }
.textual-terminal { width: 100vw; height: 100vh; }
.closed { display: none; padding: 2rem; }
body.-closed .closed { display: block; }
body.-closed .textual-terminal { display: none; }
"""

JS = """
// The keys go to the app from the start, without a click into it.
const waiting = setInterval(() => {
  const keys = document.querySelector("#terminal textarea");
  if (keys) { keys.focus(); clearInterval(waiting); }
}, 50);
"""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Session(AppService):
    """One tab's process of the app, started without a shell and gone when the tab is."""

    def __init__(self, command: Sequence[str], websocket: web.WebSocketResponse, downloads: DownloadManager) -> None:
        super().__init__(
            "",
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=websocket.close,  # type: ignore[arg-type]  # what it returns is not looked at
            download_manager=downloads,
        )
        self._command = tuple(command)

    async def _open_app_process(self, width: int = 80, height: int = 24) -> asyncio.subprocess.Process:
        environment = self._build_environment(width, height)
        for name in ("TMUX", "STY", "SSH_CONNECTION", "SSH_TTY"):  # the server's terminal is not the browser
            environment.pop(name, None)
        environment["TERM"] = "xterm-256color"
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self._stdin = self._process.stdin
        return self._process

    async def stop(self) -> None:
        """Ask the app to leave; end it if it does not."""
        try:
            await asyncio.wait_for(super().stop(), PATIENCE)
        except (TimeoutError, OSError):
            LOG.warning("a session did not leave by itself")
        finally:
            process = self._process
            if process is not None and process.returncode is None:
                try:
                    await asyncio.wait_for(process.wait(), 0.5)
                except TimeoutError:
                    os.killpg(process.pid, signal.SIGKILL)
                    await process.wait()


class WebServer:
    """Serves `command`, an app of Textual's, on one address, to whoever has `token`."""

    def __init__(self, command: Sequence[str], token: str) -> None:
        self.command = tuple(command)
        self.token = token
        self.sessions: set[Session] = set()
        self._cookie = "triage"
        self._downloads = DownloadManager()

    def application(self) -> web.Application:
        """All routes, guarded."""
        app = web.Application(middlewares=[self._guard], client_max_size=LARGEST_MESSAGE)
        static = str(files(SERVE) / "static")
        app.add_routes(
            [
                web.get("/", self._page),
                web.get("/page.css", self._css),
                web.get("/page.js", self._js),
                web.get("/ws", self._websocket),
                web.static("/static", static, show_index=False, follow_symlinks=False),
            ]
        )
        app.on_shutdown.append(self._close)
        return app

    # -- who may come in

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        trouble = self.refusal(request)
        if trouble is not None:
            refused = web.Response(status=403, text=f"triage: {trouble}\n")
            self._dress(request, refused)
            return refused
        if "token" in request.query:  # out of the address, before it gets into a history
            response: web.StreamResponse = web.Response(status=303, headers={"Location": "/"})
            response.set_cookie(self._name(request), self.token, httponly=True, samesite="Strict", path="/")
        else:
            try:
                response = await handler(request)
            except web.HTTPException as error:
                response = web.Response(status=error.status, text=f"{error.reason}\n")
        if not response.prepared:
            self._dress(request, response)
        return response

    def refusal(self, request: web.Request) -> str | None:
        """Why this request is not answered; None when it is."""
        if not is_own_name(request.headers.get("Host", "")):
            return "this name is not one of this machine's"
        origin = request.headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc != request.headers["Host"]:
            return "asked from another site's page"
        if request.path == "/ws" and origin is None:
            return "no page asked for this"
        given = request.query.get("token") if "token" in request.query else request.cookies.get(self._name(request))
        if given is None or not hmac.compare_digest(given.encode("utf-8", "replace"), self.token.encode()):
            return "open the address that triage web printed, with its token"
        return None

    def _name(self, request: web.Request) -> str:
        """Cookies do not know ports: two servers on one machine need two names."""
        return f"{self._cookie}-{urlsplit('//' + request.headers['Host']).port or 80}"

    @staticmethod
    def _dress(request: web.Request, response: web.StreamResponse) -> None:
        for name, value in HEADERS.items():
            response.headers[name] = value.format(ws=_websocket_origin(request))

    # -- what is served

    async def _page(self, request: web.Request) -> web.Response:
        asked = request.query.get("fontsize", "")
        size = min(40, max(8, int(asked))) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 16
        text = PAGE.format(websocket=f"{_websocket_origin(request)}/ws", size=size)
        return web.Response(text=text, content_type="text/html")

    async def _css(self, request: web.Request) -> web.Response:
        return web.Response(text=CSS, content_type="text/css")

    async def _js(self, request: web.Request) -> web.Response:
        return web.Response(text=JS, content_type="text/javascript")

    async def _websocket(self, request: web.Request) -> web.StreamResponse:
        if len(self.sessions) >= SESSIONS:
            return web.Response(status=503, text=f"triage: {SESSIONS} tabs are open; close one\n")
        websocket = web.WebSocketResponse(heartbeat=15, max_msg_size=LARGEST_MESSAGE)
        await websocket.prepare(request)
        session = Session(self.command, websocket, self._downloads)
        self.sessions.add(session)
        try:
            await session.start(
                _within(request.query.get("width"), COLUMNS, 80), _within(request.query.get("height"), ROWS, 24)
            )
            await self._follow(websocket, session)
        except (ConnectionError, OSError) as error:
            LOG.warning("a session broke off: %s", error)
        finally:
            self.sessions.discard(session)
            await session.stop()
        return websocket

    async def _follow(self, websocket: web.WebSocketResponse, session: Session) -> None:
        """Hand on what the browser sends, until it leaves. What is not understood is passed over."""
        async for message in websocket:
            if message.type is not WSMsgType.TEXT:
                continue
            try:
                kind, *rest = json.loads(message.data)
            except (ValueError, TypeError):
                continue
            given = rest[0] if rest else None
            if kind == "stdin" and isinstance(given, str):
                # A browser sends each key by itself: an escape alone is that key, whatever comes behind it.
                await session.send_bytes((ESCAPE_KEY if given == ESC else given).encode("utf-8", "replace"))
            elif kind == "resize" and isinstance(given, dict):
                await session.set_terminal_size(
                    _within(given.get("width"), COLUMNS, 80), _within(given.get("height"), ROWS, 24)
                )
            elif kind == "ping":
                await websocket.send_json(["pong", given])
            elif kind == "blur":
                await session.blur()
            elif kind == "focus":
                await session.focus()

    async def _close(self, app: web.Application) -> None:
        await asyncio.gather(*(session.stop() for session in tuple(self.sessions)), return_exceptions=True)


async def serve(server: WebServer, host: str, port: int, announce: Callable[[str], object]) -> None:
    """Serve until cancelled. `announce` gets the address to open, token and all.

    Raises Unavailable when the address cannot be bound.
    """
    runner = web.AppRunner(server.application(), access_log=None, shutdown_timeout=PATIENCE)
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port)
        try:
            await site.start()
        except OSError as error:
            hint = "name another with --port; --port 0 takes a free one"
            raise Unavailable(f"cannot serve on {host}:{port}", error.strerror or str(error), hint) from error
        bound = runner.addresses[0][1]
        announce(f"http://{_in_address(host)}:{bound}/?token={server.token}")
        await asyncio.Event().wait()
    finally:
        await runner.cleanup()


def is_own_name(host: str) -> bool:
    """Whether a Host header names this machine in a way that nobody else can make point here."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    if name in ("localhost", socket.gethostname().lower(), socket.getfqdn().lower()):
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _in_address(host: str) -> str:
    if host in ("0.0.0.0", "::", ""):
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def _websocket_origin(request: web.Request) -> str:
    return f"{'wss' if request.secure else 'ws'}://{request.headers.get('Host', '')}"


def _within(given: object, limits: tuple[int, int], otherwise: int) -> int:
    try:
        return min(limits[1], max(limits[0], int(given)))  # type: ignore[call-overload, no-any-return]
    except (TypeError, ValueError):
        return otherwise
