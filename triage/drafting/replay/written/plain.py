"""The test's statements without names that nothing reads."""

import ast
import copy
from collections.abc import Sequence


def without_unused_names(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements in which no variable is given a value that nothing reads: what makes the value stays where it does
    something."""
    body = list(body)
    while True:
        read = {
            part.id
            for item in body
            for part in ast.walk(item)
            if isinstance(part, ast.Name) and not isinstance(getattr(part, "ctx", None), ast.Store)
        }
        changed = _block(body, read)
        if [ast.dump(item) for item in changed] == [ast.dump(item) for item in body]:
            return changed
        body = changed


def _block(body: Sequence[ast.stmt], read: set[str]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for item in body:
        if isinstance(item, ast.With | ast.AsyncWith):
            inner = copy.copy(item)
            inner.body = _block(item.body, read)
            found.append(inner if inner.body else item)
        elif _is_unread(item, read):
            assert isinstance(item, ast.Assign)
            if any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(item.value)):
                found.append(ast.Expr(item.value))
        else:
            found.append(item)
    return found


def _is_unread(item: ast.stmt, read: set[str]) -> bool:
    if not isinstance(item, ast.Assign) or len(item.targets) != 1:
        return False
    target = item.targets[0]
    return isinstance(target, ast.Name) and target.id not in read
