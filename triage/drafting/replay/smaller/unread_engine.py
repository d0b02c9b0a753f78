"""Takes away a test's own database that nothing opens."""

import ast

from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.tree import with_body
from triage.drafting.replay.smaller.shrinking import still_reproduces

MADE = ("create_engine", "create_async_engine")


def without_unread_engines(search: Search, best: Tried) -> Tried:
    """`best` without the engines that it does not need: it fails, and the fix mends it, with one that is no engine."""
    for node in [item for item in best.candidate.body if _engine(item)]:
        name = _engine(node)
        body = list(best.candidate.body)
        nothing = ast.Assign([ast.Name(name, ast.Store())], ast.Call(ast.Name("object"), [], []), lineno=0)
        kept = still_reproduces(
            search, best, with_body(best.candidate, [nothing if item is node else item for item in body])
        )
        if kept is None or kept.fixed != best.fixed:
            continue
        rest = [item for item in body if item is not node and not _names(item, name)]
        best = (still_reproduces(search, best, with_body(best.candidate, rest)) if rest else None) or best
    return best


def _engine(node: ast.stmt) -> str:
    """The name that the statement gives to a new engine, "" for any other statement."""
    if not (
        isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name)
    ):
        return ""
    return node.targets[0].id if ast.unparse(node.value.func).rpartition(".")[2] in MADE else ""


def _names(node: ast.stmt, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
