"""Twins of a candidate with shorter repetitions: what recursed too deep does so with less, and sooner.

Code that recurses once for each bracket, tag or item often works through its input many times before; as
many repetitions as the interpreter allows calls fail the same way in a fraction of the time, and read better.
"""

import ast
import copy
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from triage.drafting.replay.candidate import Candidate

LEAST = 64
# Enough for three calls a repetition, and for one, where the usual limit is a thousand.
ENOUGH = (340, 1060)
MOST_TWINS = 24
_RUN = re.compile(r"(.{1,8}?)\1{31,}", re.DOTALL)
_BYTES = re.compile(rb"(.{1,8}?)\1{31,}", re.DOTALL)
NOTE = "production's input repeats itself more often; this much is enough"


def shorter_first(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each candidate after its twins, the shortest first; without twins after the first few."""
    left = MOST_TWINS
    for candidate in candidates:
        for most in ENOUGH if left > 0 else ():
            twin = shortened(candidate, most)
            if twin is not None:
                left -= 1
                yield twin
        yield candidate


def shortened(candidate: Candidate, most: int) -> Candidate | None:
    """The candidate with no more repetitions of anything; None when it has none that are more."""
    cut = _Cut(most)
    body = tuple(cut.visit(copy.deepcopy(item)) for item in candidate.body)
    return replace(candidate, body=body, notes=(*candidate.notes, NOTE)) if cut.count else None


class _Cut(ast.NodeTransformer):
    def __init__(self, most: int) -> None:
        self.most = most
        self.count = 0

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.op, ast.Mult):
            for side in (node.left, node.right):
                if isinstance(side, ast.Constant) and type(side.value) is int and LEAST <= side.value < 10**7:
                    side.value = self._times(side.value)
        return node

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str) and len(node.value) >= LEAST:
            node.value = _RUN.sub(lambda run: run[1] * self._times(len(run[0]) // len(run[1])), node.value)
        elif isinstance(node.value, bytes) and len(node.value) >= LEAST:
            node.value = _BYTES.sub(lambda run: run[1] * self._times(len(run[0]) // len(run[1])), node.value)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node

    def _times(self, count: int) -> int:
        self.count += count > self.most
        return min(count, self.most)
