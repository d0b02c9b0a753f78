"""SDK events accepted and stored a second by one ingest process, beside a bare ASGI app.

    python benchmarks/ingest.py [SECONDS] [CONNECTIONS]

Budget (design, section 7): 4,000/s, p99 15 ms. Events are gzip envelopes like the SDK's
(about 15 kB, 4 kB on the wire), each with an id of its own; every request counted is a row,
which the last column checks. The generator shares the machine's cores with the server.
"""

import asyncio
import gzip
import json
import os
import re
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import typing
from pathlib import Path

from triage.store import open_store

BUDGET_RATE, BUDGET_P99 = 4_000, 15.0
SERVER = """
import sys
from pathlib import Path
from triage.config import Config, IngestConfig
from triage.sources.ingest.server import serve
from triage.store import open_store
url = sys.argv[1]
serve(Config(repo=Path("."), store=url, ingest=IngestConfig(port=0, key="benchmarkkey")), open_store(url))
"""
BARE = """
import socket, uvicorn
async def app(scope, receive, send):
    more = True
    while more:
        more = (await receive()).get("more_body", False)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
listener = socket.create_server(("127.0.0.1", 0))
print(f"DSN        http://key@127.0.0.1:{listener.getsockname()[1]}/1", flush=True)
uvicorn.Server(uvicorn.Config(app, lifespan="off", access_log=False, log_level="warning")).run(sockets=[listener])
"""


def sample_event(group: int) -> dict[str, object]:
    frames = [
        {
            "filename": f"shop/step_{depth}.py",
            "abs_path": f"/srv/app/shop/step_{depth}.py",
            "function": f"step_{group}_{depth}",
            "module": f"shop.step_{depth}",
            "lineno": 10 + depth,
            "pre_context": [f"    line {n} before" for n in range(5)],
            "context_line": "    return table[order.sku] * order.qty",
            "post_context": [f"    line {n} after" for n in range(5)],
            "vars": {"order": "Order(sku='B2', qty=3)", "table": {"A1": "10"}, "noise": secrets.token_hex(120)},
            "in_app": depth > 5,
        }
        for depth in range(16)
    ]
    raised = {"type": "KeyError", "value": "'B2'", "module": None, "mechanism": {"type": "flask", "handled": False}}
    return {
        "event_id": "@" * 32,
        "timestamp": "2026-11-21T09:38:23.914589Z",
        "level": "error",
        "platform": "python",
        "release": "shop@1.4.2",
        "environment": "prod",
        "transaction": "/orders/{oid}",
        "exception": {"values": [{**raised, "stacktrace": {"frames": frames}}]},
        "modules": {f"package-{n}": "1.0" for n in range(30)},
        "request": {"url": "http://localhost/orders/7", "method": "POST", "headers": {"Host": "localhost"}},
    }


def prepare(number: int, key: str) -> list[bytes]:
    """Whole HTTP requests, each with an event of its own."""
    bodies = [json.dumps(sample_event(group)) for group in range(100)]
    requests = []
    for index in range(number):
        event_id = secrets.token_hex(16)
        payload = bodies[index % 100].replace("@" * 32, event_id).encode()
        header = json.dumps({"event_id": event_id, "sent_at": "2026-11-21T09:38:23Z"}).encode()
        item = json.dumps({"type": "event", "length": len(payload)}).encode()
        body = gzip.compress(header + b"\n" + item + b"\n" + payload + b"\n", 1)
        head = (
            f"POST /api/1/envelope/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(body)}\r\n"
            "Content-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\n"
            f"X-Sentry-Auth: Sentry sentry_key={key}, sentry_version=7\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


class Sender(asyncio.Protocol):
    """One keep-alive connection that always has one request under way."""

    def __init__(self, requests: list[bytes], latencies: list[float], until: float) -> None:
        self.requests, self.latencies, self.until = requests, latencies, until
        self.done = asyncio.get_running_loop().create_future()
        self.failed = 0
        self.answer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = typing.cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._send()

    def _send(self) -> None:
        if not self.requests or time.perf_counter() > self.until:
            self.transport.close()
            if not self.done.done():
                self.done.set_result(None)
            return
        self.started = time.perf_counter()
        self.transport.write(self.requests.pop())

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        if not found or (length and len(body) < int(length[1])):
            return
        self.answer = b""
        if head[9:12] == b"200":
            self.latencies.append(time.perf_counter() - self.started)
        else:
            self.failed += 1
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, requests: list[bytes], connections: int, seconds: float) -> tuple[list[float], int, float]:
    latencies: list[float] = []
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    senders = []
    for _ in range(connections):
        _, sender = await loop.create_connection(
            lambda: Sender(requests, latencies, started + seconds), "127.0.0.1", port
        )
        senders.append(sender)
    await asyncio.gather(*(sender.done for sender in senders))
    return latencies, sum(sender.failed for sender in senders), time.perf_counter() - started


def measure(
    code: str, arguments: list[str], key: str, seconds: float, connections: int
) -> tuple[float, list[float], int]:
    import uvloop

    requests = prepare(int(seconds * 9_000), key)
    with subprocess.Popen([sys.executable, "-c", code, *arguments], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            port = int(process.stdout.readline().rsplit(":", 1)[1].split("/")[0])
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            latencies, failed, took = uvloop.run(load(port, requests, connections, seconds))
        finally:
            process.terminate()
    return len(latencies) / took, sorted(latencies), failed


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    connections = int(sys.argv[2]) if len(sys.argv) > 2 else 32
    print(f"machine load {os.getloadavg()[0]:.1f}")
    print(f"{'server':10} {'events/s':>9} {'p50 ms':>7} {'p99 ms':>7} {'failed':>7} {'stored':>8}")
    missed = False
    for name in ("bare", "triage"):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{Path(folder) / 'triage.db'}"
            arguments = [url] if name == "triage" else []
            rate, latencies, failed = measure(
                SERVER if arguments else BARE, arguments, "benchmarkkey", seconds, connections
            )
            stored = ""
            if arguments:
                from triage.domain.issue import IssueQuery

                store = open_store(url)
                rows = sum(issue.count for issue in store.page(IssueQuery(), 1_000))
                stored = str(rows)
                store.close()
                missed = rate < BUDGET_RATE or p(latencies, 99) > BUDGET_P99 or rows != len(latencies)
            p50, p99 = p(latencies, 50), p(latencies, 99)
            print(f"{name:10} {rate:9.0f} {p50:7.1f} {p99:7.1f} {failed:7} {stored:>8}")
    print(f"{'budget':10} {BUDGET_RATE:9} {'':7} {BUDGET_P99:7.1f}")
    return 1 if missed else 0


def p(sorted_seconds: list[float], percent: int) -> float:
    """A percentile in milliseconds."""
    if len(sorted_seconds) < 2:
        return 0.0
    return 1_000 * statistics.quantiles(sorted_seconds, n=100)[percent - 1]


if __name__ == "__main__":
    sys.exit(main())
