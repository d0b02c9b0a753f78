"""What mocks stood for is read off the stack's variables, in a real fork server."""

import json
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.domain.verdict import ExpectedFailure, FailurePoint
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.engine import judge
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching import unknowns
from triage.drafting.replay.searching.search import Findings, Search, explore
from triage.drafting.replay.searching.server import ReplayServer
from triage.drafting.replay.searching.unknowns import Unknowns
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

CODE = """
class Desk:
    def __init__(self, address):
        self.wire = connect(address)

    def close(self, day):
        with self.wire.session(day) as session:
            for order in session.orders():
                if order.is_open:
                    settle(order.lines()[0], session.rates.of(day))


class Feed:
    async def run(self, hub, room):
        answer = await hub.fetch(room)
        return spread(answer.level, room)


def settle(line, rate):
    return line["price"] * rate


def spread(level, room):
    return level + 1


def connect(address):
    raise OSError(address)
"""


def frame(index: int, line: int, function: str, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop.py", dict(enumerate(CODE.split("\n"), 1)), True)
    view = view_of(source, line, function)
    qualname = ".".join((*view.classes, function))
    return StackFrame(index, Kind.REPO, function, "shop.py", line, source, view, variables, "shop", qualname)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReplayServer]:
    (tmp_path / "shop.py").write_text(CODE)
    made = ReplayServer(Path(sys.executable), tmp_path, (".",), lambda argv, at: (list(argv), {}))
    yield made
    made.close()


def found(server: ReplayServer, frames: tuple[StackFrame, ...], message: str) -> Findings:
    server.ask("import", modules=["shop"])
    lines = CODE.split("\n")
    points = tuple(FailurePoint("shop.py", item.qualname, lines[item.line - 1].strip(), item.line) for item in frames)
    expected = ExpectedFailure("TypeError", message, points, raised_outside=False)
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": message}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), server.worktree, (".",))
    names, mined = Names(server, ("shop",), ("shop",)), Mined(server.worktree, (".",))
    search, findings = Search(expected, judge, server, None, 6.0), Findings()
    made = explore(scene, names, mined, Findings(), list(unknowns.sites(scene)))
    finding = Unknowns(search, scene, lambda: Builder(scene, names, mined, Choices()), expected, findings)
    finding.run([], made, time.monotonic() + 30)
    return findings


def test_an_object_out_of_reach_is_made_of_what_its_parts_must_have_been(server: ReplayServer) -> None:
    desk = "<shop.Desk object at 0x7f01>"
    outer = frame(0, 10, "close", {"self": desk, "day": "'2026-11-20'", "order": "<wire.Order object at 0x7f02>"})
    inner = frame(1, 20, "settle", {"line": {"price": "12.5"}, "rate": "None"})
    best = found(server, (outer, inner), "unsupported operand type(s) for *: 'float' and 'NoneType'").best
    assert best is not None
    source = best.candidate.source()
    assert "desk = Desk.__new__(Desk)" in source or "subject = Desk.__new__(Desk)" in source
    assert "rates.of.return_value = None" in source
    assert "{'price': 12.5}" in source


def test_what_is_awaited_is_given_once_it_is_awaited(server: ReplayServer) -> None:
    feed, hub = "<shop.Feed object at 0x7f01>", "<hub.Hub object at 0x7f02>"
    outer = frame(0, 16, "run", {"self": feed, "hub": hub, "room": "'fjord'", "answer": "<hub.Answer object at 0x7f>"})
    inner = frame(1, 24, "spread", {"level": "None", "room": "'fjord'"})
    best = found(server, (outer, inner), "unsupported operand type(s) for +: 'NoneType' and 'int'").best
    assert best is not None
    assert "hub.fetch = AsyncMock(return_value=" in best.candidate.source()
    assert ".level = None" in best.candidate.source()


def test_values_that_do_not_lead_there_are_no_find(server: ReplayServer) -> None:
    outer = frame(0, 10, "close", {"self": "<shop.Desk object at 0x7f01>", "day": "'2026-11-20'"})
    inner = frame(1, 20, "settle", {"line": {"price": "12.5"}, "rate": "2"})
    findings = found(server, (outer, inner), "unsupported operand type(s) for *: 'float' and 'NoneType'")
    assert findings.tried > 1
    assert findings.best is None
