"""Rows of SQLAlchemy classes put into the database that the repo's own session talks to."""

import ast
import re
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import rows
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.world import own_database

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

EXTENSION = "flask_sqlalchemy.extension:SQLAlchemy"
SCOPED = "sqlalchemy.orm.scoping:scoped_session"


def session_of(builder: "Builder") -> tuple[ast.expr, ast.expr | None] | None:
    """The repo's session, by its fixture where it has one; the extension's object where it is Flask-SQLAlchemy's."""
    for fixture in fixtures.sessions(builder)[:1]:
        return fixtures.use(builder, fixture), None
    if builder.names.is_top("flask_sqlalchemy"):
        for place in builder.names.instances(EXTENSION)[:1]:
            extension = builder.name(place)
            return ast.Attribute(extension, "session"), extension
    if builder.names.is_top("sqlalchemy"):
        for place in builder.names.instances(SCOPED)[:1]:
            return builder.name(place), None
    return None


def fill(builder: "Builder", app: ast.expr | None = None) -> None:
    """Rows for the mapped objects of the stack, or of its look-ups, committed; nothing where there are none."""
    if own_database.KNOWN in builder.bound:
        return
    wanted = bool(rows.on_stack(builder)) or bool(rows.looked_up(builder))
    if not wanted or (found := session_of(builder)) is None:
        return
    session, extension = found
    if app is not None and extension is not None:
        context = ast.withitem(ast.Call(ast.Attribute(app, "app_context"), [], []), None)
        builder.enter(ast.With([context], [], lineno=0))
        builder.add(ast.Expr(ast.Call(ast.Attribute(extension, "create_all"), [], [])))
    made = rows.all_made(builder) or rows.make_looked_up(builder)
    if not made:
        raise Dead("no row of the stack could be made")
    add = ("add", made[0]) if len(made) == 1 else ("add_all", ast.List(made))
    builder.add(ast.Expr(ast.Call(ast.Attribute(session, add[0]), [add[1]], [])))
    commit: ast.expr = ast.Call(ast.Attribute(session, "commit"), [], [])
    held = fixtures.sessions(builder)[:1]
    waits = (bool(held) and bool(re.search(r"Async|async", held[0].made))) or _is_async(builder, session)
    builder.add(ast.Expr(ast.Await(commit) if waits else commit))


def _is_async(builder: "Builder", session: ast.expr) -> bool:
    """Whether the fixture behind the session waits for it itself."""
    fixture = builder.scene.fixtures.get(session.id) if isinstance(session, ast.Name) else None
    return fixture is not None and bool(re.search(r"await \w+\.(commit|execute|flush)|async with", fixture.text))


def sessions_for(builder: "Builder", frame: StackFrame, name: str) -> "list[Callable[[], ast.expr]]":
    """Sessions for a parameter that held one: the repo's fixture, else one on a database in memory; with the rows
    that the stack's functions look at."""
    wire = frame.variables.get(name)
    if not isinstance(wire, str) or not builder.names.is_top("sqlalchemy"):
        return []
    # The SDK filters a variable of this name as it does a cookie.
    hidden = wire == "[Filtered]" and "session" in name and bool(rows.on_stack(builder) or rows.looked_up(builder))
    if not hidden and not re.match(r"<sqlalchemy\.orm\.(session|scoping)\.", wire):
        return []
    if own_database.KNOWN in builder.bound and "asyncio" not in wire:
        return [partial(own_database.session_on, builder, name)]
    ways: list[Callable[[], ast.expr]] = []
    for fixture in [item for item in fixtures.sessions(builder) if not item.waits][:1]:
        ways.append(partial(_filled, builder, partial(fixtures.use, builder, fixture)))
    return [*ways, partial(_filled, builder, partial(_in_memory, builder, name))]


def _filled(builder: "Builder", make: "Callable[[], ast.expr]") -> ast.expr:
    session = make()
    made = rows.all_made(builder) or rows.make_looked_up(builder)
    if made:
        add = ("add", made[0]) if len(made) == 1 else ("add_all", ast.List(made))
        builder.add(ast.Expr(ast.Call(ast.Attribute(session, add[0]), [add[1]], [])))
        builder.add(ast.Expr(ast.Call(ast.Attribute(session, "commit"), [], [])))
    return session


def _in_memory(builder: "Builder", name: str) -> ast.expr:
    """A session on an empty SQLite database with the tables of the classes that the stack names."""
    mapped = [path for _, _, path in (*rows.on_stack(builder), *rows.looked_up(builder))]
    mapped = [path for path in mapped if builder.names.describe(path).get("mapper") == "sqlalchemy"]
    if not mapped:
        raise Dead("no mapped class tells which tables there are")
    engine = builder.assign(
        "engine", ast.Call(builder.name("sqlalchemy:create_engine"), [ast.Constant("sqlite://")], []), keep=True
    )
    metadata = ast.Attribute(builder.name(builder.names.public(mapped[0])), "metadata")
    builder.add(ast.Expr(ast.Call(ast.Attribute(metadata, "create_all"), [engine], [])))
    return builder.assign(name, ast.Call(builder.name("sqlalchemy.orm:Session"), [engine], []), keep=True)
