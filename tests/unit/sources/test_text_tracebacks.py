"""Printed tracebacks, as logs carry them: every shape, in every wrapping."""

import json
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.event import Level, Link
from triage.domain.incoming import Kind
from triage.errors import BadInput
from triage.sources import parse_event
from triage.sources.incoming import incoming
from triage.sources.traceback_text import parse_lines

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHAINED = """Traceback (most recent call last):
  File "/srv/app/shop/orders.py", line 14, in load
    return rows[key]
           ~~~~^^^^^
KeyError: 'B2'

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/srv/app/shop/web.py", line 10, in create
    load(order)
  File "/srv/app/shop/orders.py", line 16, in load
    raise ValueError(f"unknown {key}") from error
ValueError: unknown B2
"""


def read(text: str) -> tuple[str, list[tuple[str, str, int]]]:
    event = parse_event(text.encode(), Kind.TRACEBACK, occurred_at=NOW)
    return event.title, [(item.type, item.link.value, len(item.frames)) for item in event.exceptions]


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_every_shape_of_every_python(shared: Path, version: str) -> None:
    text = (shared / f"samples/logs/tb_{version}.txt").read_text()
    shapes = {}
    for section in text.split("##### ")[1:]:
        name, _, body = section.partition("\n")
        shapes[name] = parse_event(body.encode(), Kind.TRACEBACK, occurred_at=NOW)
    assert len(shapes) == 12
    assert shapes["plain"].title == "KeyError: 'B2'"
    assert shapes["plain"].culprit.replace("/./", "/") == "/srv/app/services/shop/code/shop.py in price"
    assert [frame.function for frame in shapes["plain"].exceptions[0].frames][-2:] == ["checkout", "price"]
    assert shapes["plain"].exceptions[0].frames[-1].context_line == "return table[order.sku] * order.qty"
    assert [(item.type, item.link) for item in shapes["chained"].exceptions] == [
        ("KeyError", Link.CAUSE),
        ("ValueError", Link.UNKNOWN),
    ]
    assert shapes["implicit"].exceptions[0].link is Link.CONTEXT
    assert shapes["syntax"].title == "SyntaxError: '(' was never closed (<string>, line 1)"
    assert [item.type for item in shapes["suppressed"].exceptions] == ["RuntimeError"]
    assert shapes["multi"].exceptions[0].frames[-2].context_line == "return shop.price("
    assert shapes["multi"].exceptions[0].frames[-1].function == "price"
    assert shapes["recursion"].exceptions[0].frames_omitted == 995
    assert shapes["nostr"].exceptions[0].type == "NoStr"
    assert shapes["multiline"].exceptions[0].value == "line1\nline2: Traceback-like\n  File x"
    if version == "3.10":
        return
    assert shapes["notes"].exceptions[-1].notes == ("order id 17", "second line")
    assert [(item.type, item.parent) for item in shapes["group"].exceptions] == [
        ("KeyError", 2),
        ("TypeError", 2),
        ("ExceptionGroup", None),
    ]
    nested = shapes["nested"].exceptions
    assert [(item.type, item.parent, item.link) for item in nested] == [
        ("KeyError", None, Link.CAUSE),
        ("KeyError", 3, Link.GROUP),
        ("TypeError", 3, Link.GROUP),
        ("ExceptionGroup", 5, Link.GROUP),
        ("ValueError", 5, Link.GROUP),
        ("ExceptionGroup", None, Link.UNKNOWN),
    ]
    assert shapes["nested"].title == "KeyError: 'B2'"


def test_what_this_python_prints_is_read_back() -> None:
    def fail(depth: int) -> None:
        if depth:
            fail(depth - 1)
        try:
            {}["x"]  # type: ignore[index]
        except KeyError as error:
            error.add_note("a note")
            raise ExceptionGroup("several", [OSError("disk"), ValueError("multi\nline")]) from error

    try:
        fail(2)
    except ExceptionGroup as error:
        text = "".join(traceback.format_exception(error))
        depth = len(traceback.extract_tb(error.__traceback__))
    exceptions, warnings = parse_lines(text.splitlines())
    assert [item.type for item in exceptions] == ["KeyError", "OSError", "ValueError", "ExceptionGroup"]
    assert exceptions[0].notes == ("a note",)
    assert exceptions[2].value == "multi\nline"
    assert len(exceptions[3].frames) == depth
    assert not warnings


PLAIN = (
    "ValueError: unknown B2",
    [("KeyError", "cause", 1), ("ValueError", "unknown", 2)],
)


def each_line(make: Callable[[str, int], str]) -> str:
    return "".join(make(line, number) + "\n" for number, line in enumerate(CHAINED.splitlines()))


WRAPPINGS = {
    "bare": CHAINED,
    "crlf": CHAINED.replace("\n", "\r\n"),
    "indented": each_line(lambda line, _: "        " + line),
    "tabs": each_line(lambda line, _: "\t" + line),
    "colours": each_line(lambda line, _: f"\x1b[31m{line}\x1b[0m"),
    "compose": each_line(lambda line, _: "web-1  | " + line),
    "compose, trimmed": each_line(lambda line, _: ("web-1  | " + line).rstrip()),
    "two containers": each_line(lambda line, n: f"web-1  | {line}\nworker-1  | INFO beat {n}"),
    "syslog": each_line(lambda line, n: f"Nov 21 09:45:{n:02d} host app[123]: {line}"),
    "kubernetes": each_line(lambda line, n: f"2026-11-21T09:45:37.8{n:02d}123456Z stderr F {line}"),
    "level and time on each line": each_line(lambda line, n: f"2026-11-21 09:45:37,8{n:02d} ERROR shop.web {line}"),
    "docker": each_line(
        lambda line, _: json.dumps({"log": line + "\n", "stream": "stderr", "time": "2026-11-21T09:45:37Z"})
    ),
    "journald": each_line(
        lambda line, _: json.dumps({"MESSAGE": line, "_PID": "7", "__REALTIME_TIMESTAMP": "1795253899038071"})
    ),
    "journald bytes": each_line(lambda line, _: json.dumps({"MESSAGE": list(line.encode()), "_PID": "7"})),
    "one line": "2026-11-21 09:45:37 ERROR failed " + CHAINED.replace("\n", "\\n"),
    "logfmt": 'level=error exc="' + CHAINED.replace('"', '\\"').replace("\n", "\\n") + '" order=7',
    "rsyslog": "Nov 21 09:45:37 host app[1]: " + CHAINED.replace("\n", "#012"),
    "behind the level": "2026-11-21 09:45:37,804 ERROR " + CHAINED,
    "json": json.dumps({"level": "error", "event": "failed", "exception": CHAINED}),
    "json list of lines": json.dumps({"level": "error", "stack_trace": CHAINED.splitlines()}),
    "json in docker": json.dumps({"log": json.dumps({"event": "x", "exc_info": CHAINED}) + "\n", "stream": "stderr"}),
    "json behind a prefix": "web-1  | " + json.dumps({"level": "error", "exception": CHAINED}),
    "deep in json": json.dumps({"a": {"b": [{"c": "it broke\n" + CHAINED}]}}),
    "gcp": json.dumps({"severity": "ERROR", "message": "it broke\n" + CHAINED, "serviceContext": {"service": "shop"}}),
    "otel": json.dumps(
        {"severityText": "ERROR", "attributes": {"exception.stacktrace": CHAINED, "exception.type": "X"}}
    ),
    "datadog": json.dumps({"error": {"stack": CHAINED, "kind": "ValueError", "message": "m"}, "dd.service": "shop"}),
}


@pytest.mark.parametrize("name", WRAPPINGS)
def test_every_wrapping_comes_off(name: str) -> None:
    assert read(WRAPPINGS[name]) == PLAIN


def test_json_records_say_more_than_the_stack(shared: Path) -> None:
    sections = (shared / "samples/logs/jsonlogs.txt").read_text().split("## ")[1:]
    events = {}
    for section in sections:
        name, _, body = section.partition("\n")
        events[name] = parse_event(body.encode(), Kind.TRACEBACK)
    assert len(events) == 5
    for name, event in events.items():
        assert event.title == "ValueError: unknown sku B2", name
        assert event.level is Level.ERROR
        assert event.occurred_at.replace(microsecond=0) == datetime(2026, 11, 21, 9, 45, 37, tzinfo=UTC)
        assert event.message.endswith("checkout failed")
        assert name == "stdlib" or event.extra["order_id"] == 17
    assert events["python-json-logger"].logger == "python-json-logger"
    assert events["ecs-logging"].logger == "ecs-logging"
    structured = events["structlog_dict"].exceptions
    assert [(item.type, item.link) for item in structured] == [("KeyError", Link.CAUSE), ("ValueError", Link.UNKNOWN)]
    assert structured[0].frames[-1].variables is not None
    assert structured[0].frames[-1].variables["tup"] == "(1, 2)"
    assert [frame.function for frame in structured[0].frames] == ["chained", "checkout", "price"]


@pytest.mark.parametrize(
    ("line", "when", "level", "logger", "message"),
    [
        (
            "2026-11-21 09:45:37,804 ERROR shop.orders order 7 failed",
            "2026-11-21T09:45:37.804",
            "error",
            "shop.orders",
            "order 7 failed",
        ),
        ("2026-11-21T09:45:37+02:00 [critical] it broke", "2026-11-21T07:45:37", "fatal", None, "it broke"),
        (
            "[2026-11-21 09:45:37 +0000] [12] [ERROR] Error handling request /",
            "2026-11-21T09:45:37",
            "error",
            None,
            "Error handling request /",
        ),
        ("ERROR:shop.orders:order failed", None, "error", "shop.orders", "order failed"),
        (
            "2026-11-21 09:45:37,804 - shop.web - WARNING - slow",
            "2026-11-21T09:45:37.804",
            "warning",
            "shop.web",
            "slow",
        ),
        ("Nov 21 09:45:37 host app[1]: ERROR boom", "2026-11-21T09:45:37", "error", None, "boom"),
        ("21/Nov/2026:09:45:37 +0000 ERROR boom", "2026-11-21T09:45:37", "error", None, "boom"),
        ("09:45:37 ERROR boom", "2026-11-22T09:45:37", "error", None, "boom"),
        ("INFO 2026/11/21 09:45:37 boom", "2026-11-21T09:45:37", "info", None, None),
    ],
)
def test_the_record_line_says_when_and_how_bad(
    line: str, when: str | None, level: str, logger: str | None, message: str | None
) -> None:
    event = parse_event(f"{line}\n{CHAINED}".encode(), Kind.TRACEBACK, occurred_at=NOW)
    assert event.occurred_at == (datetime.fromisoformat(when).replace(tzinfo=UTC) if when else NOW)
    assert (event.level.value, event.logger) == (level, logger)
    assert message is None or event.message == message


def test_a_tail_that_is_cut_off_still_shows_its_frames() -> None:
    event = parse_event(CHAINED[:170].encode(), Kind.TRACEBACK)
    assert event.exceptions[0].frames[0].function == "load"
    assert "the traceback is cut off" not in event.warnings or event.exceptions[-1].type == "Unknown"
    half = parse_event(b'Traceback (most recent call last):\n  File "a.py", line 3, in f\n    x', Kind.TRACEBACK)
    assert (half.title, half.culprit) == ("Unknown", "a.py in f")
    assert "the traceback is cut off" in half.warnings


def test_installed_packages_are_not_the_app() -> None:
    def inside(path: str) -> bool | None:
        text = f'Traceback (most recent call last):\n  File "{path}", line 1, in f\nKeyError: 1\n'
        return parse_event(text.encode(), Kind.TRACEBACK).exceptions[0].frames[0].in_app

    assert inside("/srv/app/shop.py")
    assert inside("C:\\work\\shop.py")
    for path in (
        "/srv/.venv/lib/python3.11/site-packages/flask/app.py",
        "/usr/lib/python3/dist-packages/x.py",
        "/usr/lib/python3.11/json/decoder.py",
        "C:\\Python311\\Lib\\json\\decoder.py",
        "<frozen importlib._bootstrap>",
        "<string>",
    ):
        assert inside(path) is False, path


def test_types_of_modules_and_local_classes() -> None:
    def typed(name: str) -> tuple[str, str | None]:
        text = f'Traceback (most recent call last):\n  File "a.py", line 1, in f\n{name}: x\n'
        item = parse_event(text.encode(), Kind.TRACEBACK).exceptions[0]
        return item.type, item.module

    assert typed("KeyError") == ("KeyError", None)
    assert typed("json.decoder.JSONDecodeError") == ("JSONDecodeError", "json.decoder")
    assert typed("shop.core.make.<locals>.Odd") == ("Odd", "shop.core")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "Traceback (most recent call last)",
        "{}",
        '{"message": "fine"}',
        "Traceback (most recent call last):",
        "\x00" * 50,
    ],
)
def test_text_without_a_stack_is_refused(text: str) -> None:
    try:
        event = parse_event(text.encode(), Kind.TRACEBACK)
    except BadInput:
        return
    assert text.endswith("last):")
    assert event.warnings


PIECES = st.sampled_from(
    [
        "Traceback (most recent call last):",
        "  + Exception Group Traceback (most recent call last):",
        '  File "a.py", line 1, in f',
        '  File "a.py", line 99999999999999999999, in ',
        "    source",
        "    ~~~^^^",
        "KeyError: 'x'",
        "  | KeyError: 'x'",
        "  +-+---------------- 1 ----------------",
        "    | Traceback (most recent call last):",
        '    |   File "b.py", line 2, in g',
        "    +---------------- 2 ----------------",
        "    +------------------------------------",
        "The above exception was the direct cause of the following exception:",
        "During handling of the above exception, another exception occurred:",
        "  [Previous line repeated 996 more times]",
        "  [Previous line repeated 999999999999 more times]",
        "",
        "web-1 | ",
        "2026-11-21 09:45:37,804 ERROR shop failed",
        '{"log": "Traceback (most recent call last):\\n", "stream": "stderr"}',
        '{"exception": [{"exc_type": "E", "is_group": true, "exceptions": [[{"exc_type": 7, "frames": [null, 3]}]]}]}',
        "\x1b[31m\ud800\x00",
    ]
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=14), st.sampled_from(["\n", "\r\n", "\\n"]))
@settings(max_examples=400, deadline=None)
def test_any_order_of_any_lines_is_read_or_refused(lines: list[str], ending: str) -> None:
    raw = ending.join(lines).encode("utf-8", "surrogatepass")
    try:
        event = parse_event(raw, Kind.TRACEBACK, occurred_at=NOW)
    except BadInput:
        return
    row = incoming(event, raw, Kind.TRACEBACK)
    assert row.title
    assert row.search.encode()
    for index, item in enumerate(event.exceptions):
        assert item.parent is None or item.parent > index, "members come before their group"


def test_a_deep_group_and_a_line_of_a_hundred_megabytes_end() -> None:
    lines = [
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "a.py", line 1, in f',
        "  | ExceptionGroup: x",
    ]
    for depth in range(400):
        pad = "  " * (depth + 1)
        lines += [pad + "+-+---------------- 1 ----------------", pad + "  | ExceptionGroup: x"]
    assert parse_event("\n".join(lines).encode(), Kind.TRACEBACK).exceptions
    long = b"Traceback (most recent call last):\n" + b"  File " * 15_000_000
    with pytest.raises(BadInput):
        raise BadInput(parse_event(long, Kind.TRACEBACK).title)
