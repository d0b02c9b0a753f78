"""Twins of a candidate with other repetitions: what recursed too deep does so with less, and sooner.

Code that recurses once for each bracket, tag or item often works through its input many times before; as
many repetitions as the interpreter allows calls fail the same way in a fraction of the time, and read better.
Lists are the other way round: an event holds their first items only, and so they go on as they began.
"""

import ast
import copy
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from triage.drafting.replay.candidate import Candidate

LEAST = 64
# Enough for three calls a repetition, and for one, where the usual limit is a thousand.
ENOUGH = (340, 1060)
MOST_TWINS = 24
_RUN = re.compile(r"(.{1,8}?)\1{31,}", re.DOTALL)
_BYTES = re.compile(rb"(.{1,8}?)\1{31,}", re.DOTALL)
# What sentry-sdk keeps of a list (MAX_DATABAG_BREADTH), and how many items are more than calls may be nested.
KEPT_ITEMS, MANY_ITEMS = 10, 1200
LONGER = "the event holds ten items of a list that was longer; it goes on as it began"
NOTE = "production's input repeats itself more often; this much is enough"


def shorter_first(candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Each candidate after its twins, the shortest first, and before one with longer lists; without twins after
    the first few."""
    left = MOST_TWINS
    for candidate in candidates:
        for most in ENOUGH if left > 0 else ():
            twin = shortened(candidate, most)
            if twin is not None:
                left -= 1
                yield twin
        yield candidate
        longer = lengthened(candidate) if left > 0 else None
        if longer is not None:
            left -= 1
            yield longer


def lengthened(candidate: Candidate) -> Candidate | None:
    """The candidate with cut lists as long as recursion takes; None when it has no list that may have been cut."""
    grow = _Grow()
    body = tuple(grow.visit(copy.deepcopy(item)) for item in candidate.body)
    return replace(candidate, body=body, notes=(*candidate.notes, LONGER)) if grow.count else None


def period(items: Sequence[str]) -> int:
    """After how many items they begin anew: `[a, b, a, b, a]` after two; all of them where none is seen."""
    steps = range(1, len(items) // 2 + 1)
    return next(
        (step for step in steps if all(items[at] == items[at - step] for at in range(step, len(items)))), len(items)
    )


class _Grow(ast.NodeTransformer):
    def __init__(self) -> None:
        self.count = 0

    def visit_List(self, node: ast.List) -> ast.expr:
        if len(node.elts) != KEPT_ITEMS or not isinstance(node.ctx, ast.Load):
            self.generic_visit(node)
            return node
        self.count += 1
        step = period([ast.dump(item) for item in node.elts])
        return ast.BinOp(ast.List(node.elts[:step], ast.Load()), ast.Mult(), ast.Constant(-(-MANY_ITEMS // step)))


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
