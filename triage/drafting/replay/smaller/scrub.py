"""Takes secrets and personal data out of a candidate's literals, then proves it again."""

import ast
import copy
from dataclasses import replace

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.smaller.shrinking import still_reproduces
from triage.redact import redact, redact_value

KEPT = "it holds values that look like secrets; with substitutes it did not fail any more"


def scrubbed(search: Search, best: Tried) -> Tried:
    """`best` with substitutes for its secrets when it still reproduces with them, else with a note."""
    candidate = substituted(best.candidate)
    if candidate is None:
        return best
    everywhere = with_all_alike(best.candidate, candidate)
    for changed in (everywhere, candidate):
        again = still_reproduces(search, best, changed)
        if again is not None:
            return again
    best.candidate = replace(best.candidate, notes=(*best.candidate.notes, KEPT))
    return best


def with_all_alike(before: Candidate, candidate: Candidate) -> Candidate:
    """The candidate with a substitute wherever the text that it stands for is, in capitals or not."""
    known = {}
    for old, new in zip(_texts(before), _texts(candidate), strict=True):
        if old != new and len(old) > 3:
            known.update({old: new, old.lower(): new.lower(), old.upper(): new.upper()})
    alike = _Alike(known)
    return replace(candidate, body=tuple(alike.visit(copy.deepcopy(item)) for item in candidate.body))


def _texts(candidate: Candidate) -> list[str]:
    return [
        part.value
        for item in candidate.body
        for part in ast.walk(item)
        if isinstance(part, ast.Constant) and isinstance(part.value, str)
    ]


class _Alike(ast.NodeTransformer):
    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        put = self.known.get(node.value) if isinstance(node.value, str) else None
        return ast.copy_location(ast.Constant(put), node) if put is not None else node


def substituted(candidate: Candidate) -> Candidate | None:
    """The candidate with every secret replaced; None when it holds none."""
    changer = _Substitute()
    body = tuple(changer.visit(copy.deepcopy(item)) for item in candidate.body)
    return replace(candidate, body=body) if changer.changed else None


class _Substitute(ast.NodeTransformer):
    def __init__(self) -> None:
        self.changed = False
        self._name = ""

    def visit_Dict(self, node: ast.Dict) -> ast.Dict:
        for at, (key, value) in enumerate(zip(node.keys, node.values, strict=True)):
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            node.values[at] = self._named(name, value)
        return node

    def visit_keyword(self, node: ast.keyword) -> ast.keyword:
        node.value = self._named(node.arg or "", node.value)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.Assign:
        target = node.targets[0]
        node.value = self._named(target.id if isinstance(target, ast.Name) else "", node.value)
        return node

    def _named(self, name: str, value: ast.expr) -> ast.expr:
        before, self._name = self._name, name
        done: ast.expr = self.visit(value)
        self._name = before
        return done

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        if not isinstance(node.value, str) or len(node.value) > 200_000:
            return node
        text = redact_value(self._name, node.value) if self._name else redact(node.value)
        if isinstance(text, str) and text != node.value:
            self.changed = True
            return ast.copy_location(ast.Constant(text), node)
        return node
