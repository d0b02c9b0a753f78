"""Which rows of the database a stack shows: in variables, inside other reprs, in the framework's frames."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import rows
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

VALIDATE = """
def validate(self, attrs):
    return attrs["ends"]
"""
TABLE = {
    "kind": "class",
    "module": "shop.app",
    "mapper": "django",
    "columns": [{"name": "id", "kind": "AutoField", "primary": True}],
}


class OnlyBookings:
    """An interpreter in which Booking is a mapped class, and nothing else is."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        known = [str(path) for path in paths] if isinstance(paths, list) else []
        tables = [path for path in known if path.rpartition(":")[2] in ("Booking", "User")]
        return {"found": {path: {**TABLE, "qualname": path.rpartition(":")[2]} for path in tables}}


def frame(index: int, kind: Kind, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(VALIDATE.split("\n"), 1)), True)
    view = view_of(source, 3, "")
    module = "shop.app" if kind is Kind.REPO else "rest_framework.mixins"
    return StackFrame(index, kind, "validate", source.path, 3, source, view, variables, module, "validate")


def builder(root: Path, *frames: StackFrame) -> Builder:
    raw = {"event_id": "a", "exception": {"values": [{"type": "KeyError", "value": "'ends'"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), root, (".",))
    return Builder(scene, Names(OnlyBookings(), ("shop",), ()), Mined(root), Choices())


def test_a_row_that_only_the_framework_holds(tmp_path: Path) -> None:
    outer = frame(0, Kind.LIBRARY, {"instance": "<Booking: Booking object (31)>", "request": "<Request: PATCH '/'>"})
    inner = frame(1, Kind.REPO, {"attrs": {"title": "'Board'"}})
    made = builder(tmp_path, outer, inner)
    assert [(text, path) for text, _, path in rows.on_stack(made)] == [
        ("<Booking: Booking object (31)>", "shop.app:Booking")
    ]
    rows.all_made(made)
    assert [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items] == [
        "booking = Booking.objects.create(id=31)"
    ]


def test_rows_inside_of_other_reprs(tmp_path: Path) -> None:
    found = "<QuerySet [<Booking: Booking object (1)>, <Booking: Booking object (2)>]>"
    made = builder(tmp_path, frame(0, Kind.REPO, {"found": found, "user": "<SimpleLazyObject: <User: ann>>"}))
    assert [text for text, _, _ in rows.on_stack(made)] == [
        "<Booking: Booking object (1)>",
        "<Booking: Booking object (2)>",
    ]


def test_the_repo_s_own_variables_come_first(tmp_path: Path) -> None:
    outer = frame(0, Kind.LIBRARY, {"instance": "<Booking: Booking object (1)>"})
    inner = frame(1, Kind.REPO, {"other": "<Booking: Booking object (2)>", "who": "<User: ann>"})
    made = builder(tmp_path, outer, inner)
    assert [text for text, _, _ in rows.on_stack(made)] == [
        "<Booking: Booking object (2)>",
        "<User: ann>",
        "<Booking: Booking object (1)>",
    ]
