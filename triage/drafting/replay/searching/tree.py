"""Candidates as trees: every node with the way to it, and copies with one node replaced."""

import ast
import copy
from dataclasses import replace
from typing import TypeGuard

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.smaller.unstar import unstarred

WORLD_FIXTURES = ("db",)

Path = tuple[tuple[str, int], ...]


def located(body: "tuple[ast.stmt, ...]") -> list[tuple[Path, ast.AST]]:
    """Every node with the way to it."""
    found: list[tuple[Path, ast.AST]] = []

    def visit(node: ast.AST, path: Path) -> None:
        found.append((path, node))
        for field, value in ast.iter_fields(node):
            if isinstance(value, ast.AST):
                visit(value, (*path, (field, -1)))
            elif isinstance(value, list):
                for index, item in enumerate(value):
                    if isinstance(item, ast.AST):
                        visit(item, (*path, (field, index)))

    for index, node in enumerate(body):
        visit(node, (("body", index),))
    return found


def replaced(candidate: Candidate, path: Path, new: ast.AST) -> Candidate:
    """A copy of the candidate with the node at `path` replaced."""
    body = list(candidate.body)
    (_, first), *rest = path
    if not rest:
        assert isinstance(new, ast.stmt)
        body[first] = new
        return with_body(candidate, body)
    root = copy.copy(body[first])
    body[first] = root
    node: ast.AST = root
    for field, index in rest[:-1]:
        child = getattr(node, field)
        if index >= 0:
            items = list(child)
            items[index] = copy.copy(items[index])
            setattr(node, field, items)
            node = items[index]
        else:
            fresh = copy.copy(child)
            setattr(node, field, fresh)
            node = fresh
    field, index = rest[-1]
    if index >= 0:
        items = list(getattr(node, field))
        items[index] = new
        setattr(node, field, items)
    else:
        setattr(node, field, new)
    return with_body(candidate, body)


def with_body(candidate: Candidate, body: list[ast.stmt]) -> Candidate:
    used = {node.id for item in body for node in ast.walk(item) if isinstance(node, ast.Name)}
    dotted = {ast.unparse(node) for item in body for node in ast.walk(item) if isinstance(node, ast.Attribute)}
    imports = tuple(
        line
        for line in candidate.imports
        if (_binding(line) in used and _is_reached(line, dotted)) or (line == "import asyncio" and candidate.is_async)
    )
    fixtures = tuple(name for name in candidate.fixtures if name in used or name in WORLD_FIXTURES)
    return replace(candidate, body=tuple(body), imports=imports, fixtures=fixtures)


def _is_reached(line: str, dotted: set[str]) -> bool:
    """Whether the module of `import shop.db` is read from; an import of anything else is reached by its name."""
    node = ast.parse(line).body[0]
    if not isinstance(node, ast.Import) or node.names[0].asname or "." not in node.names[0].name:
        return True
    return any(f"{name}.".startswith(f"{node.names[0].name}.") for name in dotted)


def _binding(line: str) -> str:
    node = ast.parse(line).body[0]
    assert isinstance(node, ast.Import | ast.ImportFrom)
    alias = node.names[0]
    return alias.asname or (alias.name.split(".")[0] if isinstance(node, ast.Import) else alias.name)


def tidied(candidate: Candidate) -> Candidate:
    """The candidate with plain calls, and with imports, fixtures and functions that nothing uses left out."""
    return with_body(candidate, without_unused(list(unstarred(candidate.body))))


def without_unused(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements without plain functions and classes that none of the others names."""
    while True:
        named = [{node.id for node in ast.walk(item) if isinstance(node, ast.Name)} for item in body]
        kept = [
            item
            for at, item in enumerate(body)
            if not _is_plain_definition(item)
            or any(item.name in names for other, names in enumerate(named) if other != at)
        ]
        if len(kept) == len(body):
            return body
        body = kept


def _is_plain_definition(node: ast.stmt) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Whether a definition does nothing by being made: no decorators, bases or defaults that run code."""
    if isinstance(node, ast.ClassDef):
        quiet = all(isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef | ast.Pass) for item in node.body)
        inner = any(getattr(item, "decorator_list", None) for item in node.body)
        return quiet and not inner and not node.bases and not node.keywords and not node.decorator_list
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list


def size_of(candidate: Candidate) -> int:
    """Characters of the candidate's statements: what a reader has to read."""
    return sum(len(ast.unparse(ast.fix_missing_locations(copy.deepcopy(item)))) for item in candidate.body)
