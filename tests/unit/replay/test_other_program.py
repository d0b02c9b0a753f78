"""Classes of the calling program: copied into the test when its frames show them, else a dead end."""

import ast
from pathlib import Path

import pytest

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

TEXT = """class Odd:
    def export(self):
        return ''

def accept(plugin):
    return check(plugin)"""
SEEN = dict(enumerate(TEXT.split("\n"), 20))


class Nobody:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        return {}


def built(root: Path, wire: str) -> list[str]:
    event: Event = parse_event(
        b'{"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK
    )
    source = SourceFile("/srv/driver.py", SEEN, False)
    frame = StackFrame(
        0, Kind.SERVICE, "accept", "/srv/driver.py", 25, source, view_of(source, 25, "accept"), {"plugin": wire}
    )
    builder = Builder(Scene(event, (frame,), ("shop",), root, (".",)), Names(Nobody(), (), ()), Mined(root), Choices())
    done = values.build(builder, frame, "plugin", wire, "0.plugin")
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items] + [ast.unparse(done)]


def test_a_class_that_is_seen_whole_is_copied(tmp_path: Path) -> None:
    lines = built(tmp_path, "<class '__main__.Odd'>")
    assert lines[0].startswith("class Odd")
    assert lines[-1] == "Odd"


def test_an_object_of_it_is_made(tmp_path: Path) -> None:
    lines = built(tmp_path, "<__main__.Odd object at 0x7fc3fd89c550>")
    assert lines[-2:] == ["plugin = Odd()", "plugin"]


def test_a_class_that_is_not_seen_is_a_dead_end(tmp_path: Path) -> None:
    with pytest.raises(Dead, match="another program"):
        built(tmp_path, "<class '__main__.Hidden'>")


ASYNC = """async def relay(request):
    for attempt in range(2):
        await request.wait(attempt)
    return request.path


class Base:
    pass


class Job(Base):
    def __init__(self, name: int):
        super().__init__()
        self.name = name

    def rows(self):
        yield self.name

"""


def copied(root: Path, name: str) -> tuple[str, Builder]:
    event: Event = parse_event(
        b'{"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK
    )
    source = SourceFile("/srv/driver.py", dict(enumerate(ASYNC.split("\n"), 1)), False)
    frame = StackFrame(0, Kind.SERVICE, "main", "/srv/driver.py", 4, source, view_of(source, 4, "main"), {})
    builder = Builder(Scene(event, (frame,), ("shop",), root, (".",)), Names(Nobody(), (), ()), Mined(root), Choices())
    builder.bind(frame, name)
    return "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items), builder


def test_a_coroutine_function_is_copied_without_making_the_test_async(tmp_path: Path) -> None:
    text, builder = copied(tmp_path, "relay")
    assert text.startswith("async def relay(request):")
    assert "await request.wait(attempt)" in text
    assert not builder.is_async


def test_a_class_with_super_and_a_generator_is_copied(tmp_path: Path) -> None:
    text, _ = copied(tmp_path, "Job")
    assert "super().__init__()" in text
    assert "yield self.name" in text
    assert "def __init__(self, name: int):" in text
