"""The real sentry-sdk against a running server and the real store."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from triage.domain.event import Event
from triage.domain.issue import IssueQuery
from triage.sources import parse_event
from triage.store import Store, open_store

ROOT = Path(__file__).resolve().parents[2]
SERVER = """
import sys
from pathlib import Path
from triage.config import Config, IngestConfig
from triage.errors import TriageError
from triage.sources.ingest.server import serve
from triage.store import open_store
url, port = sys.argv[1], int(sys.argv[2])
try:
    open_store(url).close()
    serve(Config(repo=Path("."), store=url, ingest=IngestConfig(port=port)), "triage.services.storing")
except TriageError as error:
    sys.exit(f"error: {error}")
"""
SHOP = """
import asyncio, logging, os, sys, threading
import sentry_sdk
class Order:
    def __init__(self, sku, qty): self.sku, self.qty = sku, qty
    def __repr__(self): return f"Order({self.sku!r}, {self.qty!r})"
def price(order): return {"A1": 10}[order.sku] * order.qty
def options(**more):
    # importing every library that this venv happens to hold takes the SDK seconds
    more = {"auto_enabling_integrations": False, **more}
    return dict(dsn=os.environ["DSN"], release="shop@1.4.2", environment=sys.argv[1], **more)
def plain():
    sentry_sdk.set_user({"id": "42"}); sentry_sdk.set_tag("region", "eu")
    try: price(Order("B2", 3))
    except KeyError: sentry_sdk.capture_exception()
spotlight = plain
def unhandled(): price(Order("B2", 3))
def chained():
    try:
        try: price(Order("B2", 3))
        except KeyError as error: raise ValueError("unknown sku") from error
    except ValueError: sentry_sdk.capture_exception()
def group():
    errors = []
    for order in (Order("B2", 1), Order("A1", None)):
        try: price(order)
        except Exception as error: errors.append(error)
    try: raise ExceptionGroup("batch", errors)
    except ExceptionGroup: sentry_sdk.capture_exception()
def logged(): logging.getLogger("shop.orders").error("payment %s declined", 17)
def thread():
    worker = threading.Thread(target=price, args=(Order("B2", 3),)); worker.start(); worker.join()
def task():
    from sentry_sdk.integrations.asyncio import AsyncioIntegration
    async def work():
        await asyncio.sleep(0); price(Order("ZZ", 1))
    async def main():
        sentry_sdk.init(**options(integrations=[AsyncioIntegration()]))
        await asyncio.gather(asyncio.create_task(work()), return_exceptions=True)
    asyncio.run(main())
def flask():
    from flask import Flask, request
    from sentry_sdk.integrations.flask import FlaskIntegration
    sentry_sdk.init(**options(integrations=[FlaskIntegration()]))
    app = Flask("shopweb")
    @app.post("/orders/<int:number>")
    def create(number): return str(price(Order(request.get_json()["sku"], 1)))
    app.test_client().post("/orders/7?debug=1", json={"sku": "B2", "password": "x"})
def starlette():
    from sentry_sdk.integrations.starlette import StarletteIntegration
    sentry_sdk.init(**options(integrations=[StarletteIntegration()]))
    from starlette.applications import Starlette
    from starlette.routing import Route
    from starlette.testclient import TestClient
    async def create(request): return price(Order((await request.json())["sku"], 1))
    app = Starlette(routes=[Route("/orders/{number}", create, methods=["POST"])])
    TestClient(app, raise_server_exceptions=False).post("/orders/7", json={"sku": "B2"})
if __name__ == "__main__":
    sentry_sdk.init(**options())
    globals()[sys.argv[1]]()
    sentry_sdk.flush(10)
"""


@dataclass
class Running:
    """A server of our own and the store it writes."""

    process: "subprocess.Popen[str]"
    dsn: str
    spotlight: str
    url: str

    @property
    def base(self) -> str:
        return self.spotlight.removesuffix("/stream")

    def read(self) -> Store:
        return open_store(self.url)

    def events(self) -> list[Event]:
        store = self.read()
        try:
            raws = [raw for issue in store.page(IssueQuery(), 100) for raw in store.raw_events(issue.id)]
            return [parse_event(raw.raw, raw.kind) for raw in raws]
        finally:
            store.close()


def start(url: str, port: int = 0) -> Running:
    command = [sys.executable, "-c", SERVER, url, str(port)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline().split() for _ in range(2)]
    assert lines[0][:1] == ["DSN"], process.communicate(timeout=20)
    return Running(process, lines[0][1], lines[1][1], url)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Running]:
    running = start(f"sqlite:///{tmp_path / 'triage.db'}")
    yield running
    running.process.kill()
    running.process.communicate()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Event]]]:
    """Every scenario sent by a process of its own to one server: events by scenario."""
    folder = tmp_path_factory.mktemp("shop")
    script = folder / "shop.py"
    script.write_text(SHOP)
    running = start(f"sqlite:///{folder / 'triage.db'}")

    def run(scenario: str) -> None:
        send_to = (
            {"DSN": "", "SENTRY_SPOTLIGHT": running.spotlight} if scenario == "spotlight" else {"DSN": running.dsn}
        )
        command = [sys.executable, str(script), scenario]
        subprocess.run(
            command, env={**os.environ, **send_to}, capture_output=True, timeout=120, cwd=folder, check=False
        )

    try:
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(run, SCENARIOS))
        found: dict[str, list[Event]] = {}
        for event in running.events():
            found.setdefault(event.environment or "", []).append(event)
        yield found
    finally:
        running.process.kill()
        running.process.communicate()


SCENARIOS = {
    "plain": ("KeyError: 'B2'", ["KeyError"]),
    "unhandled": ("KeyError: 'B2'", ["KeyError"]),
    "chained": ("ValueError: unknown sku", ["KeyError", "ValueError"]),
    "group": ("KeyError: 'B2'", ["KeyError", "TypeError", "ExceptionGroup"]),
    "logged": ("payment 17 declined", []),
    "thread": ("KeyError: 'B2'", ["KeyError"]),
    "task": ("KeyError: 'ZZ'", ["KeyError"]),
    "flask": ("KeyError: 'B2'", ["KeyError"]),
    "starlette": ("KeyError: 'B2'", ["KeyError"]),
    "spotlight": ("KeyError: 'B2'", ["KeyError"]),
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_what_the_sdk_sends_is_stored(sent: dict[str, list[Event]], scenario: str) -> None:
    if scenario == "flask":
        pytest.importorskip("flask")
    title, types = SCENARIOS[scenario]
    [event] = sent[scenario]
    assert event.title == title
    assert [item.type for item in event.exceptions] == types
    assert event.release == "shop@1.4.2"
    if types and scenario != "group":
        variables = event.exceptions[0].frames[-1].variables
        assert variables is not None
        assert "Order(" in str(variables["order"])
    if scenario in ("flask", "starlette"):
        assert event.request is not None
        assert event.request.url.endswith("/orders/7")


def post(running: Running, number: int, timeout: float = 10) -> int:
    payload = json.dumps({"event_id": f"{number:032x}", "timestamp": time.time(), "message": f"event {number % 7}"})
    body = f'{{"dsn":"{running.dsn}"}}\n{{"type":"event"}}\n{payload}\n'.encode()
    request = urllib.request.Request(f"{running.base}/api/1/envelope/", body, method="POST")
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'triage.db'}"
    running = start(url)
    acknowledged: list[int] = []
    enough = threading.Event()

    def send(first: int) -> None:
        for number in range(first, first + 10_000):
            try:
                if post(running, number) == 200:
                    acknowledged.append(number)
            except OSError:
                return
            if len(acknowledged) > 150:
                enough.set()

    senders = [threading.Thread(target=send, args=(n * 10_000,)) for n in range(4)]
    for sender in senders:
        sender.start()
    assert enough.wait(60)
    running.process.send_signal(signal.SIGKILL)
    for sender in senders:
        sender.join(30)
    running.process.communicate()
    again = start(url)
    try:
        store = again.read()
        issues = store.page(IssueQuery(), 100)
        stored = {raw.event_id for issue in issues for raw in store.raw_events(issue.id, 100_000)}
        store.close()
        assert {f"{number:032x}" for number in acknowledged} <= stored
        assert post(again, acknowledged[0]) == 200, "sent again it is acknowledged, not counted twice"
        assert again.dsn.rpartition("@")[0] == running.dsn.rpartition("@")[0], "the DSN's key stays"
    finally:
        again.process.kill()
        again.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_even_with_open_connections(server: Running, number: signal.Signals) -> None:
    assert post(server, 1) == 200
    host, port = server.base.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as idle, socket.create_connection((host, int(port))) as half:
        half.sendall(b"POST /api/1/envelope/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nabc")
        started = time.monotonic()
        server.process.send_signal(number)
        _, errors = server.process.communicate(timeout=20)
        assert time.monotonic() - started < 6
        assert idle.fileno() >= 0
    assert server.process.returncode == 0
    assert "Traceback" not in errors


def test_a_second_server_on_the_port_says_what_to_do(server: Running, tmp_path: Path) -> None:
    port = server.base.rpartition(":")[2]
    command = [sys.executable, "-c", SERVER, f"sqlite:///{tmp_path / 'other.db'}", port]
    second = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert "cannot listen on 127.0.0.1" in second.stderr
    assert "--port" in second.stderr
    assert "Traceback" not in second.stderr


def test_callers_that_hang_up_leave_no_trace(server: Running) -> None:
    host, port = server.base.removeprefix("http://").split(":")
    half = b"POST /api/1/envelope/ HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"
    for part in (b"", b"POST", b"\x16\x03\x01\x00\xff garbage\r\n\r\n", half):
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(part)
    assert post(server, 5) == 200
    server.process.send_signal(signal.SIGTERM)
    assert "Traceback" not in server.process.communicate(timeout=20)[1]
