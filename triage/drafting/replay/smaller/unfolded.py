"""Puts what a function of the test does in the place where the test calls it, once: a test is no place for helpers."""

import ast
import copy
from collections.abc import Iterator, Sequence
from typing import TypeGuard

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.tree import with_body

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


def unfolded(candidate: Candidate) -> Iterator[Candidate]:
    """Candidates with one function less: its parameters are variables, its statements stand before the one that
    called it, and what it returned stands where the call stood."""
    for at, node in enumerate(candidate.body):
        if _is_straight(node):
            done = _without(candidate, at, node)
            if done is not None:
                yield done


def _is_straight(node: ast.stmt) -> TypeGuard[Function]:
    """Whether a function runs from its first statement to its last, and means the same anywhere."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) or node.decorator_list:
        return False
    given = node.args
    if given.vararg or given.kwarg or given.posonlyargs or given.kwonlyargs:
        return False
    inner = [part for item in node.body for part in ast.walk(item)]
    returns = [part for part in inner if isinstance(part, ast.Return)]
    if any(isinstance(part, ast.Yield | ast.YieldFrom | ast.Global | ast.Nonlocal) for part in inner):
        return False
    last = node.body[-1]
    if any(part is not last for part in returns):
        return False
    nested = any(isinstance(part, _SCOPES) for part in inner)
    return (
        not nested
        and isinstance(last, ast.Return | ast.Expr)
        and (not isinstance(last, ast.Return) or bool(last.value))
    )


def _without(candidate: Candidate, at: int, node: Function) -> Candidate | None:
    others = [item for index, item in enumerate(candidate.body) if index != at]
    uses = [part for item in others for part in ast.walk(item) if isinstance(part, ast.Name) and part.id == node.name]
    where = next((index for index, item in enumerate(others) if _calls(item, node.name)), None)
    if len(uses) != 1 or where is None:
        return None
    statement = copy.deepcopy(others[where])
    block = [statement]
    while isinstance(block[-1], ast.With | ast.AsyncWith) and not any(
        _calls(item.context_expr, node.name) for item in block[-1].items
    ):
        block = block[-1].body
    holder = block[-1]
    if not isinstance(holder, ast.Expr | ast.Assign):
        return None
    call = next(part for part in ast.walk(holder) if _is_call(part, node.name))
    assert isinstance(call, ast.Call)
    bound = _bound(node, call, others, candidate)
    if bound is None or not _is_first(holder, call):
        return None
    inside = [copy.deepcopy(item) for item in node.body]
    last = inside.pop()
    if isinstance(last, ast.Return):
        assert last.value is not None
        awaited = isinstance(node, ast.AsyncFunctionDef)
        put = _Put(call, last.value, awaited)
        placed: ast.stmt = put.visit(holder)
    elif isinstance(holder, ast.Expr) and _plain(holder.value) is call:
        placed = last
    else:
        return None
    block[-1:] = [*bound, *inside, placed]
    body = [*others[:where], *(block if statement is holder else [statement]), *others[where + 1 :]]
    return with_body(candidate, body)


def _plain(node: ast.expr) -> ast.expr:
    return node.value if isinstance(node, ast.Await) else node


def _calls(item: ast.AST, name: str) -> bool:
    return any(_is_call(part, name) for part in ast.walk(item))


def _is_call(part: ast.AST, name: str) -> bool:
    return isinstance(part, ast.Call) and isinstance(part.func, ast.Name) and part.func.id == name


def _is_first(holder: ast.stmt, call: ast.Call) -> bool:
    """Whether nothing else of the statement runs before the call, and it runs once."""
    scopes = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.IfExp | ast.BoolOp
    for part in ast.walk(holder):
        if isinstance(part, scopes) and any(inner is call for inner in ast.walk(part)):
            return False
    others = [part for part in ast.walk(holder) if isinstance(part, ast.Call) and part is not call]
    return all(any(inner is call for inner in ast.walk(other)) or _within(call, other) for other in others)


def _within(call: ast.Call, other: ast.Call) -> bool:
    return any(inner is other for inner in ast.walk(call))


def _bound(node: Function, call: ast.Call, others: Sequence[ast.stmt], candidate: Candidate) -> list[ast.stmt] | None:
    """The parameters as variables; None where that would hide a name, or the call gives them otherwise."""
    parameters = [item.arg for item in node.args.args]
    given: dict[str, ast.expr] = dict(zip(parameters, call.args, strict=False))
    if any(isinstance(item, ast.Starred) for item in call.args) or len(call.args) > len(parameters):
        return None
    for item in call.keywords:
        if item.arg is None or item.arg in given or item.arg not in parameters:
            return None
        given[item.arg] = item.value
    for name, default in zip(reversed(parameters), reversed(node.args.defaults), strict=False):
        given.setdefault(name, default)
    if set(given) != set(parameters):
        return None
    taken = {part.id for item in others for part in ast.walk(item) if isinstance(part, ast.Name)} - {node.name}
    taken |= {line.split()[-1] for line in candidate.imports} | set(candidate.fixtures)
    stored = {
        part.id
        for item in node.body
        for part in ast.walk(item)
        if isinstance(part, ast.Name) and isinstance(getattr(part, "ctx", None), ast.Store)
    }
    same = {name for name, value in given.items() if isinstance(value, ast.Name) and value.id == name}
    if (set(parameters) - same | stored) & taken:
        return None
    return [
        ast.Assign([ast.Name(name, ast.Store())], copy.deepcopy(given[name]), lineno=0)
        for name in parameters
        if name not in same
    ]


class _Put(ast.NodeTransformer):
    """Puts an expression in the place of a call, and of the `await` around it."""

    def __init__(self, call: ast.Call, value: ast.expr, awaited: bool) -> None:
        self.call, self.value, self.awaited = call, value, awaited

    def visit_Await(self, node: ast.Await) -> ast.expr:
        if self.awaited and node.value is self.call:
            return self.value
        self.generic_visit(node)
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if node is self.call:
            return self.value
        self.generic_visit(node)
        return node
