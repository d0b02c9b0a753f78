"""A method of an aiohttp view class is called on a view that was made with the request."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.entries import aiohttp
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

CODE = """
class Parcels(web.View):
    async def put(self):
        body = await self.request.json()
        return web.json_response(KINDS[body["kind"]])

    async def head(self):
        return answer(self.kind)
"""


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def builder(root: Path, line: int) -> Builder:
    source = SourceFile("depot/web.py", dict(enumerate(CODE.strip("\n").split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else ""
    held = {"self": "<depot.web.Parcels object at 0x7f01>"}
    frame = StackFrame(0, Kind.REPO, name, source.path, line, source, view, held, "depot.web", f"Parcels.{name}")
    request = {"method": "PUT", "url": "http://depot/parcels?x=1", "data": {"kind": "box"}}
    raw = {"event_id": "a", "exception": {"values": [{"type": "KeyError", "value": "'box'"}]}, "request": request}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("depot",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("depot",), ()), Mined(root), Choices())


def test_the_view_is_made_with_the_request(tmp_path: Path) -> None:
    made = builder(tmp_path, 4)
    request = made.scene.event.request
    assert request is not None
    body = [ast.unparse(ast.fix_missing_locations(item)) for item in aiohttp.by_handler(made, request).body]
    assert body == [
        "request = make_mocked_request('PUT', '/parcels?x=1')",
        "request.json = AsyncMock(return_value={'kind': 'box'})",
        "await Parcels(request).put()",
    ]


def test_a_method_that_asks_for_no_request_is_none(tmp_path: Path) -> None:
    made = builder(tmp_path, 7)
    request = made.scene.event.request
    assert request is not None
    with pytest.raises(Dead, match="takes no request"):
        aiohttp.by_handler(made, request)
