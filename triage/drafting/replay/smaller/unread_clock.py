"""Takes away a frozen clock that nothing reads, and of one that is read what nobody asks it."""

import ast
import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeGuard

from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.tree import with_body
from triage.drafting.replay.smaller.shrinking import still_reproduces

FROZEN = "FrozenDate"
# A leap day, the end of a month and a year, and any other day: what fails alike at all of them asks for no time.
OTHER_TIMES = ((2020, 2, 29, 0, 0, 0), (2023, 12, 31, 23, 59, 59), (2037, 7, 8, 13, 14, 15))


def without_unread_clocks(search: Search, best: Tried) -> Tried:
    """`best` without the clocks that it does not need: it fails, and the fix mends it, with one that cannot be read."""
    for node in [
        item for item in best.candidate.body if isinstance(item, ast.ClassDef) and item.name.startswith(FROZEN)
    ]:
        body = list(best.candidate.body)
        unread = with_body(best.candidate, [_unreadable(node) if item is node else item for item in body])
        kept = still_reproduces(search, best, unread)
        kept = kept if kept is not None and kept.fixed == best.fixed else _at_other_times(search, best, node)
        if kept is None:
            best = _with_less(search, best, node.name)
            continue
        smaller = with_body(best.candidate, [item for item in body if item is not node and not _names(item, node.name)])
        notes = tuple(note for note in smaller.notes if not note.startswith("the clock"))
        best = still_reproduces(search, best, replace(smaller, notes=notes)) or best
    return best


def _at_other_times(search: Search, best: Tried, node: ast.ClassDef) -> Tried | None:
    """The same at other times of another day, season and year; None where the time makes a difference."""
    kept: Tried | None = None
    for moment in OTHER_TIMES:
        shifted = _Shifted(moment).visit(copy.deepcopy(node))
        body = [shifted if item is node else item for item in best.candidate.body]
        kept = still_reproduces(search, best, with_body(best.candidate, body))
        if kept is None or kept.fixed != best.fixed:
            return None
    return kept


class _Shifted(ast.NodeTransformer):
    """A clock that stands at another moment."""

    def __init__(self, moment: tuple[int, ...]) -> None:
        self.moment = moment

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id == "cls":
            count = len(node.args)
            node.args = [ast.Constant(part) for part in self.moment[:count]]
        return node


def _with_less(search: Search, best: Tried, name: str) -> Tried:
    """The clock called `name` without the methods, and the cases of a method, that nobody asks for."""
    read: set[str] = set()
    while True:
        at, node = next((at, item) for at, item in enumerate(best.candidate.body) if _is_class(item, name))
        for unread, less in _lesser(node):
            if (shape := ast.unparse(less)) in read:
                continue
            body = list(best.candidate.body)
            kept = still_reproduces(search, best, with_body(best.candidate, [*body[:at], unread, *body[at + 1 :]]))
            smaller = with_body(best.candidate, [*body[:at], less, *body[at + 1 :]])
            found = still_reproduces(search, best, smaller) if kept is not None and kept.fixed == best.fixed else None
            if found is not None:
                best = found
                break
            read.add(shape)
        else:
            return best


def _is_class(node: ast.stmt, name: str) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef) and node.name == name


def _lesser(node: ast.ClassDef) -> Iterator[tuple[ast.ClassDef, ast.ClassDef]]:
    """Clocks with a part that must not be read, each with the clock that lacks the part."""
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    for method in methods if len(methods) > 1 else ():
        rest = [item for item in node.body if item is not method]
        yield _with(node, method, [_refusal()]), ast.ClassDef(node.name, node.bases, [], rest, [])
    for method in methods:
        last = method.body[-1]
        if isinstance(last, ast.Return) and isinstance(last.value, ast.IfExp):
            for asked, other in ((last.value.test, last.value.orelse), (_negated(last.value.test), last.value.body)):
                refused = ast.If(asked, [_refusal()], [])
                yield _with(node, method, [refused, last]), _with(node, method, [ast.Return(other)])


def _with(node: ast.ClassDef, method: ast.FunctionDef, body: list[ast.stmt]) -> ast.ClassDef:
    """The class with another body for one of its methods."""
    changed = copy.copy(method)
    changed.body = body
    return ast.ClassDef(node.name, node.bases, [], [changed if item is method else item for item in node.body], [])


def _negated(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _refusal() -> ast.Raise:
    return ast.Raise(ast.Call(ast.Name("NotImplementedError"), [], []))


def _unreadable(node: ast.ClassDef) -> ast.ClassDef:
    """The clock with methods that all raise."""
    broken = copy.deepcopy(node)
    for method in broken.body:
        if isinstance(method, ast.FunctionDef):
            method.body = [_refusal()]
    return broken


def _names(node: ast.stmt, name: str) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
