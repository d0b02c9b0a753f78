"""What a candidate finds around it: environment variables, responses that answer again, messages of a websocket."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay import answers, surroundings
from triage.drafting.replay.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import command, recorded, websocket
from triage.drafting.replay.mined import Mined
from triage.drafting.replay.names import Names
from triage.drafting.replay.scene import Kind, Scene, StackFrame
from triage.drafting.replay.views import SourceFile, view_of
from triage.sources import parse_event


class NoTarget:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "function"} for path in paths}} if isinstance(paths, list) else {}


def frame(text: str, line: int, variables: Mapping[str, Json], index: int = 0) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(text.split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else "<module>"
    return StackFrame(index, Kind.REPO, name, source.path, line, source, view, variables, "shop.app", name)


def builder(root: Path, frames: tuple[StackFrame, ...], kind: str = "KeyError", value: str = "'li'") -> Builder:
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": value}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(root), Choices())


def written(made: Builder) -> str:
    return "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items)


REGION = """
import os

def region():
    return os.environ.get("REGION", "de")

def price(net):
    level = os.getenv("LEVEL")
    return RATES[region()] * net
"""


def test_the_variables_that_the_path_and_what_it_calls_read(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "app.py").write_text(REGION)
    made = builder(tmp_path, (frame(REGION, 9, {"net": "3", "level": "'high'"}),))
    assert surroundings.variables_read(made) == {"LEVEL": "high", "REGION": None}
    surroundings.prepare(made)
    assert written(made) == "monkeypatch.setenv('LEVEL', 'high')"
    assert made.choices.seen["environment REGION"][1] == 0.5  # then: what the message quotes


def test_a_variable_that_was_missing_is_taken_away(tmp_path: Path) -> None:
    text = 'import os\n\ndef start():\n    return os.environ["TOKEN_URL"]\n'
    made = builder(tmp_path, (frame(text, 4, {}),), value="'TOKEN_URL'")
    surroundings.prepare(made)
    assert written(made) == "monkeypatch.delenv('TOKEN_URL', raising=False)"


FETCH = """
async def fetch(session, name):
    async with session.get(f"/{name}") as response:
        if response.status == 503:
            return None
        found = await response.json()
        return found["results"][0]
"""


def test_a_response_answers_what_the_variables_still_hold(tmp_path: Path) -> None:
    held: dict[str, Json] = {
        "session": "<aiohttp.client.ClientSession object at 0x7f>",
        "name": "'x'",
        "response": "<ClientResponse(http://geo/x) [200 OK]>\n<CIMultiDictProxy()>\n",
        "found": {"results": []},
    }
    at = frame(FETCH, 7, held)
    assert [item.name for item in recorded.recordings(at)] == ["response", "found"]
    made = builder(tmp_path, (at,), "IndexError", "list index out of range")
    recorded.lay(made, [at])
    assert written(made).splitlines() == [
        "session = MagicMock()",
        "response = MagicMock()",
        "response.status = 200",
        "found = {'results': []}",
        "response.json = AsyncMock(return_value=found)",
        "session.get.return_value.__aenter__.return_value = response",
    ]


POLL = """
def run(bus):
    while True:
        message = bus.poll(1)
        if message is None:
            break
        handle(message)
"""


def test_what_is_polled_has_nothing_more_the_second_time(tmp_path: Path) -> None:
    at = frame(POLL, 7, {"bus": "<shop.Bus object at 0x7f>", "message": "'hello'"})
    (item,) = recorded.recordings(at)
    given, how = answers.once(item, ast.Constant("hello"))
    assert (ast.unparse(given), how) == ("['hello', None]", "side_effect")
    made = builder(tmp_path, (at,))
    recorded.lay(made, [at])
    assert "bus.poll.side_effect = ['hello', None]" in written(made)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("async def play(ws):\n    text = await ws.receive_text()\n    use(text)", [("text", "send_text")]),
        ("async def play(ws):\n    async for row in ws.iter_json():\n        use(row)", [("row", "send_json")]),
        (
            "async def play(ws):\n    while data := await ws.receive_bytes():\n        use(data)",
            [("data", "send_bytes")],
        ),
        ("async def play(ws):\n    use(await ws.receive_text())", []),
    ],
)
def test_what_a_websocket_received(text: str, names: list[tuple[str, str]]) -> None:
    node = ast.parse(text).body[0]
    assert isinstance(node, ast.AsyncFunctionDef)
    assert list(websocket._received(node)) == names


def test_a_click_command_by_the_name_it_has_on_the_command_line() -> None:
    node = ast.parse('@main.command("ls")\n@click.pass_obj\ndef list_targets(targets): ...').body[0]
    other = ast.parse("@main.command()\ndef show_all(): ...").body[0]
    assert isinstance(node, ast.FunctionDef)
    assert isinstance(other, ast.FunctionDef)
    assert command._names_of(node, node.decorator_list[0]) == ["ls"]
    assert "show-all" in command._names_of(other, other.decorator_list[0])
