"""Rows of SQLAlchemy classes put into the database that the repo's own session talks to."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay import fixtures, rows
from triage.drafting.replay.candidate import Dead

if TYPE_CHECKING:
    from triage.drafting.replay.builder import Builder

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
