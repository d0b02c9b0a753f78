"""What may be there only once: the same call is made once before."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import direct
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

ENROL = """
def enrol(course, student):
    ENROLMENTS.insert(course, student)
"""


class NoTarget:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "function"} for path in paths}} if isinstance(paths, list) else {}


def enrolling(root: Path, kind: str, value: str) -> str:
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": value}]}}
    source = SourceFile("school/app.py", dict(enumerate(ENROL.split("\n"), 1)), True)
    frame = StackFrame(
        0, Kind.REPO, "enrol", source.path, 3, source, view_of(source, 3, ""), {"course": "2", "student": "7"},
        "school.app", "enrol",
    )  # fmt: skip
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("school",), root, (".",))
    made = direct.build(Builder(scene, Names(NoTarget(), ("school",), ()), Mined(root), Choices()), frame)
    return "\n".join(ast.unparse(item) for item in made.body)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("IntegrityError", "UNIQUE constraint failed: enrolment.course_id, enrolment.student_id"),
        ("UniqueViolation", 'duplicate key value violates unique constraint "one_each"'),
        ("FileExistsError", "[Errno 17] File exists: 'out/2.csv'"),
    ],
)
def test_the_call_is_made_once_before(tmp_path: Path, kind: str, value: str) -> None:
    assert enrolling(tmp_path, kind, value) == "enrol(2, 7)\nenrol(2, 7)"


def test_a_column_that_must_not_be_empty_is_another_matter(tmp_path: Path) -> None:
    assert enrolling(tmp_path, "IntegrityError", "NOT NULL constraint failed: enrolment.student_id") == "enrol(2, 7)"
