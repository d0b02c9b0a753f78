"""What the triggers of the live services use: start a server process, send requests, play another service."""

import contextlib
import http.server as http_server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from http.cookiejar import CookieJar

WORK = os.environ.get("WORK", "")
BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
Answer = Callable[[str, str, bytes], tuple[int, Mapping[str, str], bytes] | None]
opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def serve(*argv: object, port: int, env: Mapping[str, str] | None = None) -> Iterator[None]:
    """The server process while it listens on `port`; it ends by SIGTERM, so that the SDK can send."""
    process = subprocess.Popen([str(word) for word in argv], env={**os.environ, **(env or {})}, start_new_session=True)
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until and not _listens(port):
            if process.poll() is not None:
                raise SystemExit(f"the server ended with {process.returncode}")
            time.sleep(0.05)
        yield
        time.sleep(0.7)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.2):
        return True
    return False


def http(
    method: str,
    url: str,
    data: bytes | None = None,
    json_: object = None,
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Status and body of one request of a browser; 0 when the connection broke. Cookies are kept."""
    sent = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0", **(headers or {})}
    if json_ is not None:
        data, sent = json.dumps(json_).encode(), {"Content-Type": "application/json", **sent}
    if form is not None:
        data = urllib.parse.urlencode(form).encode()
    request = urllib.request.Request(url, data=data, method=method, headers=sent)
    try:
        with opener.open(request, timeout=20) as reply:
            return int(reply.status), reply.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except OSError as error:
        return 0, repr(error).encode()


def multipart(
    field: str, filename: str, content: bytes, kind: str = "text/csv", extra: Mapping[str, str] | None = None
) -> tuple[bytes, dict[str, str]]:
    """Body and headers of an upload."""
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in (extra or {}).items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"; filename="{filename}"\r\n'
    parts.append(f"{head}Content-Type: {kind}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode())
    return b"".join(parts), {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@contextlib.contextmanager
def upstream(answer: Answer) -> Iterator[str]:
    """The URL of another service that answers as told; None for a connection that closes."""

    class Handler(http_server.BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            got = answer(self.command, self.path, body)
            if got is None:
                self.connection.close()
                return
            status, headers, content = got
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = _answer

        def log_message(self, *_: object) -> None:
            pass

    server = http_server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()


def run(*argv: object, env: Mapping[str, str] | None = None, cwd: str | None = None) -> int:
    """Exit code of a program."""
    words = [str(word) for word in argv]
    return subprocess.run(words, env={**os.environ, **(env or {})}, cwd=cwd, timeout=60, check=False).returncode


__all__ = [
    "WORK", "free_port", "http", "json", "multipart", "os", "run", "serve", "subprocess", "sys", "time", "upstream",
]  # fmt: skip
