"""The level that production logs at: lines that only run when somebody asked for details."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

READERS = ("isEnabledFor", "getEffectiveLevel")
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
# Where the crashed lines stand behind such a question production answers it; elsewhere it may matter.
GUARDED, READ = -0.1, 0.8


def prepare(builder: "Builder") -> None:
    """Ask the search for the level where a function of the stack asks its logger: pytest's is WARNING."""
    asked = builder.mined.remembered("log level", lambda: asked_on_path(builder))
    if asked is None:
        return
    level, guarded = asked
    if not builder.choices.pick("log level", [(0.0, False), (GUARDED if guarded else READ, True)]):
        return
    call = ast.Attribute(builder.fixture("caplog"), "set_level")
    builder.add(ast.Expr(ast.Call(call, [ast.Attribute(builder.import_module("logging"), level)], [])))
    builder.notes.append("production logs as much as the crashed lines ask for")


def asked_on_path(builder: "Builder") -> tuple[str, bool] | None:
    """The level that the stack's functions ask their loggers for, and whether a crashed line stands behind that."""
    found: tuple[str, bool] | None = None
    for frame in builder.scene.repo_frames:
        if (level := _behind(frame)) is not None:
            return level, True
        if found is None and frame.view.node is not None and (level := _level(frame.view.node)) is not None:
            found = level, False
    return found


def _behind(frame: StackFrame) -> str | None:
    """The level asked for by an `if` around the frame's line."""
    for part in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if isinstance(part, ast.If) and any(_covers(item, frame.line) for item in part.body):
            level = _level(part.test)
            if level is not None:
                return level
    return None


def _covers(node: ast.stmt, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or node.lineno)


def _level(node: ast.AST) -> str | None:
    """The level that is named where a logger is asked for its own, DEBUG where none is; None when none is asked."""
    parts = list(ast.walk(node))
    if not any(_asks(part) for part in parts):
        return None
    return next(_named(parts), "DEBUG")


def _asks(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS


def _named(parts: list[ast.AST]) -> Iterator[str]:
    for part in parts:
        name = part.attr if isinstance(part, ast.Attribute) else part.id if isinstance(part, ast.Name) else ""
        if name in LEVELS:
            yield name
