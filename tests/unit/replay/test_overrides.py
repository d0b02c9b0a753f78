"""What FastAPI hands in is overridden with something that answers as it did."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import overrides
from triage.sources import parse_event

APP = """
from fastapi import Depends, FastAPI
from shop.store import get_store

app = FastAPI()
Store = Annotated[Redis, Depends(get_store)]


@app.get("/carts/{{number}}")
async def cart(number: str, {parameter}):
    found = await store.hgetall(number)
    return found["items"]
"""


class Installed:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "function"} for path in paths}} if isinstance(paths, list) else {}


def laid(root: Path, parameter: str, held: Mapping[str, Json]) -> list[str]:
    text = APP.format(parameter=parameter)
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").write_text("")
    (root / "shop" / "app.py").write_text(text)
    source = SourceFile("shop/app.py", dict(enumerate(text.split("\n"), 1)), True)
    frame = StackFrame(0, Kind.REPO, "cart", source.path, 12, source, view_of(source, 12, ""), held, "shop.app", "cart")
    raw = {"event_id": "a", "exception": {"values": [{"type": "KeyError", "value": "'items'"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("shop",), root, (".",))
    made = Builder(scene, Names(Installed(), ("shop",), ()), Mined(root), Choices())
    overrides.lay(made)
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items]


@pytest.mark.parametrize(
    "parameter", ["store: Redis = Depends(get_store)", "store: Store", "*, store=Depends(get_store)"]
)
def test_a_client_that_was_handed_in(tmp_path: Path, parameter: str) -> None:
    held: dict[str, Json] = {"number": "'c-1'", "store": "<redis.asyncio.client.Redis object at 0x7f1>", "found": {}}
    assert laid(tmp_path, parameter, held) == [
        "store = MagicMock()",
        "store.hgetall = AsyncMock(return_value={})",
        "monkeypatch.setitem(app.dependency_overrides, get_store, lambda: store)",
    ]


def test_nothing_where_nothing_was_handed_in(tmp_path: Path) -> None:
    assert laid(tmp_path, "store=None", {"store": "<redis.asyncio.client.Redis object at 0x7f1>", "found": {}}) == []
