"""Rows of SQLAlchemy classes put into the database that the repo's own session talks to."""

import ast
from typing import TYPE_CHECKING

from triage.drafting.replay import rows
from triage.drafting.replay.candidate import Dead

if TYPE_CHECKING:
    from triage.drafting.replay.builder import Builder

EXTENSION = "flask_sqlalchemy.extension:SQLAlchemy"
SCOPED = "sqlalchemy.orm.scoping:scoped_session"


def session_of(builder: "Builder") -> tuple[ast.expr, ast.expr | None] | None:
    """The repo's session, and the extension's object where it is Flask-SQLAlchemy's."""
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
    builder.add(ast.Expr(ast.Call(ast.Attribute(session, "add_all"), [ast.List(made)], [])))
    builder.add(ast.Expr(ast.Call(ast.Attribute(session, "commit"), [], [])))
