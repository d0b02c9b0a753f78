"""Writes `f(*(a, b))`, `[c, *(a, b)]` and `given = (a, b)` before `f(*given)` as what they are."""

import ast
import copy
from collections.abc import Sequence


def unstarred(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements with displays behind `*` and `**` spread out; what named such a display only for that is gone."""
    done = [copy.deepcopy(item) for item in body]
    for _ in range(8):
        changed = _inlined(done)
        for item in done:
            _Spread().visit(item)
        if not changed:
            return done
    return done


def _inlined(body: list[ast.stmt]) -> bool:
    """Puts one display in the place of its name where the name stands behind a star and nowhere else."""
    for at, item in enumerate(body):
        if not isinstance(item, ast.Assign) or len(item.targets) != 1 or not isinstance(item.targets[0], ast.Name):
            continue
        name, value = item.targets[0].id, item.value
        if not _is_display(value):
            continue
        later = body[at + 1 :]
        uses = [node for rest in later for node in ast.walk(rest) if isinstance(node, ast.Name) and node.id == name]
        stars = [place for rest in later for place in _stars(rest, name)]
        if len(uses) != 1 or len(stars) != 1:
            continue
        stars[0].value = value
        del body[at]
        return True
    return False


def _stars(root: ast.stmt, name: str) -> list[ast.Starred | ast.keyword]:
    found: list[ast.Starred | ast.keyword] = []
    for node in ast.walk(root):
        if isinstance(node, ast.Call):
            found += [item for item in node.args if isinstance(item, ast.Starred) and _is(item.value, name)]
            found += [item for item in node.keywords if item.arg is None and _is(item.value, name)]
        elif isinstance(node, ast.List | ast.Tuple) and isinstance(node.ctx, ast.Load):
            found += [item for item in node.elts if isinstance(item, ast.Starred) and _is(item.value, name)]
    return found


def _is(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _is_display(node: ast.expr) -> bool:
    return isinstance(node, ast.Tuple | ast.List) or (
        isinstance(node, ast.Dict)
        and all(
            isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()
            for key in node.keys
        )
    )


def _spread(items: Sequence[ast.expr]) -> list[ast.expr]:
    done: list[ast.expr] = []
    for item in items:
        if isinstance(item, ast.Starred) and isinstance(item.value, ast.Tuple | ast.List):
            done += item.value.elts
        else:
            done.append(item)
    return done


class _Spread(ast.NodeTransformer):
    """Spreads displays behind stars in calls and in other displays."""

    def visit_List(self, node: ast.List) -> ast.List:
        self.generic_visit(node)
        node.elts = _spread(node.elts)
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.Tuple:
        self.generic_visit(node)
        node.elts = _spread(node.elts)
        return node

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        arguments = _spread(node.args)
        keywords: list[ast.keyword] = []
        for word in node.keywords:
            if word.arg is None and isinstance(word.value, ast.Dict) and _is_display(word.value):
                for key, value in zip(word.value.keys, word.value.values, strict=True):
                    assert isinstance(key, ast.Constant)
                    keywords.append(ast.keyword(str(key.value), value))
            else:
                keywords.append(word)
        if len({word.arg for word in keywords if word.arg}) == sum(1 for word in keywords if word.arg):
            node.args, node.keywords = arguments, keywords
        return node
