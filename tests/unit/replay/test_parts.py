"""What an object was made of is told by the frames that its parts' methods run in, or by the repo's own tests."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import parts
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

CODE = """
class Desk:
    def __init__(self, shelf=None, clock=None, name=""):
        self.shelf = shelf or Shelf()
        self.clock = clock
        self.name = name.strip()

    def lend(self, book):
        return self.shelf.take(book)

class Shelf:
    def __init__(self, keep=20):
        self.books = {}

    def take(self, book):
        return self.books[book]
"""


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def frame(index: int, line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("desk/app.py", dict(enumerate(CODE.strip("\n").split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else ""
    qualname = ".".join((*view.classes, name))
    return StackFrame(index, Kind.REPO, name, source.path, line, source, view, variables, "desk.app", qualname)


def builder(root: Path, kind: str = "KeyError") -> Builder:
    frames = (
        frame(0, 8, {"self": "<desk.app.Desk object at 0x7f01>", "book": "'Emma'"}),
        frame(1, 15, {"self": "<desk.app.Shelf object at 0x7f02>", "book": "'Emma'"}),
    )
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": "'Emma'"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("desk",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("desk",), ()), Mined(root), Choices())


@pytest.mark.parametrize(
    ("class_name", "parameter", "index"),
    [("Desk", "shelf", 1), ("Desk", "clock", None), ("Desk", "name", None), ("Shelf", "shelf", None)],
)
def test_the_frame_of_a_part_is_the_one_its_method_runs_in(
    tmp_path: Path, class_name: str, parameter: str, index: int | None
) -> None:
    found = parts.frame_of(builder(tmp_path), class_name, parameter)
    assert (found.index if found is not None else None) == index


def test_a_part_of_itself_leads_nowhere(tmp_path: Path) -> None:
    made = builder(tmp_path)
    made.filled.add(("part", "1"))
    with pytest.raises(Dead, match="part of itself"):
        parts.made(made, made.scene.repo_frames[1], "shelf")


@pytest.mark.parametrize(
    ("name", "default", "kind", "given"),
    [
        ("ttl", "60.0", "KeyError", "0.0"),
        ("max_size", "100", "IndexError", "0"),
        ("port", "100", "KeyError", None),
        ("ttl", "None", "KeyError", None),
        ("ttl", "60", "OverflowError", None),
    ],
)
def test_a_limit_that_keeps_nothing(tmp_path: Path, name: str, default: str, kind: str, given: str | None) -> None:
    found = parts.keeps_nothing(builder(tmp_path, kind), name, default)
    assert (ast.unparse(found) if found is not None else None) == given


def test_a_parameter_is_given_what_the_tests_of_the_repo_give(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_desk.py").write_text(
        "def test_lend():\n    assert Desk(Shelf(keep=3), clock=Clock())\n"
    )
    made = builder(tmp_path)
    for parameter, place, given in (("shelf", 0, ["Shelf(keep=3)"]), ("clock", 1, ["Clock()"]), ("name", 2, [])):
        found = parts.as_tests_give(made, "Desk", parameter, place)
        assert [ast.unparse(node) for _, node in found] == given
