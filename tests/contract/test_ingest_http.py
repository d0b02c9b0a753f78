"""The ingest endpoints, spoken to byte by byte."""

import asyncio
import gzip
import json
import logging
import threading
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from starlette.testclient import TestClient

from triage.config import IngestConfig
from triage.domain.incoming import IncomingEvent
from triage.errors import TriageError, Unavailable, UsageError
from triage.sources.ingest import access
from triage.sources.ingest.app import create_app
from triage.sources.ingest.server import listen

KEY = "0123456789abcdef0123456789abcdef"
AUTH = {"X-Sentry-Auth": f"Sentry sentry_key={KEY}, sentry_version=7, sentry_client=sentry.python/2.75.0"}
LIMITS = IngestConfig(max_wire=200_000, max_body=1_000_000, max_event=500_000, queue=4)
EVENT = {"event_id": "a" * 32, "exception": {"values": [{"type": "KeyError", "value": "'x'"}]}}


class Rows:
    """A writer that keeps what it gets, can be held up and can fail."""

    def __init__(self) -> None:
        self.events: list[IncomingEvent] = []
        self.open = threading.Event()
        self.open.set()
        self.failure: Exception | None = None

    async def add_events(self, batch: Sequence[IncomingEvent]) -> list[int | None]:
        assert await asyncio.to_thread(self.open.wait, 20)
        if self.failure is not None:
            raise self.failure
        known = {event.event_id for event in self.events}
        self.events.extend(batch)
        return [None if event.event_id in known else 1 for event in batch]


@pytest.fixture
def rows() -> Rows:
    return Rows()


@pytest.fixture
def client(rows: Rows) -> Iterator[TestClient]:
    app = create_app(rows, LIMITS, KEY, "sqlite:///x")
    with TestClient(app, base_url="http://localhost", client=("127.0.0.1", 50_000)) as found:
        yield found
    rows.open.set()


def envelope(*payloads: object, header: dict[str, object] | None = None, kind: str = "event") -> bytes:
    lines = [json.dumps(header or {}).encode()]
    for payload in payloads:
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        lines += [json.dumps({"type": kind, "length": len(body)}).encode(), body]
    return b"\n".join(lines) + b"\n"


def test_an_event_is_stored_before_the_answer(client: TestClient, rows: Rows) -> None:
    payload = json.dumps(EVENT).encode()
    answer = client.post("/api/42/envelope/", content=envelope(payload), headers=AUTH)
    assert (answer.status_code, answer.json()) == (200, {"id": "a" * 32})
    assert [event.raw for event in rows.events] == [payload]
    assert rows.events[0].title == "KeyError: 'x'"


def test_every_compression_and_chunks(client: TestClient, rows: Rows) -> None:
    body = envelope(EVENT)
    raw = zlib.compressobj(6, zlib.DEFLATED, -15)
    for encoding, wire in {
        "gzip": gzip.compress(body),
        "deflate": zlib.compress(body),
        "Deflate": raw.compress(body) + raw.flush(),
        "br": brotli.compress(body),
        "zstd": zstandard.compress(body),
        "identity": body,
    }.items():
        pieces = (wire[at : at + 7] for at in range(0, len(wire), 7))
        answer = client.post("/api/1/envelope/", content=pieces, headers=AUTH | {"Content-Encoding": encoding})
        assert answer.status_code == 200, (encoding, answer.text)
    assert len(rows.events) == 6


@pytest.mark.parametrize(
    ("path", "headers", "header", "status"),
    [
        ("/api/1/envelope/", AUTH, {}, 200),
        ("/api/1/envelope", AUTH, {}, 200),
        ("/some/prefix/api/1/envelope/", AUTH, {}, 200),
        ("/api/1/envelope/", {"Authorization": f"Sentry sentry_key={KEY}"}, {}, 200),
        (f"/api/1/envelope/?sentry_key={KEY}&sentry_version=7", {}, {}, 200),
        ("/api/1/envelope/", {}, {"dsn": f"http://{KEY}@localhost:8765/1"}, 200),
        ("/api/1/envelope/", AUTH, {"dsn": f"http://{KEY}@elsewhere/9"}, 200),
        ("/api/1/envelope/", {}, {}, 401),
        ("/api/1/envelope/", {"X-Sentry-Auth": "nonsense"}, {}, 401),
        ("/api/1/envelope/", {"X-Sentry-Auth": "Sentry sentry_key=wrong"}, {}, 403),
        ("/api/1/envelope/?sentry_key=wrong", AUTH, {}, 403),
        ("/api/1/envelope/", {}, {"dsn": "http://wrong@localhost/1"}, 403),
        ("/api/1/envelope/", AUTH, {"dsn": "http://wrong@localhost/1"}, 403),
        ("/api/1/envelope/", {}, {"dsn": "http://[::bad/1"}, 401),
        ("/api/1/envelope/", {"X-Sentry-Auth": "Sentry sentry_key=\u00e9"}, {}, 403),
        ("/api/1/nothing/", AUTH, {}, 404),
    ],
)
def test_who_may_send(
    client: TestClient, rows: Rows, path: str, headers: dict[str, str], header: dict[str, object], status: int
) -> None:
    encoded = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
    answer = client.post(path, content=envelope(EVENT, header=header), headers=encoded)
    assert answer.status_code == status
    assert len(rows.events) == (status == 200)


def test_spotlight_is_for_this_machine(rows: Rows) -> None:
    app = create_app(rows, LIMITS, KEY)
    near = TestClient(app, base_url="http://localhost:8969", client=("127.0.0.1", 1))
    assert near.post("/stream", content=envelope(EVENT)).status_code == 200
    assert near.post("/stream", content=envelope(EVENT), headers={"Origin": "http://localhost:3000"}).status_code == 200
    assert near.post("/stream", content=envelope(EVENT), headers={"Origin": "https://evil.example"}).status_code == 403
    assert near.post("/stream", content=envelope(EVENT), headers={"Host": "rebound.example"}).status_code == 403
    far = TestClient(app, base_url="http://localhost", client=("192.0.2.7", 1))
    assert far.post("/stream", content=envelope(EVENT)).status_code == 403
    assert [event.source for event in rows.events] == ["spotlight", "spotlight"]


def test_the_old_store_endpoint(client: TestClient, rows: Rows) -> None:
    assert client.post("/api/1/store/", content=json.dumps(EVENT), headers=AUTH).json() == {"id": "a" * 32}
    assert client.post("/api/1/store/", content=json.dumps(EVENT)).status_code == 401
    assert len(rows.events) == 1


def test_the_envelopes_id_wins_and_dashes_do_not_matter(client: TestClient, rows: Rows) -> None:
    header: dict[str, object] = {"event_id": "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb"}
    assert client.post("/api/1/envelope/", content=envelope(EVENT, header=header), headers=AUTH).json() == {
        "id": "b" * 32
    }
    odd: dict[str, object] = {"event_id": "../../etc"}
    assert client.post("/api/1/envelope/", content=envelope(EVENT, header=odd), headers=AUTH).json() == {"id": "a" * 32}
    assert [event.event_id for event in rows.events] == ["b" * 32, "a" * 32]


def test_other_items_are_accepted_and_dropped(client: TestClient, rows: Rows) -> None:
    for kind in ("transaction", "session", "sessions", "log", "profile", "statsd", "something new"):
        answer = client.post("/api/1/envelope/", content=envelope(b"\x00\xff", kind=kind), headers=AUTH)
        assert answer.status_code == 200
    assert not rows.events
    report = {
        "discarded_events": [{"reason": "event_processor", "category": "error", "quantity": 3}, 7, {"quantity": []}]
    }
    for payload in (report, report, b"not json"):
        assert (
            client.post("/api/1/envelope/", content=envelope(payload, kind="client_report"), headers=AUTH).status_code
            == 200
        )
    dropped = client.get("/health").json()["dropped_by_clients"]
    assert dropped["error: event_processor"] == 6


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"", {}, 400),
        (b"{", {}, 400),
        (b"[]\n", {}, 400),
        (envelope(b"{"), {}, 400),
        (envelope(b"[1, 2]"), {}, 400),
        (envelope(b"\xff\xfe\x00"), {}, 400),
        (envelope(b'{"exception": ' + b"[" * 100_000), {}, 400),
        (envelope(EVENT)[:-20], {}, 400),
        (envelope(EVENT), {"Content-Encoding": "gzip"}, 400),
        (gzip.compress(envelope(EVENT))[:-9], {"Content-Encoding": "gzip"}, 400),
        (envelope(EVENT), {"Content-Encoding": "snappy"}, 415),
        (gzip.compress(bytes(50_000_000)), {"Content-Encoding": "gzip"}, 413),
        (brotli.compress(bytes(50_000_000), quality=1), {"Content-Encoding": "br"}, 413),
        (zstandard.compress(bytes(50_000_000)), {"Content-Encoding": "zstd"}, 413),
        (zlib.compress(bytes(50_000_000)), {"Content-Encoding": "deflate"}, 413),
        (bytes(300_000), {}, 413),
        (gzip.compress(envelope(EVENT | {"extra": "x" * 600_000})), {"Content-Encoding": "gzip"}, 413),
    ],
    ids=range(17),
)
def test_what_cannot_be_taken(
    client: TestClient, rows: Rows, body: bytes, headers: dict[str, str], status: int
) -> None:
    answer = client.post("/api/1/envelope/", content=body, headers=AUTH | headers)
    assert answer.status_code == status
    assert answer.json()["detail"]
    assert answer.headers["x-sentry-error"]
    assert not rows.events
    chunked = client.post("/api/1/envelope/", content=iter([body[:10], body[10:]]), headers=AUTH | headers)
    assert chunked.status_code == status


def test_browsers_may_ask_first(client: TestClient) -> None:
    answer = client.options("/api/1/envelope/", headers={"Origin": "http://localhost:3000"})
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "x-sentry-auth" in answer.headers["access-control-allow-headers"]
    assert client.get("/api/1/envelope/").status_code == 405


def test_a_full_queue_says_when_to_come_back(rows: Rows) -> None:
    app = create_app(rows, LIMITS, KEY)
    rows.open.clear()
    answers: list[int] = []

    with TestClient(app) as client:

        def send(number: int) -> None:
            body = envelope(EVENT | {"event_id": f"{number:032x}"})
            answers.append(client.post("/api/1/envelope/", content=body, headers=AUTH).status_code)

        senders = [threading.Thread(target=send, args=(number,)) for number in range(4)]
        for sender in senders:
            sender.start()
        committer = app.committer
        deadline = threading.Event()
        while committer.waiting < 4:
            assert not deadline.wait(0.01)
        refused = client.post("/api/1/envelope/", content=envelope(EVENT), headers=AUTH)
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
        assert client.get("/health").json()["waiting"] == 4
        assert not answers, "nothing is acknowledged before it is stored"
        rows.open.set()
        for sender in senders:
            sender.join(20)
        assert answers == [200] * 4
        assert client.post("/api/1/envelope/", content=envelope(EVENT), headers=AUTH).status_code == 200


@pytest.mark.parametrize(
    "failure", [Unavailable("the disk is full", "database or disk is full", "make room"), ValueError("unforeseen")]
)
def test_what_could_not_be_stored_is_not_acknowledged(
    client: TestClient, rows: Rows, failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    rows.failure = failure
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            answer = client.post("/api/1/envelope/", content=envelope(EVENT), headers=AUTH)
            assert answer.status_code == 503
            assert answer.headers["retry-after"]
        assert len(caplog.records) == 1, "one clear line, not one for each event"
        assert client.get("/health").json()["status"] != "ok"
        rows.failure = None
        assert client.post("/api/1/envelope/", content=envelope(EVENT), headers=AUTH).status_code == 200
    assert client.get("/health").json()["status"] == "ok"
    assert "Traceback" not in caplog.text


def test_a_port_in_use_is_said_with_a_way_out() -> None:
    with listen("127.0.0.1", 0) as first:
        with pytest.raises(TriageError) as caught:
            listen("127.0.0.1", first.getsockname()[1])
        assert "--port" in caught.value.hint
    with pytest.raises(TriageError, match="cannot listen"):
        listen("no.such.host.invalid", 0)


def test_the_key_is_kept_beside_the_store(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'triage.db'}"
    first = access.public_key("", url)
    assert len(first) == 32
    assert access.public_key("", url) == first
    assert (tmp_path / "deep" / access.KEY_FILE).stat().st_mode & 0o077 == 0
    assert access.public_key("configured1", url) == "configured1"
    with pytest.raises(UsageError):
        access.public_key("no spaces@here", url)
    (tmp_path / "deep" / access.KEY_FILE).write_text("")
    with pytest.raises(Unavailable, match="holds no key"):
        access.public_key("", url)
