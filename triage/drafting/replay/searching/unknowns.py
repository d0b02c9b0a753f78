"""Lets mocks stand for what nobody captured, runs the code, and reads off the stack's variables what they stood for.

A candidate calls a function of the stack with mocks for its unknown arguments. Each run tells which variable of
which function held which part of a mock; where the event has that variable's value, the mock is made to give it,
and the code gets further: until it fails the way production did. For events on which nothing else reproduces.
"""

import ast
import copy
import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay.building import objects
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.values import trust
from triage.drafting.replay.candidate import TEST, Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.searching.search import Findings, Search, Tried, rank
from triage.drafting.replay.searching.server import outcome_of
from triage.drafting.replay.stack.safe import is_stdlib
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

MOST_FRAMES = 4
MOST_STARTS = 14
MOST_ROUNDS = 6
# What costs less is known well enough to be given back by a mock.
KNOWN = 2.0
INNER = "candidate_under_watch"
NOTE = "mocks stand for what was not captured; they give what the stack's variables held"


AWAITED = "awaited"
# The candidate's name of a mock, and the way from it: attributes, "()" for what a call gave, AWAITED.
Way = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Row:
    """One thing that a run showed (see `triage.inside.replay_mocks`): `root` and `parts` lead to the mock."""

    what: str
    root: str
    parts: tuple[str, ...]
    path: str = ""
    function: str = ""
    name: str = ""
    line: int = 0


@dataclass
class Unknowns:
    """One such search. `builder` makes a fresh builder; what is found goes into `findings`."""

    search: Search
    scene: Scene
    builder: Callable[[], Builder]
    expected: ExpectedFailure
    findings: Findings
    seen: set[str] = field(default_factory=set)

    def run(self, tried: Sequence[Tried], made: Iterable[Candidate], deadline: float) -> None:
        """Until a candidate is good or time is up (a moment of `time.monotonic()`). Starts with candidates of
        `made`, then with those of `tried` that hold mocks and came nearest."""
        mocked = [item for item in tried if "Mock(" in item.candidate.source() and not item.candidate.native]
        nearest = sorted(mocked, key=self.distance)[:MOST_STARTS]
        for start in itertools.chain(itertools.islice(made, MOST_STARTS), (item.candidate for item in nearest)):
            if time.monotonic() > deadline or self.refined(start, deadline):
                return

    def distance(self, tried: Tried) -> int:
        """How many functions of production's stack a candidate did not come to, below nought."""
        names = {point.qualname for point in self.expected.points}
        seen = tried.outcome.report.exceptions
        return -len({point.qualname for point in seen[0].points} & names) if seen else 0

    def refined(self, candidate: Candidate, deadline: float) -> bool:
        """Make the candidate's mocks give more from run to run. Whether the search may end."""
        known: set[Way] = set()
        for _ in range(MOST_ROUNDS):
            if time.monotonic() > deadline:
                return True
            source = candidate.source()
            if source in self.seen:
                return False
            self.seen.add(source)
            running = self.search.submit(candidate)
            rows = self.watched(candidate)
            tried = self.search.verdict(candidate, running)
            self.search.note(self.findings, tried)
            if tried.verdict is Verdict.REPRODUCED:
                return bool(known) and self.kept(tried)
            more = self.answered(candidate, rows, known)
            if more is None:
                return False
            candidate = more
        return False

    def kept(self, tried: Tried) -> bool:
        """Note a candidate that reproduces, and say whether it is good. One that the fix does not mend fails for
        what the mocks are, not for what production handed in: it is nothing."""
        tried.fixed = self.search.on_fix(tried.candidate)
        if not tried.good:
            return False
        self.findings.reproducing.append(tried)
        if self.findings.best is None or rank(tried) > rank(self.findings.best):
            self.findings.best = tried
        return True

    def watched(self, candidate: Candidate) -> list[Row]:
        """What a run of the candidate shows of its mocks."""
        fixtures = ", ".join(candidate.fixtures)
        given = ", ".join(f"{name!r}: {name}" for name in candidate.fixtures)
        steps = [[frame.path, frame.name] for frame in self.scene.repo_frames if frame.kind is Kind.REPO]
        source = (
            f"import replay_mocks\n{candidate.source(INNER)}\n\n"
            f"def {TEST}({fixtures}):\n"
            f"    return replay_mocks.told({INNER}, {{{given}}}, {steps!r}, {[INNER, 'scenario']!r})\n"
        )
        asked = self.search.server.submit(source, TEST, self.search.timeout, observe=True)
        told = outcome_of(asked.result(self.search.timeout + 10))
        if told.outcome != "returned" or not told.value.get("literal"):
            return []
        return list(_rows(ast.literal_eval(str(told.value.get("repr", "[]")))))

    def answered(self, candidate: Candidate, rows: Sequence[Row], known: set[Way]) -> Candidate | None:
        """The candidate with mocks that give what the rows tell; None when they tell nothing new."""
        builder = self.builder()
        builder.taken |= {node.id for item in candidate.body for node in ast.walk(item) if isinstance(node, ast.Name)}
        builder.taken |= set(candidate.fixtures)
        for line in candidate.imports:
            imported = ast.parse(line).body[0]
            assert isinstance(imported, ast.Import | ast.ImportFrom)
            alias = imported.names[0]
            local = alias.asname or (alias.name.split(".")[0] if isinstance(imported, ast.Import) else alias.name)
            builder.imports[alias.name if isinstance(imported, ast.Import) and not alias.asname else local] = line
            builder.taken.add(local)
        start = len(known)
        for row in sorted(rows, key=lambda row: (len(row.parts), row.what != "awaited")):
            waited = (AWAITED,) if row.what == "awaited" else ()
            above = [(row.root, row.parts[:at]) for at in range(1, len(row.parts) + 1)]
            if any(way in known for way in above) or (row.root, (*row.parts, *waited)) in known:
                continue
            try:
                done = self.give(builder, row)
            except Dead:
                continue
            if done:
                known.add((row.root, (*row.parts, *waited)))
        if len(known) == start:
            return None
        return _with(candidate, builder)

    def give(self, builder: Builder, row: Row) -> bool:
        """Make a mock give what a row tells. Whether it tells anything. Raises Dead when that cannot be made."""
        if row.what == "awaited":
            return bool(row.parts) and row.parts[-1] == "()" and _await(builder, row)
        frame = self.frame(row)
        if frame is None or not row.parts:
            return False
        if row.what == "looped":
            self.loop(builder, frame, row)
            return True
        if row.name not in frame.variables or trust(frame.variables[row.name]) >= KNOWN:
            return False
        _give(builder, row, builder.captured(frame, row.name, f"{frame.index}.{row.name}"))
        return True

    def frame(self, row: Row) -> StackFrame | None:
        """The frame that a row speaks of, the innermost where a function is on the stack twice."""
        found = [item for item in self.scene.repo_frames if item.path == row.path and item.name == row.function]
        return found[-1] if found else None

    def loop(self, builder: Builder, frame: StackFrame, row: Row) -> None:
        """Let a mock that was gone through have one item: what the loop's variables held, or a further mock."""
        loops = [
            node
            for node in ast.walk(frame.view.node or ast.Pass())
            if isinstance(node, ast.For | ast.AsyncFor | ast.comprehension) and node.iter.lineno == row.line
        ]
        target = loops[0].target if loops else ast.Name("item")
        given = [
            builder.captured(frame, node.id, f"{frame.index}.{node.id}")
            if node.id in frame.variables and trust(frame.variables[node.id]) < KNOWN
            else _mock(builder, node.id)
            for node in ast.walk(target)
            if isinstance(node, ast.Name)
        ]
        items = ast.List([given[0] if isinstance(target, ast.Name) else ast.Tuple(given)])
        waits = bool(loops) and (isinstance(loops[0], ast.AsyncFor) or bool(getattr(loops[0], "is_async", 0)))
        _give(builder, replace(row, parts=(*row.parts, "__aiter__", "()")) if waits else row, items)


def sites(scene: Scene) -> Iterator[Site]:
    """The functions nearest to the crash, their unknown arguments and objects mocked."""
    frames = [item for item in scene.repo_frames if item.view.node is not None and not item.is_comprehension]
    for place, frame in enumerate(reversed(frames[-MOST_FRAMES:])):
        if not frame.view.nested and (place or len(frames) == 1):
            for extra, (bare, outside) in enumerate(((False, False), (True, False), (False, True), (True, True))):
                if frame.view.classes or not bare:
                    cost = 3.0 + 0.2 * place + 0.05 * extra
                    make = partial(build, frame=frame, bare=bare, outside=outside)
                    yield Site(f"unknown {frame.index} {extra}", cost, make)


def build(builder: Builder, frame: StackFrame, bare: bool, outside: bool) -> Candidate:
    """Call the frame's function with mocks for what is not known. `bare`: on an object that nothing set up;
    `outside`: objects of libraries that modules hold are mocked, too."""
    own = frame.view.parameters[:1] if frame.view.classes else []
    for name in frame.view.parameters:
        if name not in own and (name not in frame.variables or trust(frame.variables[name]) >= 1.2):
            builder.substitutes[name] = _mock(builder, name)
    if bare and own:
        builder.substitutes[own[0]] = _bare(builder, frame, own[0])
    mocked = outside and _mock_globals(builder, frame)
    if not (mocked if outside else builder.substitutes):
        raise Dead("nothing is unknown")
    builder.notes.append(NOTE)
    return direct.build(builder, frame)


def _bare(builder: Builder, frame: StackFrame, own: str) -> ast.expr:
    """An object of the frame's class without its constructor; the attributes that are read of it are mocks."""
    path = objects.runtime_class(builder, frame, frame.variables.get(own))
    owner = builder.name(builder.names.public(path))
    made = ast.Call(ast.Attribute(owner, "__new__"), [copy.deepcopy(owner)], [])
    subject = builder.assign(own, made, keep=True)
    same = [item for item in builder.scene.repo_frames if item.view.classes == frame.view.classes and item.view.node]
    read = {
        part.attr: None
        for item in same
        for part in ast.walk(item.view.node or ast.Pass())
        if isinstance(part, ast.Attribute)
        and isinstance(part.value, ast.Name)
        and part.value.id in item.view.parameters[:1]
        and isinstance(part.ctx, ast.Load)
    }
    for name in read:
        if not name.startswith("__") and not builder.names.exists(f"{path}.{name}"):
            builder.add(ast.Assign([ast.Attribute(subject, name, ast.Store())], _new(builder, "MagicMock"), lineno=0))
    return subject


def _mock_globals(builder: Builder, frame: StackFrame) -> int:
    """Put mocks in the place of clients, sessions and pools that modules of the stack hold. How many."""
    count = 0
    for item in (frame, *(other for other in builder.scene.repo_frames if other.index > frame.index)):
        nodes = list(ast.walk(item.view.node)) if item.view.node else []
        for name in dict.fromkeys(node.id for node in nodes if isinstance(node, ast.Name)):
            if builder.is_local(item, name) or not _speaks_to_the_world(builder, f"{item.module}:{name}"):
                continue
            words = [builder.import_module(item.module), ast.Constant(name), _mock(builder, name)]
            builder.add(ast.Expr(ast.Call(ast.Attribute(builder.fixture("monkeypatch"), "setattr"), words, [])))
            count += 1
    return count


def _speaks_to_the_world(builder: Builder, path: str) -> bool:
    """Whether a module's name is an object of an installed library, no part of the language or of the program."""
    found = builder.names.describe(path)
    top = str(found.get("type") or "").split(".")[0]
    is_object = "error" not in found and found.get("kind") not in ("class", "module")
    return is_object and top not in ("builtins", "", *builder.scene.packages) and not is_stdlib(top)


def _new(builder: Builder, kind: str, *keywords: ast.keyword) -> ast.expr:
    return ast.Call(builder.name(f"unittest.mock:{kind}"), [], list(keywords))


def _mock(builder: Builder, name: str) -> ast.expr:
    return builder.assign(name, _new(builder, "MagicMock"), keep=True)


def _give(builder: Builder, row: Row, value: ast.expr) -> None:
    """Set what the mock at the end of the way is."""
    builder.add(ast.Assign([_at(row.root, row.parts)], value, lineno=0))


def _await(builder: Builder, row: Row) -> bool:
    """A call that was awaited gives a mock once it is awaited."""
    if len(row.parts) < 2 or row.parts[-2] == "()":
        return False
    given = ast.keyword("return_value", _mock(builder, f"{row.parts[-2]}_result"))
    builder.add(ast.Assign([_at(row.root, row.parts[:-1])], _new(builder, "AsyncMock", given), lineno=0))
    return True


def _at(root: str, parts: Sequence[str]) -> ast.expr:
    """The mock at the end of the way, to be set: `root.get.return_value.name`."""
    node: ast.expr = ast.parse(root, mode="eval").body
    for part in parts:
        if part == AWAITED:  # what an awaited mock gives is its return value
            continue
        node = ast.Attribute(node, "return_value" if part == "()" else part, ast.Load())
    if isinstance(node, ast.Attribute):
        node.ctx = ast.Store()
    return node


def _rows(told: object) -> Iterator[Row]:
    for item in told if isinstance(told, list) else ():
        match item:
            case ["held", str(path), str(function), str(name), str(root), [*parts]]:
                yield Row("held", root, tuple(map(str, parts)), path, function, name)
            case ["looped", str(path), str(function), int(line), str(root), [*parts]]:
                yield Row("looped", root, tuple(map(str, parts)), path, function, line=line)
            case ["awaited", str(root), [*parts]]:
                yield Row("awaited", root, tuple(map(str, parts)))


def _with(candidate: Candidate, builder: Builder) -> Candidate:
    """The candidate with the builder's statements before its last one."""
    fresh = [
        node for node, _ in builder.items if not isinstance(node, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor)
    ]
    body = [copy.deepcopy(item) for item in candidate.body]
    block = body
    while isinstance(block[-1], ast.With | ast.AsyncWith) and len(block[-1].body) > 0 and not _is_pass(block[-1].body):
        block = block[-1].body
    block[-1:] = [*fresh, block[-1]]
    return replace(
        candidate,
        imports=tuple(sorted({*candidate.imports, *builder.imports.values()})),
        body=tuple(body),
        fixtures=tuple(dict.fromkeys((*candidate.fixtures, *builder.fixtures))),
        notes=tuple(dict.fromkeys((*candidate.notes, *builder.notes, NOTE))),
    )


def _is_pass(body: Sequence[ast.stmt]) -> bool:
    return len(body) == 1 and isinstance(body[0], ast.Pass)
