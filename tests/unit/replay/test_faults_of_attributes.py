"""A dependency that hangs on an attribute fails, also where the attribute may have been handed in."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import faults
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

CLIENT = """
import httpx

class Geocoder:
    def __init__(self, client=None):
        self._client = {value}

    def search(self, address):
        response = self._client.get("/search")
        return response.json()
"""


class NoTarget:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "class"} for path in paths}} if isinstance(paths, list) else {}


@pytest.mark.parametrize(
    "value",
    ["httpx.Client(timeout=3)", "client or httpx.Client(timeout=3)", "client if client else httpx.Client(timeout=3)"],
)
def test_the_class_that_is_made_gives_an_answer_that_fails(tmp_path: Path, value: str) -> None:
    source = SourceFile("geo/client.py", dict(enumerate(CLIENT.format(value=value).split("\n"), 1)), True)
    frame = StackFrame(
        0, Kind.REPO, "search", source.path, 10, source, view_of(source, 10, ""), {"response": "<Response [200 OK]>"},
        "geo.client", "Geocoder.search",
    )  # fmt: skip
    raw = {"event_id": "a", "exception": {"values": [{"type": "JSONDecodeError", "value": "Expecting value"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("geo",), tmp_path, (".",))
    made = Builder(scene, Names(NoTarget(), ("geo",), ()), Mined(tmp_path), Choices())
    faults.lay(made, frame, ast.Name("error"))
    assert "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items).splitlines() == [
        "dependency = MagicMock()",
        "dependency.json.side_effect = error",
        "dependency.status_code = 200",
        "dependency.status = 200",
        "monkeypatch.setattr(httpx.Client, 'get', MagicMock(return_value=dependency))",
    ]
