"""What a candidate finds around it: environment variables, responses that answer again, messages of a websocket."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import answers, stand_ins
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import command, recorded, websocket
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.recordings import recordings
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import flask_world, held_state, surroundings
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
    assert [item.name for item in recordings(at)] == ["response", "found"]
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
    (item,) = recordings(at)
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


DUTY = """
rotas = {}

def duty(team, at):
    rota = rotas.setdefault(team, Rota())
    return Box(load(team)).add(at)

class Box:
    def __init__(self, things):
        self.things = things

    def add(self, at):
        for other in self.things:
            if other.at < at:
                return other
"""


def test_what_globals_kept_and_inner_calls_gave() -> None:
    at = frame(DUTY, 6, {"team": "'ops'", "rota": "<shop.app.Rota object at 0x7f>"})
    ((root, key, name),) = held_state.kept(at)
    assert (root, ast.unparse(key), name) == ("rotas", "team", "rota")
    inner = frame(DUTY, 10, {"self": "<shop.app.Box object at 0x7a>", "things": ["'x'"]}, 1)
    assert [(item[0], item[2]) for item in held_state.passed(at, inner)] == [("load", "things")]


def test_what_an_object_had_collected_is_what_its_loop_was_at(tmp_path: Path) -> None:
    wire = "<shop.app.Box object at 0x7a>"
    inner = frame(DUTY, 14, {"self": wire, "at": "3", "other": "'late'"})
    made = builder(tmp_path, (inner,))
    held_state.collect(made, ast.Name("box"), wire)
    held_state.collect(made, ast.Name("other_box"), "<shop.app.Box object at 0x7b>")
    assert written(made) == "box.things = ['late']"


def test_what_a_flask_view_found_in_the_session(tmp_path: Path) -> None:
    text = "from flask import session\n\ndef show():\n    items = session.get('cart', {})\n    return total(items)"
    made = builder(tmp_path, (frame(text, 5, {"items": {"ink": "2"}}),))
    flask_world.fill_session(made, ast.Name("client"))
    assert written(made).splitlines()[-2:] == [
        "with client.session_transaction() as session:",
        "    session['cart'] = items",
    ]


def test_rows_that_nobody_printed_have_the_columns_that_are_read(tmp_path: Path) -> None:
    text = "def group(notes):\n    for note in notes:\n        use(note['body'], note['tags'].split(','))\n"
    rows: list[Json] = ["<sqlite3.Row object at 0x7f>"]
    at = frame(text, 3, {"notes": rows, "note": "<sqlite3.Row object at 0x7f>"})
    made = builder(tmp_path, (at,), "AttributeError", "'NoneType' object has no attribute 'split'")
    assert ast.unparse(stand_ins.row_like(made)) == "{'body': 'x', 'tags': None}"


def test_a_query_that_is_only_passed_on_is_left_to_its_library(tmp_path: Path) -> None:
    text = "def find(db):\n    query = table.select(1)\n    row = db.one(query)\n    use(row['name'])\n"
    held: dict[str, Json] = {
        "query": "<sqlalchemy.sql.selectable.Select object at 0x7f>",
        "row": "<sqlite3.Row object at 0x7f>",
    }
    at = frame(text, 4, held)
    made = builder(tmp_path, (at,))
    assert [recorded._says_nothing(made, item) for item in recordings(at)] == [True, False]
