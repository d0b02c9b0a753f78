"""A database of the test's own in place of the one that the repo's module-level engine talks to."""

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import rows
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.world import surroundings

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

KNOWN = ("own database",)
_NAMES_A_FILE = re.compile(r"(^|_)(DB|DATABASE|SQLITE)(_(FILE|PATH|NAME))?$")
_DATABASE = re.compile(r"sqlalchemy|sqlmodel|peewee|sqlite|psycopg|pymysql|asyncpg", re.IGNORECASE)


def prepare(builder: "Builder") -> None:
    """Put the question to the search where the repo has such an engine and no fixture that gives a session."""
    light = builder.names.is_top("peewee")
    if not (light or builder.names.is_top("sqlalchemy")) or fixtures.sessions(builder):
        return
    found = builder.names.databases()
    light = light and any(what == "peewee" for what, _ in found.get("held") or ()) and bool(found.get("tables"))
    if not light and (not found.get("held") or not found.get("base")):
        return
    asked = builder.mined.remembered("asks the database", partial(_is_asked, builder))
    if not builder.choices.pick("the database", [(0.0 if asked else 1.5, True), (0.5 if asked else 0.0, False)]):
        return
    if light:
        _lay_peewee(builder, [str(places[0]) for what, places in found["held"] if what == "peewee"], found["tables"])
    else:
        _lay(builder, found["held"], str(found["base"]))


def _is_asked(builder: "Builder") -> bool:
    """Whether the stack shows a row, a session or a library of a database, or names a mapped class."""
    if rows.on_stack(builder) or rows.looked_up(builder):
        return True
    if any(_DATABASE.search(frame.path) for frame in builder.scene.frames if frame not in builder.scene.repo_frames):
        return True
    crash = builder.scene.event.crash
    held = [wire for frame in builder.scene.repo_frames for wire in frame.variables.values() if isinstance(wire, str)]
    shown = re.compile(r"<sqlalchemy\.(orm|ext\.asyncio)\.")
    return any(shown.match(wire) for wire in held) or bool(crash and _DATABASE.search(crash.qualified))


def _lay(builder: "Builder", held: list[list[object]], base: str) -> None:
    place = ast.JoinedStr(
        [ast.Constant("sqlite:///"), ast.FormattedValue(builder.fixture("tmp_path"), -1), ast.Constant("/test.db")]
    )
    engine = builder.assign("engine", ast.Call(builder.name("sqlalchemy:create_engine"), [place], []), keep=True)
    metadata = ast.Attribute(builder.name(builder.names.public(base)), "metadata")
    builder.add(ast.Expr(ast.Call(ast.Attribute(metadata, "create_all"), [engine], [])))
    waits: ast.expr | None = None
    if any(str(what).startswith("async") for what, _ in held):
        url = ast.JoinedStr([ast.Constant("sqlite+aiosqlite:///"), *place.values[1:]])
        pool = ast.keyword("poolclass", builder.name("sqlalchemy.pool:NullPool"))
        made = ast.Call(builder.name("sqlalchemy.ext.asyncio:create_async_engine"), [url], [pool])
        waits = builder.assign("async_engine", made, keep=True)
    monkeypatch = builder.fixture("monkeypatch")
    for what, places in held:
        other = waits if waits is not None and str(what).startswith("async") else engine
        for path in places if str(what).endswith("engine") and isinstance(places, list) else ():
            module, _, name = str(path).partition(":")
            words = [builder.import_module(module), ast.Constant(name), other]
            builder.add(ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setattr"), words, [])))
        if not str(what).endswith("engine") and isinstance(places, list):
            maker: ast.expr = builder.name(builder.names.public(str(places[0])))
            maker = ast.Attribute(maker, "session_factory") if what == "scoped" else maker
            words = [ast.Attribute(maker, "kw"), ast.Constant("bind"), other]
            builder.add(ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setitem"), words, [])))
    builder.bound[KNOWN] = engine
    _fill(builder, engine)


def _lay_peewee(builder: "Builder", databases: list[str], tables: list[str]) -> None:
    """peewee's database is told another file; so is who reads the name of its file from the environment."""
    folder = builder.fixture("tmp_path")
    place = ast.Call(ast.Name("str"), [ast.BinOp(folder, ast.Div(), ast.Constant("test.db"))], [])
    for name in list(builder.mined.remembered("environment", lambda: surroundings.variables_read(builder)))[:4]:
        if _NAMES_A_FILE.search(name):
            setting = ast.Attribute(builder.fixture("monkeypatch"), "setenv")
            builder.add(ast.Expr(ast.Call(setting, [ast.Constant(name), place], [])))
    database = builder.name(builder.names.public(databases[0]))
    builder.add(ast.Expr(ast.Call(ast.Attribute(database, "init"), [place], [])))
    models: list[ast.expr] = [builder.name(builder.names.public(path)) for path in tables]
    builder.add(ast.Expr(ast.Call(ast.Attribute(database, "create_tables"), [ast.List(models)], [])))
    builder.bound[KNOWN] = database
    if not rows.all_made(builder):
        rows.make_looked_up(builder)


def _fill(builder: "Builder", engine: ast.expr) -> None:
    """The rows that the stack shows, or that its look-ups need."""
    made = rows.all_made(builder) or rows.make_looked_up(builder)
    if not made:
        return
    still = ast.keyword("expire_on_commit", ast.Constant(False))
    session = builder.fresh("session")
    opened = ast.Call(builder.name("sqlalchemy.orm:Session"), [engine], [still])
    add = ("add", made[0]) if len(made) == 1 else ("add_all", ast.List(made))
    body: list[ast.stmt] = [
        ast.Expr(ast.Call(ast.Attribute(ast.Name(session), add[0]), [add[1]], [])),
        ast.Expr(ast.Call(ast.Attribute(ast.Name(session), "commit"), [], [])),
    ]
    builder.add(ast.With([ast.withitem(opened, ast.Name(session, ast.Store()))], body, lineno=0))


def session_on(builder: "Builder", name: str) -> ast.expr:
    """A session on the test's own database, whose rows are there already."""
    engine = builder.bound[KNOWN]
    return builder.assign(name, ast.Call(builder.name("sqlalchemy.orm:Session"), [engine], []), keep=True)
