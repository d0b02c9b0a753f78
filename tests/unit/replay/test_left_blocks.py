"""What a dependency gave inside a block that was left before the crash, and what an entered answer gave."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import recorded
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.recordings import recordings
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

QUOTES = """
import aiohttp

class Quotes:
    def __init__(self):
        self.session = aiohttp.ClientSession()

    async def quote(self, symbol):
        async with self.session.get(f"/{symbol}") as response:
            data = await response.json()
        return data["book"]["best"]

    def rate(self, symbol):
        try:
            answer = self.http.get(symbol)
        except TimeoutError:
            answer = None
        return answer["rate"] + 1
"""


class Classes:
    """An interpreter that knows every name as a class."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "class"} for path in paths}} if isinstance(paths, list) else {}


def frame(line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("quotes/app.py", dict(enumerate(QUOTES.split("\n"), 1)), True)
    view = view_of(source, line, "")
    assert view.node is not None
    name = view.node.name
    return StackFrame(0, Kind.REPO, name, source.path, line, source, view, variables, "quotes.app", f"Quotes.{name}")


def test_an_answer_that_was_entered_and_left(tmp_path: Path) -> None:
    at = frame(11, {"response": "<ClientResponse(http://q/v2) [200 OK]>\n", "data": {"book": "None"}})
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": "not subscriptable"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (at,), ("quotes",), tmp_path, (".",))
    made = Builder(scene, Names(Classes(), ("quotes",), ()), Mined(tmp_path), Choices())
    recorded.lay(made, [at])
    assert "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items).splitlines() == [
        "response = MagicMock()",
        "data = {'book': None}",
        "response.json = AsyncMock(return_value=data)",
        "get = MagicMock()",
        "get.return_value.__aenter__.return_value = response",
        "monkeypatch.setattr(ClientSession, 'get', get)",
    ]


def test_a_try_that_was_left_in_the_ordinary_way() -> None:
    found = list(recordings(frame(18, {"answer": {"rate": "None"}})))
    assert [(item.name, item.root, item.chain) for item in found] == [("answer", "self", ("http", "get"))]


LOCAL = """
import aiohttp

async def check(url):
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            body = await response.json()
    return body["build"]
"""


def test_a_session_of_a_library_in_a_variable_that_the_sdk_filtered(tmp_path: Path) -> None:
    source = SourceFile("quotes/app.py", dict(enumerate(LOCAL.split("\n"), 1)), True)
    held: Mapping[str, Json] = {
        "url": "'http://q'",
        "session": "[Filtered]",
        "response": "<ClientResponse(http://q) [200 OK]>\n",
        "body": {},
    }
    view = view_of(source, 8, "")
    at = StackFrame(0, Kind.REPO, "check", source.path, 8, source, view, held, "quotes.app", "check")
    raw = {"event_id": "a", "exception": {"values": [{"type": "KeyError", "value": "'build'"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (at,), ("quotes",), tmp_path, (".",))
    made = Builder(scene, Names(Classes(), ("quotes",), ()), Mined(tmp_path), Choices())
    recorded.lay(made, [at])
    lines = "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items).splitlines()
    assert "response.json = AsyncMock(return_value={})" in lines
    assert lines[-1] == "monkeypatch.setattr(ClientSession, 'get', get)"
