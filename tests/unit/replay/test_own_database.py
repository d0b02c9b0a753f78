"""A database of the test's own where the repo's engine is a module's global and no fixture gives a session."""

import ast
import json
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import alchemy
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching.server import INSIDE
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import own_database
from triage.sources import parse_event

REPORT = """
def report():
    with Session() as session:
        for tool in session.scalars(select(Tool)):
            print(tool.rate + 1)
"""
TOOL = {
    "kind": "class", "module": "shop.app", "qualname": "Tool", "mapper": "sqlalchemy",
    "columns": [{"name": "id", "kind": "Integer", "primary": True}, {"name": "label", "kind": "String"}],
}  # fmt: skip


class Target:
    """An interpreter where Tool is a mapped class, and the engine and what makes sessions are globals."""

    def __init__(self, held: list[list[object]]) -> None:
        self.held = held

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        if op == "databases":
            return {"held": self.held, "base": "shop.db:Base"}
        if op == "tops":
            return {"names": ["sqlalchemy"]}
        paths = fields.get("paths")
        return {"found": {path: TOOL for path in paths if "Tool" in path}} if isinstance(paths, list) else {}


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> str:
    """A package whose base comes from `declarative_base()`, imported by a second module."""
    from sqlalchemy import Column, Integer, create_engine
    from sqlalchemy.orm import declarative_base, sessionmaker

    db, cli = ModuleType("shopdb.deep.db"), ModuleType("shopdb.cli")
    db.engine = create_engine("sqlite://")  # type: ignore[attr-defined]
    db.Session = sessionmaker(bind=db.engine)  # type: ignore[attr-defined]
    db.Base = declarative_base()  # type: ignore[attr-defined]
    cli.engine = db.engine  # type: ignore[attr-defined]
    columns = {"__tablename__": "tool", "id": Column(Integer, primary_key=True), "__module__": "shopdb.cli"}
    cli.Tool = type("Tool", (db.Base,), columns)  # type: ignore[attr-defined]
    for module in (db, cli):
        monkeypatch.setitem(sys.modules, module.__name__, module)
    return "shopdb"


def test_the_target_tells_its_engines_and_where_the_base_lies(packages: str) -> None:
    sys.path.insert(0, str(INSIDE))
    try:
        found = import_module("replay_models").operation_databases({"packages": [packages]}, "")
    finally:
        sys.path.remove(str(INSIDE))
    assert found["base"] == "shopdb.deep.db:Base"
    assert sorted(map(tuple, ((what, tuple(places)) for what, places in found["held"]))) == [
        ("engine", ("shopdb.deep.db:engine", "shopdb.cli:engine")),
        ("maker", ("shopdb.deep.db:Session",)),
    ]


class Light(Target):
    """The same with peewee."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        if op == "databases":
            return {"held": [["peewee", ["shop.db:database"]]], "base": "", "tables": ["shop.app:Tool"]}
        if op == "tops":
            return {"names": ["peewee"]}
        answer = super().ask(op, timeout, **fields)
        return {"found": {path: {**TOOL, "mapper": "peewee"} for path in answer.get("found", {})}}


def test_the_file_of_a_peewee_database_is_another(tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    made = laid(tmp_path, [], Light([]), REPORT.replace("with Session", "os.environ['TOOLS_DB']\n    with Session"))
    assert written(made) == [
        "monkeypatch.setenv('TOOLS_DB', str(tmp_path / 'test.db'))",
        "database.init(str(tmp_path / 'test.db'))",
        "database.create_tables([Tool])",
        "tool = Tool.create(label='x')",
    ]


def laid(root: Path, held: list[list[object]], target: Target | None = None, text: str = REPORT) -> Builder:
    source = SourceFile("shop/app.py", dict(enumerate(text.split("\n"), 1)), True)
    view = view_of(source, 5, "")
    frame = StackFrame(0, Kind.REPO, "report", source.path, 5, source, view, {}, "shop.app", "report")
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": "unsupported"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("shop",), root, (".",))
    made = Builder(scene, Names(target or Target(held), ("shop",), ()), Mined(root), Choices())
    own_database.prepare(made)
    return made


def written(made: Builder) -> list[str]:
    text = "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items)
    return text.splitlines()


def test_the_engine_of_every_module_and_the_maker_are_replaced(tmp_path: Path) -> None:
    made = laid(tmp_path, [["engine", ["shop.db:engine", "shop.app:engine"]], ["maker", ["shop.db:Session"]]])
    assert written(made)[:5] == [
        "engine = create_engine(f'sqlite:///{tmp_path}/test.db')",
        "Base.metadata.create_all(engine)",
        "monkeypatch.setattr(shop.db, 'engine', engine)",
        "monkeypatch.setattr(shop.app, 'engine', engine)",
        "monkeypatch.setitem(Session.kw, 'bind', engine)",
    ]
    assert "tool = Tool(label='x')" in written(made)
    alchemy.fill(made)  # the rows are there: a request puts no others
    assert sum("Tool(" in line for line in written(made)) == 1


def test_an_asynchronous_engine_has_the_same_file(tmp_path: Path) -> None:
    lines = written(laid(tmp_path, [["async engine", ["shop.db:engine"]], ["async maker", ["shop.db:Session"]]]))
    assert "async_engine = create_async_engine(f'sqlite+aiosqlite:///{tmp_path}/test.db', poolclass=NullPool)" in lines
    assert "monkeypatch.setattr(shop.db, 'engine', async_engine)" in lines
    assert "monkeypatch.setitem(Session.kw, 'bind', async_engine)" in lines


@pytest.mark.parametrize("held", [[]])
def test_nothing_without_an_engine(tmp_path: Path, held: list[list[object]]) -> None:
    assert written(laid(tmp_path, held)) == []
