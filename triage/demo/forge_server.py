"""A small forge on loopback: GitHub's pull-request interface over real git repositories.

The demo and our tests publish to it. What it answers follows GitHub's documentation and
OpenAPI description; what it stores are bare repositories that `git push` really reaches.
By itself: `python -m triage.demo.forge_server ROOT --token TOKEN --repo OWNER/NAME`.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from triage.demo import forge_git, forge_page
from triage.demo.forge_api import Call, Interface, Reply
from triage.demo.forge_credentials import credential_settings
from triage.demo.forge_state import PullRequest, Repository
from triage.domain.event import Json

RATE_LIMIT = 5_000


@dataclass(slots=True)
class Fault:
    """An answer to give instead of the right one, `times` times, to calls whose method and
    path (a part of it) fit. `delay` seconds pass first. `status` 0: only the delay.
    `after`: the call is carried out and the answer is lost."""

    status: int
    body: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    method: str = ""
    path: str = ""
    times: int = 1
    delay: float = 0.0
    after: bool = False


@dataclass(frozen=True, slots=True)
class SeenCall:
    """A call of the interface as it arrived, without its Authorization header."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: object


class ForgeServer:
    """The forge. `root` holds `OWNER/NAME.git`; `token` is what pushes and calls must bring.

    `interface` has the switches for what GitHub may refuse; `faults` are used up in order;
    `seen` are the calls that arrived. Works as a context manager.
    """

    def __init__(self, root: Path, token: str, port: int = 0) -> None:
        self.root = root
        self.token = token
        self.interface = Interface(root, token)
        self.faults: list[Fault] = []
        self.seen: deque[SeenCall] = deque(maxlen=1_000)
        self.url = ""
        self._port = port
        self._used = 0
        self._lock = threading.Lock()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def api(self) -> str:
        """The interface's base, as `forge.api` in the configuration wants it."""
        return f"{self.url}/api/v3"

    def create_repo(self, owner: str, name: str, default_branch: str = "main") -> Path:
        """A bare repository to push to; the one that exists is kept."""
        repo = Repository(self.root, owner, name)
        repo.create(default_branch)
        return repo.git_dir

    def clone_url(self, owner: str, name: str) -> str:
        return f"{self.url}/{owner}/{name}.git"

    def credential_settings(self) -> dict[str, str]:
        """git settings that hand this forge's token to git, as a signed-in user's helper does."""
        return credential_settings(self.url, self.token)

    def start(self) -> str:
        """Serve on loopback from a thread of its own; returns the URL once it answers."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError:
            listener.close()
            raise
        self._port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self._port}"
        self.root.mkdir(parents=True, exist_ok=True)
        settings = uvicorn.Config(
            self.app(), log_level="error", access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        server = self._server = uvicorn.Server(settings)
        thread = self._thread = threading.Thread(
            target=lambda: asyncio.run(server.serve(sockets=[listener])), name="forge", daemon=True
        )
        thread.start()
        while not server.started:
            if not thread.is_alive():
                raise RuntimeError("the forge did not start")
            time.sleep(0.005)
        return self.url

    def stop(self) -> None:
        """Stop serving; what was stored stays in `root`."""
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=10)
        self._server = self._thread = None

    def __enter__(self) -> "ForgeServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def app(self) -> Starlette:
        """The ASGI application. Only loopback's names are answered (no DNS rebinding)."""
        routes = [
            Route("/api/v3/{path:path}", self._api, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
            Route("/", self._index_page),
            Route("/{owner}/{name}/pull/{number:int}.diff", self._diff_page),
            Route("/{owner}/{name}/pull/{number:int}", self._pull_page),
            Route("/{owner}/{name}.git/{rest:path}", self._git, methods=["GET", "POST"]),
            Route("/{owner}/{name}", self._repository_page),
            Route("/{owner}/{name}/pulls", self._repository_page),
        ]
        return Starlette(
            routes=routes, middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])]
        )

    async def _git(self, request: Request) -> Response:
        given = forge_git.token_of(request)
        path = request.url.path
        reads_only = given in self.interface.read_only
        if not reads_only and not forge_git.same(given, self.token):
            return PlainTextResponse("Unauthorized\n", 401, {"WWW-Authenticate": 'Basic realm="forge"'})
        repo = self._repo(request)
        if repo is None:
            return PlainTextResponse("Repository not found.\n", 404)
        if reads_only and ("receive-pack" in path or "receive-pack" in request.url.query):
            return PlainTextResponse("Write access to repository not granted.\n", 403)
        return await forge_git.http_backend(request, self.root, path)

    def _repo(self, request: Request) -> Repository | None:
        owner, name = request.path_params["owner"], request.path_params["name"]
        if owner.startswith(".") or name.startswith("."):
            return None
        repo = Repository(self.root, owner, name)
        return repo if repo.exists() else None

    async def _api(self, request: Request) -> Response:
        raw = await request.body()
        body: object = {}
        if raw:
            try:
                body = json.loads(raw)
            except ValueError:
                body = None
        headers = {name: value for name, value in request.headers.items() if name != "authorization"}
        path, query = request.path_params["path"], request.url.query
        self.seen.append(SeenCall(request.method, path, query, headers, body))
        call = Call(
            method=request.method,
            path=path,
            query=query,
            body=body,
            token=forge_git.token_of(request),
            user_agent=headers.get("user-agent", ""),
            api_version=headers.get("x-github-api-version", ""),
            root_url=self.url,
        )
        fault = self._next_fault(call)
        if fault is not None:
            await asyncio.sleep(fault.delay)
        if fault is None or fault.after or not fault.status:
            reply = await run_in_threadpool(self._locked, lambda: self.interface.answer(call))
        if fault is not None and fault.status:
            reply = Reply(fault.status, dict(fault.body), fault.headers)
        return JSONResponse(reply.body, reply.status, {**self._rate_headers(), **reply.headers})

    def _next_fault(self, call: Call) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("", call.method) and fault.path in call.path:
                fault.times -= 1
                return fault
        return None

    def _locked(self, work: Callable[[], Reply]) -> Reply:
        with self._lock:
            return work()

    def _rate_headers(self) -> dict[str, str]:
        self._used += 1
        return {
            "X-GitHub-Media-Type": "github.v3; format=json",
            "X-GitHub-Request-Id": f"{self._used:04X}:{os.getpid():X}",
            "X-RateLimit-Limit": str(RATE_LIMIT),
            "X-RateLimit-Remaining": str(max(RATE_LIMIT - self._used, 0)),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(int(time.time()) + 3600),
            "X-RateLimit-Resource": "core",
        }

    async def _index_page(self, request: Request) -> Response:
        def page() -> Response:
            paths = sorted(self.root.glob("*/*.git"))
            repos = [Repository(self.root, path.parent.name, path.name.removesuffix(".git")) for path in paths]
            return _html(forge_page.index_page(repos))

        return await run_in_threadpool(page)

    async def _repository_page(self, request: Request) -> Response:
        def page() -> Response:
            if (repo := self._repo(request)) is None:
                return _html(forge_page.missing_page(), 404)
            with self._lock:
                return _html(forge_page.repository_page(repo, repo.pulls()))

        return await run_in_threadpool(page)

    async def _pull_page(self, request: Request) -> Response:
        return await self._of_pull(request, lambda repo, pull: _html(forge_page.pull_page(repo, pull)))

    async def _diff_page(self, request: Request) -> Response:
        return await self._of_pull(request, lambda repo, pull: PlainTextResponse(repo.diff(pull) + "\n"))

    async def _of_pull(self, request: Request, show: Callable[[Repository, PullRequest], Response]) -> Response:
        def page() -> Response:
            repo = self._repo(request)
            with self._lock:
                pull = repo.pull(request.path_params["number"]) if repo else None
                if repo is None or pull is None:
                    return _html(forge_page.missing_page(), 404)
                return show(repo, pull)

        return await run_in_threadpool(page)


def _html(page: str, status: int = 200) -> Response:
    return HTMLResponse(page, status, {"Content-Security-Policy": forge_page.CSP, "X-Content-Type-Options": "nosniff"})


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted. The first line on stdout is JSON: url, api, and clone URLs."""
    parser = argparse.ArgumentParser(prog="python -m triage.demo.forge_server", description=__doc__)
    parser.add_argument("root", type=Path, help="folder with OWNER/NAME.git")
    parser.add_argument("--token", default="", help="what pushes must bring; better in TRIAGE_FORGE_TOKEN")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--repo", action="append", default=[], metavar="OWNER/NAME", help="make it if it is missing")
    options = parser.parse_args(arguments)
    token = options.token or os.environ.get("TRIAGE_FORGE_TOKEN", "")
    if not token:
        parser.error("no token: give --token or set TRIAGE_FORGE_TOKEN")
    forge = ForgeServer(options.root, token, options.port)
    for full_name in options.repo:
        owner, _, name = full_name.partition("/")
        forge.create_repo(owner, name)
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    try:
        forge.start()
    except OSError as error:
        print(f"cannot listen on port {options.port}: {error}", file=sys.stderr)
        return 1
    clones = {full_name: f"{forge.url}/{full_name}.git" for full_name in options.repo}
    print(json.dumps({"url": forge.url, "api": forge.api, "clone": clones}), flush=True)
    stopped.wait()
    forge.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
