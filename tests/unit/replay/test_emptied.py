"""What an error says was None is looked for in the crashed statement, and set so on the object that had it."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.emptied import attributes
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import direct
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event


@pytest.mark.parametrize(
    ("message", "statement", "names"),
    [
        ("'NoneType' object has no attribute 'send'", "self.pipe.send(self.rest.pop())", ["pipe"]),
        ("object of type 'NoneType' has no len()", "return len(self.rows) + self.more", ["rows"]),
        ("'NoneType' object is not subscriptable", "first = self.rows[self.at]", ["rows"]),
        ("'NoneType' object is not iterable", "for row in self.rows:\n    send(self.pipe)", ["rows"]),
        ("'NoneType' object is not iterable", "total = sum(self.rows)", ["rows"]),
        ("argument of type 'NoneType' is not iterable", "if key in self.seen and self.on:\n    pass", ["seen"]),
        ("'NoneType' object is not callable", "self.hook(self.name)", ["hook"]),
        ("unsupported operand type(s) for +: 'NoneType' and 'int'", "x = self.last + 1", ["last"]),
        ("'<' not supported between instances of 'NoneType' and 'int'", "y = self.last < limit", ["last"]),
        ("expected string or bytes-like object, got 'NoneType'", "match(self.text)", ["text"]),
        ("'NoneType' object is not subscriptable", "first = rows[self.at]", []),
        ("list index out of range", "first = self.rows[0]", []),
    ],
)
def test_the_attribute_stands_where_the_message_says(message: str, statement: str, names: list[str]) -> None:
    assert attributes(message, ast.parse(statement).body[0], "self") == names


QUEUE = """
class Queue:
    def drain(self, most):
        return self._take(most)

    def _take(self, most):
        return self.rows[:most]
"""


class OneClass:
    """An interpreter that knows the class, which asks for nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        known = {"kind": "class", "mro": ["jobs.queue.Queue"], "parameters": []}
        paths = fields.get("paths")
        return {"found": dict.fromkeys(paths, known)} if isinstance(paths, list) else {}


def queue_scene(root: Path, outer: str) -> Scene:
    raw = {
        "event_id": "a",
        "exception": {"values": [{"type": "TypeError", "value": "'NoneType' object is not subscriptable"}]},
    }
    source = SourceFile("jobs/queue.py", dict(enumerate(QUEUE.split("\n"), 1)), True)
    frames = tuple(
        StackFrame(
            at, Kind.REPO, name, source.path, line, source, view_of(source, line, ""),
            {"self": wire, "most": "3"}, "jobs.queue", f"Queue.{name}",
        )
        for at, (name, line, wire) in enumerate(
            [("drain", 4, outer), ("_take", 7, "<jobs.queue.Queue object at 0x7f00>")]
        )
    )  # fmt: skip
    return Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("jobs",), root, (".",))


def candidates(scene: Scene) -> list[str]:
    waiting: list[dict[str, int]] = [{}]
    found = []
    for made in waiting:
        choices = Choices(made)
        builder = Builder(scene, Names(OneClass(), ("jobs",), ()), Mined(scene.root), choices)
        candidate = direct.build(builder, scene.frames[0])
        found.append("\n".join(ast.unparse(item) for item in candidate.body))
        waiting += choices.successors() if len(waiting) < 60 else []
    return found


def test_the_object_of_an_outer_frame_has_the_attribute_empty_too(tmp_path: Path) -> None:
    found = candidates(queue_scene(tmp_path, "<jobs.queue.Queue object at 0x7f00>"))
    assert "rows = None" not in found[0]
    assert any("queue.rows = None\nqueue.drain(3)" in text for text in found)


def test_another_object_of_the_class_is_left_alone(tmp_path: Path) -> None:
    assert not any(
        ".rows = None" in text for text in candidates(queue_scene(tmp_path, "<jobs.queue.Queue object at 0x7f99>"))
    )
