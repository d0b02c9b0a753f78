"""SDK events accepted and stored a second by one ingest process, beside a bare ASGI app.

The bare app does the same work without any care: inflate, read the stack, hash it, compress,
insert in batches; no limits, no issues, no search, no duplicates, no second kind of input.

    python -m benchmarks.ingest [SECONDS] [CONNECTIONS]

Budget (design, section 7): 4,000/s, p99 15 ms. Events are gzip envelopes like the SDK's
(about 15 kB, 4 kB on the wire), each with an id of its own; every request counted is a row,
which is checked. The generator shares the machine's cores with the server.
"""

import asyncio
import gzip
import json
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

import psutil

from benchmarks.table import Row, header
from triage.domain.issue import IssueQuery
from triage.store import open_store

BUDGET_RATE, BUDGET_P99 = 4_000, 15.0
SERVER = """
import sys
from pathlib import Path
from triage.config import Config, IngestConfig
from triage.sources.ingest.server import serve
from triage.store import open_store
url = sys.argv[1]
open_store(url).close()
serve(Config(repo=Path("."), store=url, ingest=IngestConfig(port=0, key="benchmarkkey")), "triage.services.storing")
"""
BARE = """
import asyncio, gzip, hashlib, queue, socket, sqlite3, sys, threading
import msgspec, uvicorn, zstandard
arrived = queue.Queue(10_000)
def write():
    database = sqlite3.connect(sys.argv[1], isolation_level=None)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, event_id TEXT, fingerprint TEXT, raw BLOB)")
    pack = zstandard.ZstdCompressor(level=1)
    while True:
        batch = [arrived.get()]
        while len(batch) < 500 and not arrived.empty():
            batch.append(arrived.get())
        database.execute("BEGIN")
        rows = [(event_id, key, pack.compress(raw)) for event_id, key, raw, _ in batch]
        database.executemany("INSERT INTO event (event_id, fingerprint, raw) VALUES (?, ?, ?)", rows)
        database.execute("COMMIT")
        loop = batch[0][3].get_loop()
        loop.call_soon_threadsafe(lambda futures: [item.set_result(None) for item in futures], [b[3] for b in batch])
class Frame(msgspec.Struct):
    function: str = ""
    module: str = ""
class Stack(msgspec.Struct):
    frames: list[Frame] = []
class Value(msgspec.Struct):
    type: str
    stacktrace: Stack
class Values(msgspec.Struct):
    values: list[Value]
class Event(msgspec.Struct):
    event_id: str
    exception: Values
decode = msgspec.json.Decoder(Event).decode
async def app(scope, receive, send):
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if scope["method"] == "POST":
        raw = gzip.decompress(body).split(b"\\n", 3)[2]
        event = decode(raw)
        last = event.exception.values[-1]
        shape = "|".join([last.type, *(frame.module + frame.function for frame in last.stacktrace.frames)])
        stored = asyncio.get_running_loop().create_future()
        arrived.put((event.event_id, hashlib.md5(shape.encode()).hexdigest(), raw, stored))
        await stored
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"{}"})
listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=write, daemon=True).start()
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
) -> tuple[float, list[float], int, float]:
    """Answers a second, their seconds in order, how many were refused, answers a second of the server's CPU."""
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
            before = processor(process.pid)
            latencies, failed, took = uvloop.run(load(port, requests, connections, seconds))
            spent = processor(process.pid) - before
        finally:
            process.terminate()
    return len(latencies) / took, sorted(latencies), failed, len(latencies) / max(spent, 0.01)


def rows(seconds: float = 4.0, connections: int = 32) -> list[Row]:
    """The rows of the table; raises AssertionError when an accepted event is not in the store."""
    with tempfile.TemporaryDirectory() as folder:
        floor_file = str(Path(folder) / "floor.db")
        bare, bare_times, _, bare_cpu = measure(BARE, [floor_file], "benchmarkkey", seconds, connections)
        url = f"sqlite:///{Path(folder) / 'triage.db'}"
        rate, times, failed, cpu = measure(SERVER, [url], "benchmarkkey", seconds, connections)
        store = open_store(url)
        stored = sum(issue.count for issue in store.page(IssueQuery(), 1_000))
        store.close()
    assert stored == len(times), f"{len(times)} accepted, {stored} stored"
    p50, p99, floor = p(times, 50), p(times, 99), p(bare_times, 99)
    return [
        Row(
            "SDK events accepted and stored",
            f"{rate:,.0f} /s",
            f"bare ASGI app {bare:,.0f} /s",
            rate / bare,
            f"{BUDGET_RATE:,} /s",
            rate >= BUDGET_RATE,
            cpu_met=cpu >= BUDGET_RATE,
        ),
        Row(
            "  for each second of its processor", f"{cpu:,.0f} /s", f"bare ASGI app {bare_cpu:,.0f} /s", cpu / bare_cpu
        ),
        Row(
            f"answer, p99, {connections} connections",
            f"{p99:.1f} ms",
            f"bare ASGI app {floor:.1f} ms",
            p99 / floor,
            f"{BUDGET_P99:.0f} ms",
            p99 <= BUDGET_P99,
        ),
        Row("  p50", f"{p50:.1f} ms", f"{stored} stored, {failed} refused"),
    ]


def main() -> int:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    found = rows(seconds, int(sys.argv[2]) if len(sys.argv) > 2 else 32)
    print("\n".join([header(), *(row.line() for row in found)]))
    return int(any(row.met is False for row in found))


def processor(pid: int) -> float:
    """Seconds of processor time that a process and what is below it have used."""
    top = psutil.Process(pid)
    used = [process.cpu_times() for process in (top, *top.children(recursive=True))]
    return float(sum(item.user + item.system for item in used))


def p(sorted_seconds: list[float], percent: int) -> float:
    """A percentile in milliseconds."""
    if len(sorted_seconds) < 2:
        return 0.0
    return 1_000 * statistics.quantiles(sorted_seconds, n=100)[percent - 1]


if __name__ == "__main__":
    sys.exit(main())
