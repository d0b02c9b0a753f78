"""A traceback that was seen before gives the row that the full parser gives, wherever it stands."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.event import Event
from triage.domain.incoming import IncomingEvent, Kind
from triage.sources import log_plain, log_prefixed, logs
from triage.sources.incoming import incoming
from triage.sources.log_plain import PlainTracebacks
from triage.sources.log_prefixed import Prefixes
from triage.sources.log_record import parse_traceback
from triage.sources.logs import LogReader

NOW = datetime(2026, 11, 21, tzinfo=UTC)
HEAD = "Traceback (most recent call last):\n"
BODIES = [
    f'  File "/srv/shop/{name}.py", line {line}, in {name}\n    return {name}(x)\n'
    for name, line in (("price", 3), ("price", 4), ("cart", 9))
]
KINDS = st.sampled_from(["KeyError", "shop.errors.Bad", "oops", "ERROR"])
MESSAGES = st.sampled_from(
    [
        *("no price for 7", "", "é [b]x[/b] \x1b[31m", "x" * 5_000, "a: b: c", "tab\there", "ends\r", "form\x0cfeed"),
        *("(Failed) no\n[SQL: SELECT 1]\n(Background: https://x)", "a\n\nb", "bad\nTraceback (m", "\nnext line"),
    ]
)
RECORDS = st.sampled_from(
    [
        "2026-11-21 09:45:03,123 ERROR shop.orders order 7 failed\n",
        "2026-11-21T09:45:03 WARNING no logger here\n",
        "2026-11-21 09:45:03.123456 CRITICAL [shop.web:12] odd\n",
        "2026-11-21 09:45:03,1 ERROR x.y z\n",
        "2026-13-41 99:45:03,123 ERROR shop.orders impossible\n",
        "2026-11-21 09:45:03,123 - shop.orders - ERROR - order 7 failed - twice\n",
        "2026-11-21 09:45:03,123 - shop.error.x - WARNING - order 7 failed\n",
        "2026-11-21 09:45:03,123 - ERROR - nobody's\n",
        "2026-11-21T09:45:03.123Z ERROR [shop.orders] order 7\n",
        "[2026-11-21 09:45:03] ERROR in app: oops\n",
        "[2026-11-21 09:45:03 +0000] [17] [ERROR] Error handling request /orders\n",
        "[2026-11-21 09:45:03,123: ERROR/MainProcess] Task shop.tasks.pay[1-2] raised\n",
        "ERROR:shop.orders:order 7 failed at 10:00:01\n",
        "ERROR:root:order 7 failed \n",
        "ERROR:    Exception in ASGI application\n",
        "2026-11-21 09:45:03,123 ERROR shop.orders ",
        "ERROR:root:",
        "Internal Server Error: /orders/7\n",
        "The above exception was the direct cause of the following exception:\n\n",
        "KeyError: 'x'\n\nDuring handling of the above exception, another exception occurred:\n\n",
        "09:45 something else\n",
        "Exception Group ",
        "\n",
        "",
    ]
)
QUIET = st.sampled_from(
    [
        *(
            "",
            "2026-11-21 09:45:04,000 INFO shop.web ok\n",
            "noise without a time\n",
            "INFO: started\n",
            "\n",
            "\nthen\n",
        ),
        *('[21/Nov/2026 09:45:04] "GET / HTTP/1.1" 200 1\n', '10.0.0.7 - - [21/Nov/2026 09:45:04] "GET /" 200 -\n'),
    ]
)
MIDDLES = {
    "cause": "\nThe above exception was the direct cause of the following exception:\n\n",
    "context": "\nDuring handling of the above exception, another exception occurred:\n\n",
}
PREFIXES: dict[str, Callable[[int], str]] = {
    "none": lambda tick: "",
    "compose": lambda tick: "web-1  | ",
    "cri": lambda tick: f"2026-11-21T09:45:{tick % 60:02d}.{tick % 1000}Z stderr F ",
    "journal": lambda tick: f"Nov 21 09:45:{tick % 60:02d} host app[12]: ",
    "spaces": lambda tick: "09:45:00  ",
    "named": lambda tick: "web: ",
}


@st.composite
def tracebacks(draw: st.DrawFn) -> str:
    body, kind, message = draw(st.sampled_from(BODIES)), draw(KINDS), draw(MESSAGES)
    one = f"{HEAD}{body}{kind}{': ' if message else ''}{message}\n"
    match draw(st.sampled_from(["one", "one", "one", *MIDDLES, "group"])):
        case "group":
            member = "".join("    | " + line for line in one.splitlines(True))
            outer = "".join(
                "  | " + line for line in (body + "ExceptionGroup: several (1 sub-exception)\n").splitlines(True)
            )
            closing = "    +------------------------------------\n"
            return f"  + Exception Group {HEAD}{outer}  +-+---------------- 1 ----------------\n{member}{closing}"
        case "one":
            return one
        case middle:
            return f"{HEAD}{draw(st.sampled_from(BODIES))}ValueError: first\n{MIDDLES[middle]}{one}"


BLOCK = st.tuples(RECORDS, tracebacks(), QUIET).map("".join)


def rows(log: bytes) -> list[IncomingEvent]:
    return list(LogReader(BytesIO(log), NOW, lambda _: None).events())


def check(log: bytes, chunk: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "CHUNK", chunk)
        patch.setattr(logs, "AHEAD", chunk)
        patch.setattr(log_prefixed, "OFTEN", 1)
        quick = rows(log)
        patch.setattr(PlainTracebacks, "found", lambda *_: None)
        patch.setattr(Prefixes, "find", lambda *_: None)
        slow = rows(log)
    assert [row._replace(event_id="") for row in quick] == [row._replace(event_id="") for row in slow]
    for row in quick:
        again = incoming(parse_traceback(row.raw, NOW), row.raw, Kind.TRACEBACK, event_id=row.event_id)
        assert (row.title, row.fingerprint, row.level) == (again.title, again.fingerprint, again.level)


@pytest.mark.parametrize("chunk", [300, 2_000_000])
@settings(deadline=None)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=12))
def test_the_quick_way_and_the_full_parser_agree(chunk: int, blocks: list[str]) -> None:
    check("".join(blocks).encode(), chunk)


def interleaved(streams: Iterable[tuple[str, list[str]]], order: list[int]) -> str:
    """The lines of several services, each with its prefix, a block of some at a time."""
    waiting = [(name, "".join(blocks).splitlines(True)) for name, blocks in streams]
    out, tick, turn = [], 995, 0
    while any(lines for _, lines in waiting):
        name, lines = waiting[turn % len(waiting)]
        for _ in range(order[turn % len(order)]):
            if lines:
                tick += 1
                out.append(PREFIXES[name](tick) + lines.pop(0))
        turn += 1
    return "".join(out)


@pytest.mark.parametrize("chunk", [300, 2_000_000])
@settings(deadline=None)
@given(
    streams=st.lists(
        st.tuples(st.sampled_from(sorted(PREFIXES)), st.lists(BLOCK, min_size=1, max_size=8)), min_size=1, max_size=3
    ),
    order=st.lists(st.integers(1, 40), min_size=1, max_size=6),
)
def test_they_agree_where_every_line_has_a_prefix(
    chunk: int, streams: list[tuple[str, list[str]]], order: list[int]
) -> None:
    check(interleaved(streams, order).encode(), chunk)


@pytest.mark.parametrize("prefix", ["none", "compose", "cri", "journal"])
@pytest.mark.parametrize("text", ["one", "group", "chain", "long message"])
def test_the_full_parser_is_asked_a_few_times_only(prefix: str, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one = f"{HEAD}{BODIES[0]}shop.errors.Bad: no\n"
    texts = {
        "one": one,
        "group": f'  + Exception Group {HEAD}  |   File "/a.py", line 1, in a\n  | ExceptionGroup: x (0)\n',
        "chain": one + MIDDLES["cause"] + one,
        "long message": one + "[SQL: SELECT 1]\n",
    }
    if prefix in ("cri", "journal") and text == "long message":
        pytest.skip("where every line has a time, a message ends with its line")
    asked: list[bytes] = []

    def counted(raw: bytes, fallback: datetime) -> Event:
        asked.append(raw)
        return parse_traceback(raw, fallback)

    monkeypatch.setattr(log_plain, "parse_traceback", counted)
    monkeypatch.setattr(logs, "parse_traceback", counted)
    block = f"2026-11-21 09:45:03,123 ERROR shop.orders failed\n{texts[text]}2026-11-21 09:45:04,000 INFO shop.web ok\n"
    log = interleaved([(prefix, [block] * 60)], [1_000_000])
    assert len(rows(log.encode())) == 60
    assert len(asked) < 15
