"""Takes away a frozen clock that nothing reads."""

import ast
import copy
from dataclasses import replace

from triage.drafting.replay.search import Search, Tried
from triage.drafting.replay.shrinking import still_reproduces
from triage.drafting.replay.tree import with_body

FROZEN = "FrozenDate"


def without_unread_clocks(search: Search, best: Tried) -> Tried:
    """`best` without the clocks that it does not need: it fails, and the fix mends it, with one that cannot be read."""
    for node in [
        item for item in best.candidate.body if isinstance(item, ast.ClassDef) and item.name.startswith(FROZEN)
    ]:
        body = list(best.candidate.body)
        unread = with_body(best.candidate, [_unreadable(node) if item is node else item for item in body])
        kept = still_reproduces(search, best, unread)
        if kept is None or kept.fixed != best.fixed:
            continue
        smaller = with_body(best.candidate, [item for item in body if item is not node and not _names(item, node.name)])
        notes = tuple(note for note in smaller.notes if not note.startswith("the clock"))
        best = still_reproduces(search, best, replace(smaller, notes=notes)) or best
    return best


def _unreadable(node: ast.ClassDef) -> ast.ClassDef:
    """The clock with methods that all raise."""
    broken = copy.deepcopy(node)
    for method in broken.body:
        if isinstance(method, ast.FunctionDef):
            method.body = [ast.Raise(ast.Call(ast.Name("NotImplementedError"), [], []))]
    return broken


def _names(node: ast.stmt, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
