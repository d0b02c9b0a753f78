"""Writes `desk.client.ask(...)` as `client.ask(...)` where the test itself gave the client to the desk."""

import ast
from collections.abc import Iterator

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.tree import located, replaced


def without_owner(candidate: Candidate) -> Iterator[Candidate]:
    """An attribute of an object that the test made, replaced by one of the variables that the object was made of."""
    made: dict[str, list[str]] = {}
    for statement in candidate.body:
        for part in ast.walk(statement):
            if not isinstance(part, ast.Assign) or not isinstance(part.value, ast.Call):
                continue
            given = [*part.value.args, *(item.value for item in part.value.keywords)]
            names = [item.id for item in given if isinstance(item, ast.Name)]
            for target in part.targets:
                if isinstance(target, ast.Name) and names:
                    made[target.id] = names
    for path, node in located(candidate.body):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and not _is_written(node):
            for name in made.get(node.value.id, ()):
                if name == node.attr or name.rpartition("_")[2].isdigit():
                    yield replaced(candidate, path, ast.Name(name, ast.Load()))


def _is_written(node: ast.Attribute) -> bool:
    return not isinstance(getattr(node, "ctx", ast.Load()), ast.Load)
