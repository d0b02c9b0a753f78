"""Looks for the values that make a known call fail: greybox fuzzing of candidates inside the target.

For events that carry few values or none. The calls come from the search (the repo's own tests and
documents, the frames' functions with stand-ins); their literals are changed in a fork of the target,
where a change that reaches new lines of the functions on the stack is kept and changed further.
Whatever is found is a plain candidate, run and judged like any other.
"""

import ast
import copy
import itertools
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field, replace
from typing import Any, cast

from triage.domain.event import Json
from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.values import from_text, trust
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries.examples import values_said
from triage.drafting.replay.searching.search import Findings, Search, Tried, rank
from triage.drafting.replay.searching.server import ReplayServer
from triage.drafting.replay.stack.betrayed import betrayed
from triage.drafting.replay.stack.scene import Kind, Scene

MOST_TEMPLATES = 40
MOST_KNOWN = 60
KNOWN_SECONDS = 4.0
MOST_HOLES = 24
SLICES = (0.5, 1.2, 2.5, 4.0, 6.0)
IN_FLIGHT = 2
NOTE = "the call is one of the repo's own or of a frame of the stack, with a value changed until it failed this way"
_OBJECTS: dict[str, tuple[str, list[str]]] = {
    "decimal.Decimal": ("Decimal('1.5')", ["from decimal import Decimal"]),
    "datetime.datetime": ("datetime(2026, 1, 2, 3, 4, 5)", ["from datetime import datetime"]),
    "datetime.date": ("date(2026, 1, 2)", ["from datetime import date"]),
    "datetime.time": ("time(3, 4, 5)", ["from datetime import time"]),
    "datetime.timedelta": ("timedelta(1)", ["from datetime import timedelta"]),
    "Fraction": ("Fraction(1, 3)", ["from fractions import Fraction"]),
    "UUID": ("UUID(int=1)", ["from uuid import UUID"]),
    "PosixPath": ("Path('a.txt')", ["from pathlib import Path"]),
    "set": ("set()", []),
    "frozenset": ("frozenset()", []),
    "complex": ("complex(1, 1)", []),
    "bytearray": ("bytearray(b'a')", []),
    "object": ("object()", []),
    "generator": ("iter([])", []),
    "type": ("int", []),
}
MOST_SAID = 32
MOST_OBJECTS = 6
_NAMED = re.compile(r"\b(NoneType|str|int|float|list|dict|tuple|bytes|bool)\b")
_EMPTY: dict[str, object] = {
    "NoneType": None, "str": "", "int": 0, "float": 0.0, "list": [], "dict": {}, "tuple": (), "bytes": b"",
    "bool": True,
}  # fmt: skip


@dataclass
class Template:
    """A candidate whose literals are holes: `source` defines `scenario(values)`, `seed` are the literals' texts."""

    candidate: Candidate
    source: str
    seed: tuple[str, ...]
    pool: list[list[str]] = field(default_factory=list)
    depth: int = -1
    rounds: int = 0
    killed: bool = False


def template_of(candidate: Candidate) -> Template | None:
    """The candidate with its literals taken out; None when there is none to change."""
    holes = _Holes()
    body = holes.statements(candidate.body)
    if not holes.texts:
        return None
    program = replace(candidate, body=body, fixtures=("values", *candidate.fixtures))
    try:
        return Template(candidate, program.source("scenario"), tuple(holes.texts))
    except (ValueError, RecursionError, SyntaxError):
        return None


def filled(candidate: Candidate, texts: Sequence[str], imports: Sequence[str] = ()) -> Candidate:
    """The candidate with other literals; of `imports` those that they need."""
    put = _Holes([_literal(text) for text in texts])
    body = put.statements(candidate.body)
    used = {part.id for text in texts for part in ast.walk(_literal(text)) if isinstance(part, ast.Name)}
    needed = [line for line in imports if line.split()[-1].split(".")[0] in used]
    return replace(
        candidate, body=body, imports=tuple(sorted({*candidate.imports, *needed})), notes=(*candidate.notes, NOTE)
    )


def _literal(text: str) -> ast.expr:
    return _Numbers().visit(ast.parse(text, mode="eval").body)  # type: ignore[no-any-return]


class _Numbers(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Call(ast.Name("float"), [ast.Constant(node.id)], []) if node.id in ("nan", "inf") else node


class _Holes(ast.NodeTransformer):
    """Literals in the order of the program: taken out, or replaced by `values`."""

    def __init__(self, values: Sequence[ast.expr] | None = None) -> None:
        self.values = values
        self.texts: list[str] = []

    def statements(self, body: Sequence[ast.stmt]) -> tuple[ast.stmt, ...]:
        done = [self.visit(copy.deepcopy(item)) for item in body]
        return tuple(item for item in done if isinstance(item, ast.stmt))

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            node.decorator_list = [
                item for mark in node.decorator_list if isinstance(item := self.visit(mark), ast.expr)
            ]
            return node
        if isinstance(node, ast.JoinedStr | ast.Lambda):
            return node
        if isinstance(node, ast.expr) and not isinstance(node, ast.Name) and len(self.texts) < MOST_HOLES:
            try:
                value = ast.literal_eval(node)
            except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
                return self.generic_visit(node)
            if value is Ellipsis or isinstance(value, complex | set | frozenset):
                return node
            at = len(self.texts)
            self.texts.append(repr(value))
            if self.values is not None:
                return self.values[at]
            return ast.Subscript(ast.Name("values", ast.Load()), ast.Constant(at), ast.Load())
        return self.generic_visit(node)


class Fuzzing:
    """Spends the rest of a search's time on changing the values of what was tried."""

    def __init__(
        self, search: Search, builder: Callable[[], Builder], expected: ExpectedFailure, findings: Findings
    ) -> None:
        self.search = search
        self.scene = builder().scene
        self.expected = expected
        self.findings = findings
        self.said = [repr(value) for value in said(self.scene)]
        self.imports: list[str] = []
        for text, lines in captured_objects(builder):
            self.said.append(text)
            self.imports += lines
        self.finds = 0
        self.seen: set[str] = set()

    def run(self, history: Sequence[Tried], known: Iterator[Candidate], deadline: float) -> None:
        """Until a find reproduces and the fix mends it, or time is up. `findings.best` holds the best.

        `history` is what was tried, `known` further calls that the repo's tests make.
        """
        templates = list(self.templates(history, known))
        self.search.say("changing the values of known calls", self.findings.tried)
        for turn, seconds in enumerate(SLICES):
            chosen = sorted(templates, key=lambda item: (-item.depth, item.rounds))
            if turn:
                chosen = [item for item in chosen if item.depth >= 0][: max(3, 14 // turn)]
            if not chosen or self.round(chosen, seconds, deadline):
                return

    def templates(self, history: Sequence[Tried], known: Iterator[Candidate]) -> Iterator[Template]:
        """Calls worth changing, each shape once; of what was tried those that were not refused."""
        tried = [
            item.candidate
            for item in history
            if item.verdict is not Verdict.SIGNATURE and "MagicMock" not in item.candidate.source()
        ]
        shapes: set[str] = set()
        until = time.monotonic() + KNOWN_SECONDS
        later = itertools.takewhile(lambda _: time.monotonic() < until, itertools.islice(known, MOST_KNOWN))
        for candidates, most in ((tried, MOST_TEMPLATES // 2), (later, MOST_TEMPLATES)):
            for candidate in candidates:
                template = template_of(candidate)
                if template is not None and template.source not in shapes and len(shapes) < most:
                    shapes.add(template.source)
                    yield template

    def round(self, templates: Sequence[Template], seconds: float, deadline: float) -> bool:
        """One slice for each template, on all cores. Whether the search may end."""
        waiting = list(templates)
        flying: list[tuple[Template, Future[dict[str, Any]]]] = []
        while waiting or flying:
            if time.monotonic() > deadline:
                return True
            while waiting and len(flying) < IN_FLIGHT:
                template = waiting.pop(0)
                flying.append((template, self.submit(self.search.server, template, seconds)))
            template, future = flying.pop(0)
            try:
                answer = future.result(max(deadline - time.monotonic(), 0.0) + seconds)
            except FutureTimeout:  # some values make the program go on for ever: their time is up with ours
                self.search.server.cancel()
                return True
            template.rounds += 1
            template.killed = answer.get("outcome") in ("killed", "timeout")
            depth = answer.get("depth")
            template.depth = max(template.depth, depth if isinstance(depth, int) else -1)
            pool = answer.get("pool")
            if isinstance(pool, list):
                template.pool = [[str(text) for text in row] for row in pool if isinstance(row, list)]
            if self.prove(template, answer.get("finds"), deadline):
                return True
        return False

    def submit(self, server: ReplayServer, template: Template, seconds: float) -> "Future[dict[str, Any]]":
        crash = self.expected.points[-1]
        steps = [[frame.path, frame.name] for frame in self.scene.repo_frames if frame.kind is Kind.REPO]
        return server.fuzz(
            source="\n".join([*self.imports, template.source]),
            seeds=[list(template.seed), *template.pool],
            said=self.said,
            type=self.expected.type,
            crash=[crash.path, crash.qualname.rpartition(".")[2], "".join(crash.line.split())],
            steps=steps,
            seconds=seconds,
            seed=template.rounds,
            tame=template.killed,
            timeout=seconds * 5 + 4.0,
        )

    def prove(self, template: Template, finds: object, deadline: float) -> bool:
        """Run what was found by itself, judge it, ask the fix. Whether one is good."""
        for texts in finds if isinstance(finds, list) else ():
            if time.monotonic() > deadline or not isinstance(texts, list) or len(texts) != len(template.seed):
                continue
            try:
                candidate = filled(template.candidate, [str(text) for text in texts], self.imports)
                source = candidate.source()
            except (ValueError, RecursionError, SyntaxError, MemoryError):
                continue
            if source in self.seen:
                continue
            self.seen.add(source)
            tried = self.search.try_one(candidate)
            self.search.note(self.findings, tried)
            if tried.verdict is not Verdict.REPRODUCED:
                continue
            self.finds += 1
            tried.fixed = self.search.on_fix(candidate)
            self.findings.reproducing.append(tried)
            if self.findings.best is None or rank(tried) > rank(self.findings.best):
                self.findings.best = tried
            if tried.good:
                return True
        return False


def said(scene: Scene) -> list[object]:
    """Values that the message quotes or names by their type, that frames captured, that callers' lines hold."""
    types = {*_OBJECTS, *_EMPTY}
    found: list[object] = [value for value in values_said(scene) if value not in types]
    crash = scene.event.crash
    for told in betrayed(crash.value) if crash else ():
        _add(found, told)
    for name in _NAMED.findall(crash.value[:2000] if crash else ""):
        _add(found, _EMPTY[name])
    for frame in (*scene.repo_frames[:2], *reversed(scene.repo_frames[2:])):
        for wire in frame.variables.values():
            _add_captured(found, wire)
    for frame in scene.frames:
        if frame.kind is not Kind.REPO and frame.view.statement is not None:
            for node in ast.walk(frame.view.statement):
                if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bytes):
                    _add(found, node.value)
                elif isinstance(node, ast.Dict | ast.List | ast.Tuple) and (value := _evaluated(node)):
                    _add(found, value)
    return found[:MOST_SAID]


def captured_objects(builder: Callable[[], Builder]) -> list[tuple[str, list[str]]]:
    """Values that are made by a plain call (a date, a Decimal, a version), with the imports they need: those of
    the types that the message names, then captured ones."""
    found: dict[str, list[str]] = {}
    crash = builder().scene.event.crash
    for name, (text, lines) in _OBJECTS.items():
        if crash is not None and f"'{name}'" in crash.value[:2000]:
            found[text] = lines
    for frame in builder().scene.repo_frames:
        for name, wire in frame.variables.items():
            if not isinstance(wire, str) or not 0.2 < trust(wire) <= 0.4 or len(found) >= MOST_OBJECTS:
                continue
            maker = builder()
            try:
                made = from_text(maker, frame, name, wire, f"{frame.index}.{name}")
            except Dead:
                continue
            if isinstance(made, ast.Call) and not maker.items and not maker.fixtures:
                found.setdefault(ast.unparse(ast.fix_missing_locations(made)), list(maker.imports.values()))
    return list(found.items())


def _evaluated(node: ast.expr) -> object:
    """The value of a literal, None for all else."""
    try:
        return cast(object, ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return None


def _add(found: list[object], value: object) -> None:
    if repr(value) not in map(repr, found) and len(repr(value)) < 2000:
        found.append(value)


def _add_captured(found: list[object], wire: Json) -> None:
    """A captured value, when it is plainly a literal."""
    if trust(wire) > 0.2 or wire is None or wire in ("None", "True", "False", "[]", "{}", "''"):
        return
    try:
        _add(found, _plain(wire))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return


def _plain(wire: Json) -> object:
    if isinstance(wire, str):
        return ast.literal_eval(wire)
    if isinstance(wire, list | tuple):
        return [_plain(item) for item in wire]
    if isinstance(wire, dict):
        return {key: _plain(item) for key, item in wire.items()}
    return wire
