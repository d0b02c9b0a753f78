"""Serves real bare git repositories over smart HTTP, through `git http-backend`."""

import asyncio
import base64
import binascii
import contextlib
import hmac
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

MAX_PUSH = 200_000_000
CHUNK = 65_536


def _environment() -> dict[str, str]:
    """Ours without git's variables: an outer git command must not point us elsewhere."""
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {"LC_ALL": "C"}


def run_git(repo: Path, *args: str) -> str | None:
    """Output of a git command in a bare repository, None when git says no."""
    ran = subprocess.run(
        ["git", "-c", "core.quotePath=false", "-C", str(repo), *args], env=_environment(),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
    )  # fmt: skip
    return ran.stdout.rstrip("\n") if ran.returncode == 0 else None


def create_bare(path: Path, default_branch: str) -> None:
    """A bare repository that accepts pushes over HTTP. Does nothing when it is there."""
    if (path / "HEAD").exists():
        return
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        ["git", "init", "--quiet", "--bare", f"--initial-branch={default_branch}", str(path)],
        check=True, capture_output=True, stdin=subprocess.DEVNULL, env=_environment(),
    )  # fmt: skip
    run_git(path, "config", "http.receivepack", "true")


def token_of(request: Request) -> str | None:
    """The token of a Basic (any user name), Bearer or token Authorization header."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token"):
        return value.strip()
    if scheme.lower() == "basic":
        try:
            return base64.b64decode(value, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return None
    return None


def same(given: str | None, wanted: str) -> bool:
    """Whether the token is right, compared in constant time."""
    return given is not None and hmac.compare_digest(given.encode(), wanted.encode())


async def http_backend(request: Request, root: Path, path: str) -> Response:
    """Answer one smart-HTTP request for `path` (`/owner/repo.git/info/refs`, ...) below `root`."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(root),
        "LC_ALL": "C",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_PROJECT_ROOT": str(root),
        "GIT_HTTP_EXPORT_ALL": "1",
        "PATH_INFO": path,
        "QUERY_STRING": request.url.query,
        "REQUEST_METHOD": request.method,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "REMOTE_USER": "triage",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_CONTENT_ENCODING": request.headers.get("content-encoding", ""),
        "GIT_PROTOCOL": request.headers.get("git-protocol", ""),
    }
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_PUSH:
            return Response("push too large\n", 413)
    environment["CONTENT_LENGTH"] = str(len(body))
    process = await asyncio.create_subprocess_exec(
        "git", "http-backend", env=environment,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    feeding = asyncio.create_task(_feed(process, bytes(body)))
    assert process.stdout is not None
    status, headers = await _cgi_head(process.stdout)
    return StreamingResponse(_rest(process, feeding), status, headers)


async def _feed(process: asyncio.subprocess.Process, body: bytes) -> None:
    assert process.stdin is not None
    try:
        process.stdin.write(body)
        await process.stdin.drain()
        process.stdin.close()
    except ConnectionError:
        pass  # git had heard enough; its answer says why


async def _cgi_head(stdout: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    status, headers = 200, {}
    while line := (await stdout.readline()).decode("latin-1").rstrip("\r\n"):
        name, _, value = line.partition(": ")
        if name == "Status":
            status = int(value.split()[0])
        else:
            headers[name] = value
    return status, headers


async def _rest(process: asyncio.subprocess.Process, feeding: "asyncio.Task[None]") -> AsyncIterator[bytes]:
    assert process.stdout is not None
    try:
        while part := await process.stdout.read(CHUNK):
            yield part
        await feeding
    except BaseException:
        # Not process.kill(): it polls, and would take the exit status from asyncio's watcher.
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)
        raise
    finally:
        await process.wait()
