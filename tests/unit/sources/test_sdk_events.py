"""Events as SDKs send them: what the real ones carry, and what strangers may send instead."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from triage.domain.event import Event, Level, Link
from triage.domain.incoming import Kind
from triage.errors import BadInput
from triage.sources import parse_event
from triage.sources.incoming import incoming
from triage.sources.ingest import fast

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def load(shared: Path, name: str) -> Event:
    return parse_event((shared / "samples/sdk-events" / f"{name}.json").read_bytes(), Kind.SDK)


def real_events(shared: Path) -> Iterator[bytes]:
    for folder, pattern in (("samples/sdk-events", "[a-z]*.json"), ("corpus/cases", "*/event.json")):
        for file in sorted((shared / folder).glob(pattern)):
            yield file.read_bytes()


def test_every_real_event_is_read_whole(shared: Path) -> None:
    for raw in real_events(shared):
        event = parse_event(raw, Kind.SDK)
        sent = json.loads(raw)
        assert event.id == sent["event_id"]
        assert event.occurred_at.tzinfo is not None
        assert event.occurred_at.year == 2026
        assert event.release == sent["release"]
        assert not event.warnings
        values = sent.get("exception", {}).get("values", [])
        assert sorted(item.type for item in event.exceptions) == sorted(value["type"] for value in values)
        sent_frames = [frame for value in values for frame in value["stacktrace"]["frames"]]
        read_frames = [frame for item in event.exceptions for frame in item.frames]
        assert len(read_frames) == len(sent_frames)
        assert sum(frame.variables is None for frame in read_frames) == sum(
            "vars" not in frame for frame in sent_frames
        )


def test_a_request_comes_with_its_values(shared: Path) -> None:
    event = load(shared, "flask")
    assert event.request is not None
    assert (event.request.method, event.request.url) == ("POST", "http://localhost/orders/7")
    assert event.request.query == (("debug", "1"), ("token", "tok_abc"))
    assert isinstance(event.request.body, dict)
    assert event.request.body["sku"] == "B2"
    assert event.request.body_state == "scrubbed", "the password was taken out"
    limited = load(shared, "flask_limited").request
    assert limited is not None
    assert (limited.body, limited.body_state) == (None, "scrubbed")
    assert load(shared, "flask").transaction == "create"


def test_a_group_names_its_members_in_order(shared: Path) -> None:
    event = load(shared, "group")
    shape = [(item.type, item.parent, item.link) for item in event.exceptions]
    assert shape == [
        ("KeyError", 2, Link.GROUP),
        ("TypeError", 2, Link.GROUP),
        ("ExceptionGroup", None, Link.UNKNOWN),
    ]
    assert event.crash is event.exceptions[0]
    assert event.title == "KeyError: 'B2'"


def test_a_chain_keeps_its_order_and_a_log_line_its_template(shared: Path) -> None:
    chained = load(shared, "chained")
    assert [item.type for item in chained.exceptions] == ["KeyError", "ValueError"]
    assert chained.title == "ValueError: unknown sku B2"
    logged = load(shared, "logerror")
    assert (logged.message, logged.template, logged.logger) == (
        "payment 17 declined",
        "payment %s declined",
        "shop.orders",
    )
    assert load(shared, "message").level is Level.WARNING
    assert load(shared, "unhandled").exceptions[-1].handled is False


def test_the_envelope_and_webhooks_wrap_the_same_event() -> None:
    payload = {"event_id": "a" * 32, "exception": {"values": [{"type": "KeyError", "value": "'x'"}]}}
    for wrapped in (payload, {"data": {"event": payload}}, {"data": {"error": payload}}, {"id": 1, "data": payload}):
        assert parse_event(json.dumps(wrapped).encode(), Kind.SDK).title == "KeyError: 'x'"


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "cut off"),
        (b"{", "cut off"),
        (b'{"exception": {"values": [{"type": "Key', "cut off"),
        (b"[]", "not an event"),
        (b'"x"', "not an event"),
        (b"{}", "not an event"),
        (b"{'a': 1}", "not valid JSON"),
        (b'{"type": "transaction", "event_id": "a", "spans": []}', "not an error event"),
    ],
)
def test_what_is_no_event_is_said_in_words(raw: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_event(raw, Kind.SDK)


def event_with(**fields: object) -> Event:
    payload = {"event_id": "a" * 32, "exception": {"values": [{"type": "E", "value": "v"}]}} | fields
    return parse_event(json.dumps(payload).encode(), Kind.SDK, occurred_at=NOW)


def test_nesting_numbers_and_characters_that_break_parsers() -> None:
    deep = b'{"event_id": "%s", "message": "m", "extra": %s%s}' % (b"a" * 32, b'{"k":' * 50_000, b"}" * 50_000)
    assert parse_event(deep.replace(b":}", b":1}", 1), Kind.SDK).message == "m"
    huge = b'{"message": "m", "timestamp": NaN, "extra": {"n": %s, "i": -Infinity, "f": 1e999}}' % (b"9" * 10_000)
    found = parse_event(huge, Kind.SDK, occurred_at=NOW)
    assert found.extra["n"] == "9" * 10_000
    assert (found.extra["i"], found.extra["f"]) == ("-Infinity", "1e999")
    assert found.occurred_at == NOW
    lone = parse_event(b'{"message": "a\\ud800b", "tags": {"\\udfff": "\\ud83d\\ude00"}}', Kind.SDK)
    assert lone.message.encode() == "a\ufffdb".encode()
    assert lone.tags["\ufffd"] == "\U0001f600"
    assert parse_event('{"message": "über"}'.encode("utf-16"), Kind.SDK).message == "über"
    assert parse_event(b'{"message": "caf\xe9 \x00"}', Kind.SDK).message == "caf\ufffd \x00"
    assert parse_event(b'\xef\xbb\xbf{"message": "bom"}', Kind.SDK).message == "bom"


def test_recursion_and_cycles_end() -> None:
    frames = [{"filename": "a.py", "function": "f", "lineno": 1}] * 10_000
    event = event_with(
        exception={"values": [{"type": "RecursionError", "value": "", "stacktrace": {"frames": frames}}]}
    )
    assert len(event.exceptions[0].frames) == 3_000
    assert event.exceptions[0].frames_omitted == 7_000
    assert event.warnings
    cyclic = [
        {
            "type": f"E{n}",
            "value": "",
            "mechanism": {"exception_id": n, "parent_id": (n + 1) % 5, "is_exception_group": True},
        }
        for n in range(5)
    ]
    cyclic.append({"type": "Self", "value": "", "mechanism": {"exception_id": 9, "parent_id": 9}})
    event = event_with(exception={"values": cyclic})
    assert len(event.exceptions) == 6
    for item in event.exceptions:
        seen = 0
        at = item.parent
        while at is not None:
            seen += 1
            assert seen < 10
            at = event.exceptions[at].parent
    assert event.title
    assert event.crash is not None


def test_a_title_is_one_clean_line() -> None:
    event = event_with(exception={"values": [{"type": "E", "value": "\x1b[31m[bold]x\x00\u202eevil\nsecond"}]})
    row = incoming(event, b"", Kind.SDK)
    assert row.title == "E: [bold]x evil"
    assert len(incoming(event_with(message="x" * 10_000, exception=None), b"", Kind.SDK).title) == 300


def test_an_event_from_the_future_happened_now() -> None:
    event = event_with(timestamp="2999-01-01T00:00:00Z")
    assert incoming(event, b"", Kind.SDK, received_at=NOW).occurred_at == NOW


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20), st.just("\ud800"), st.just(10**400)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


def fields(*names: str) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, ANYTHING))


def either(good: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    return st.one_of(good, ANYTHING)


FRAMES = either(
    st.lists(
        either(
            st.fixed_dictionaries(
                {"filename": either(st.just("shop.py")), "function": either(st.just("price"))},
                optional=dict.fromkeys(
                    ("lineno", "module", "in_app", "abs_path", "vars", "pre_context", "context_line", "post_context"),
                    ANYTHING,
                ),
            )
        ),
        max_size=4,
    )
)
MECHANISM = either(fields("type", "handled", "exception_id", "parent_id", "source", "is_exception_group"))
RAISED = either(
    st.fixed_dictionaries(
        {"type": either(st.just("KeyError")), "value": either(st.text(max_size=20))},
        optional={
            "module": ANYTHING,
            "mechanism": MECHANISM,
            "stacktrace": either(st.fixed_dictionaries({"frames": FRAMES}, optional={"frames_omitted": ANYTHING})),
        },
    )
)
EVENTS = st.fixed_dictionaries(
    {
        "event_id": either(st.just("a" * 32)),
        "timestamp": either(st.just("2026-11-21T09:38:23Z")),
        "exception": either(st.fixed_dictionaries({"values": either(st.lists(RAISED, max_size=3))})),
    },
    optional={
        "request": either(fields("method", "url", "query_string", "headers", "cookies", "data")),
        "breadcrumbs": either(st.fixed_dictionaries({"values": either(st.lists(fields("message", "data", "level")))})),
        "logentry": either(fields("message", "formatted", "params")),
        "user": either(fields("id", "email", "username", "ip_address")),
        "contexts": either(fields("trace", "otel", "triage")),
        **dict.fromkeys(
            ("level", "message", "logger", "tags", "extra", "modules", "release", "environment", "transaction"),
            ANYTHING,
        ),
        **dict.fromkeys(
            ("fingerprint", "platform", "server_name", "errors", "_meta", "type", "data", "event"), ANYTHING
        ),
    },
)


def check_reads_or_refuses(raw: bytes, kind: Kind) -> None:
    """Whatever comes, there is an event that the store and the screen can take, or BadInput."""
    try:
        event = parse_event(raw, kind, occurred_at=NOW)
    except BadInput:
        return
    row = incoming(event, raw, kind, received_at=NOW)
    for text in (row.title, row.culprit, row.search, row.level, row.release, row.user, row.service, row.environment):
        assert text is None or (text.encode() and "\n" not in text) or text == ""
    assert len(row.fingerprint) == 32
    assert event.occurred_at.utcoffset() is not None
    assert event.crash is None or event.crash in event.exceptions


@given(EVENTS)
@settings(max_examples=250, deadline=None)
def test_any_type_in_any_field_is_read_or_refused_by_both_parsers_alike(payload: dict[str, object]) -> None:
    raw = json.dumps(payload).encode()
    check_reads_or_refuses(raw, Kind.SDK)
    check_same_row(raw)


@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"\x00\x00\x00{")
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    for kind in Kind:
        check_reads_or_refuses(raw, kind)


def check_same_row(raw: bytes) -> bool:
    """Whether the fast path took it; where it did, its row must be the full parser's."""
    try:
        row = fast._row(raw, None, NOW, "ingest")
    except (ValueError, RecursionError):
        return False
    if row is None:
        return False
    event = parse_event(raw, Kind.SDK, occurred_at=NOW)
    assert row == incoming(event, raw, Kind.SDK, received_at=NOW, source="ingest")
    return True


def test_ingest_takes_real_events_fast(shared: Path) -> None:
    taken = [check_same_row(raw) for raw in real_events(shared)]
    assert taken.count(False) == 1, "only the group needs the full parser"


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_damaged_events_make_the_same_row_or_none(shared: Path, data: st.DataObject) -> None:
    raw = bytearray((shared / "samples/sdk-events/logging.json").read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.sampled_from(b'"{}[],:\\\x00\xff0e-n u'))
    check_same_row(bytes(raw))
    check_reads_or_refuses(bytes(raw[: data.draw(st.integers(0, len(raw)))]), Kind.SDK)
