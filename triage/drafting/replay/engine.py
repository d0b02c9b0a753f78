"""One replay from start to end, in a thread: servers, search, minimising, the written test."""

import ast
import itertools
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from triage.codebase import layout
from triage.domain.code_path import CodePath
from triage.domain.event import Event
from triage.domain.judge import Judgement, judge_before
from triage.domain.verdict import ExpectedFailure, Isolation
from triage.drafting.replay import explain
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import examples
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching.fuzz import Fuzzing
from triage.drafting.replay.searching.repeated import shorter_first
from triage.drafting.replay.searching.search import SLOW, Findings, Search, Tried, explore
from triage.drafting.replay.searching.server import INSIDE, Outcome, ReplayServer
from triage.drafting.replay.searching.tree import size_of, tidied
from triage.drafting.replay.searching.unknowns import Unknowns
from triage.drafting.replay.searching.unknowns import sites as unknown_sites
from triage.drafting.replay.smaller.minimise import minimised
from triage.drafting.replay.smaller.scrub import scrubbed
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Scene, build_scene
from triage.drafting.replay.world import django_world
from triage.drafting.replay.written.answered import read_body
from triage.drafting.replay.written.naming import called
from triage.drafting.replay.written.observed import innermost, observed
from triage.drafting.replay.written.skeleton import Skeleton, skeleton
from triage.drafting.replay.written.style import Style, read_style
from triage.drafting.replay.written.writing import Written, write
from triage.execution.sandbox import wrap
from triage.execution.view import interpreter_folders

MINIMISE_SECONDS = 1.8
CANDIDATE_SECONDS = 6.0
# Seconds for candidates as they are before values are changed: with captured values, and without any.
SEARCH_SECONDS, POOR_SECONDS = 8.0, 3.0
# On a slow machine at least so many of those with captured values, in up to half of the budget; on a fast one
# no more than so many at first.
PLAIN_CANDIDATES, MOST_PLAIN = 220, 400
# Then the part of the rest for changing values. With captured values no more than these seconds for that and
# for the candidates left over: of 100 crashes reproduced from captured values none needed a changed value or
# more than 180 candidates, and who waits for nothing wants to hear so.
FUZZ_SHARE, FUZZ_SECONDS, LAST_SECONDS = 0.75, 4.0, 2.5
# Seconds for finding out what mocks stand for.
UNKNOWN_SECONDS = 4.0
# Seconds for what the SDK sent, where the values of our hook led nowhere; on a slow machine at least so many
# candidates, in up to this part of the budget.
SENT_SECONDS, SENT_CANDIDATES, SENT_SHARE = 6.0, 60, 0.3
# Seconds for something better than what reproduces and the fix does not mend.
PATIENCE = 6.0
Say = Callable[[str, int | None], None]
# What a test will need besides the code under test.
PYTEST = ("pytest", "_pytest")


@dataclass
class Session:
    """What one replay needs, and what it found. `inputs` are the characters of the candidate before and
    after it was made smaller. `fix_imports`: the fixed code can be imported here. `bytecode` is a folder with
    compiled modules to use; `imported` hears from another thread which files were imported. `stop` may be
    called from another thread."""

    event: Event
    code_path: CodePath
    expected: ExpectedFailure
    repo: Path
    interpreter: Path
    interpreter_roots: Sequence[Path]
    import_roots: tuple[str, ...]
    tier: Isolation
    nearest_test: str | None
    test_folders: tuple[str, ...]
    budget: float
    buggy: Path
    fixed: Path | None
    say: Say
    memory_mb: int = 2048
    bytecode: Path | None = None
    imported: Callable[[Mapping[str, Any]], None] = lambda answer: None
    findings: Findings = field(default_factory=Findings)
    scene: Scene | None = None
    style: Style = field(default_factory=Style)
    inputs: tuple[int, int] | None = None
    fix_imports: bool = True
    _servers: list[ReplayServer] = field(default_factory=list)
    _stopped: bool = False

    def stop(self) -> None:
        """End all processes; a running `run` then ends soon."""
        self._stopped = True
        for server in self._servers:
            server.close()

    def run(self) -> Tried | None:
        """The best candidate that reproduces, made small; None when nothing does (see `findings`)."""
        self.style = read_style(self.buggy, self.nearest_test, self.test_folders or layout.test_folders(self.buggy))
        try:
            self.say("reading the stack", None)
            self.scene = build_scene(self.event, self.code_path, self.buggy, self.import_roots)
            modules = list(dict.fromkeys(frame.module for frame in reversed(self.scene.repo_frames) if frame.module))
            buggy = self._start(self.buggy)
            fixed = self._start(self.fixed) if self.fixed else None
            self.say("importing the code", None)
            mined = Mined(self.buggy, self.import_roots)
            near = fixtures.conftests(self.buggy, self.style.folder)
            with ThreadPoolExecutor(1) as pool:
                importing = pool.submit(_load, fixed, mined, modules, near) if fixed is not None else None
                told = _load(buggy, mined, modules, near)
            heard = buggy.files(() if self.bytecode else PYTEST)
            heard.add_done_callback(lambda done: self.imported(done.result()))
            if importing is not None and not _imports(importing.result()):
                fixed, self.fix_imports = None, False
            self.scene = replace(self.scene, fixtures=fixtures.read(mined, near, told.get("conftests") or {}))
            names = Names(buggy, self.scene.packages, modules)
            started = time.monotonic()  # the budget is for the search: slow imports don't eat it up
            deadline = started + self.budget
            endless = self.expected.type == "RecursionError"  # to get so deep takes its time
            limit = SLOW if endless else CANDIDATE_SECONDS
            search = Search(self.expected, judge, buggy, fixed, limit, self.say)
            own = {*self.scene.packages, *(module.split(".")[0] for module in mined.modules)}
            search.is_library = lambda module: module.split(".")[0] not in own
            self.say("trying candidates", None)
            poor = not any(frame.variables for frame in self.scene.repo_frames)
            candidates = explore(self.scene, names, mined, self.findings)
            if endless:
                candidates = shorter_first(candidates)
            first = min(self.budget * 0.3, POOR_SECONDS if poor else SEARCH_SECONDS)
            least = 0 if poor else PLAIN_CANDIDATES
            plain = candidates if poor else itertools.islice(candidates, MOST_PLAIN)
            search.run(plain, self.findings, started + first, least, started + self.budget * 0.5)
            if self.findings.best is not None:
                deadline = min(deadline, time.monotonic() + PATIENCE)
            if not self.findings.is_good and self.event.capture is not None:
                self._as_sent(search, names, mined, deadline)
            if not self.findings.is_good and not poor:
                self._ask_mocks(search, names, mined, min(deadline, time.monotonic() + UNKNOWN_SECONDS))
            if not self.findings.is_good:
                rest = (deadline - time.monotonic()) * FUZZ_SHARE
                until = time.monotonic() + (rest if poor else min(rest, FUZZ_SECONDS))
                known = explore(self.scene, names, mined, Findings(), list(examples.sites(self.scene)))
                scene = self.scene
                fuzzing = Fuzzing(search, lambda: Builder(scene, names, mined, Choices()), self.expected, self.findings)
                fuzzing.run(search.history, known, until)
            if not self.findings.is_good:
                last = deadline if poor else min(deadline, time.monotonic() + LAST_SECONDS)
                search.run(candidates, self.findings, last)
            best = self.findings.best
            if best is None:
                return None
            self.say("making the inputs smaller", self.findings.tried)
            best.candidate = tidied(best.candidate)
            before = size_of(best.candidate)
            best = minimised(search, best, min(MINIMISE_SECONDS, max(deadline - time.monotonic(), 0.5)))
            best = observed(search, read_body(search, scrubbed(search, best)))
            best.answers = self._answers(best)
            self.findings.best = best
            self.inputs = (before, size_of(best.candidate))
            return best
        finally:
            for server in self._servers:
                server.close()

    def _as_sent(self, search: Search, names: Names, mined: Mined, until: float) -> None:
        """The candidates that the event gives without what our hook recorded: typed values lead where objects can be
        made of them, what the SDK sent sometimes leads to a plainer call."""
        scene = self.scene
        assert scene is not None
        self.say("trying what the SDK sent", self.findings.tried)
        plain = build_scene(replace(self.event, capture=None), self.code_path, self.buggy, self.import_roots)
        plain = replace(plain, fixtures=scene.fixtures)
        sent = explore(plain, names, mined.for_another_scene(), Findings())
        now = time.monotonic()
        last = min(until, now + max(SENT_SECONDS, self.budget * SENT_SHARE))
        search.run(itertools.islice(sent, MOST_PLAIN), self.findings, now + SENT_SECONDS, SENT_CANDIDATES, last)

    def _ask_mocks(self, search: Search, names: Names, mined: Mined, until: float) -> None:
        """Mocks for what nobody captured, which are made to give what the stack's variables held."""
        scene = self.scene
        assert scene is not None
        self.say("finding out what mocks stand for", self.findings.tried)
        made = explore(scene, names, mined, Findings(), list(unknown_sites(scene)))
        builder = partial(Builder, scene, names, mined)
        unknowns = Unknowns(search, scene, lambda: builder(Choices()), self.expected, self.findings)
        unknowns.run(search.history, made, until)

    def written(
        self, best: Tried, folder: str | None = None, pinned: bool = True, ignoring: str = "", also: Sequence[str] = (),
        inside: bool = False,
    ) -> Written:  # fmt: skip
        """The test for `best`, in `folder` when the place by style does not work; it may ignore a kind of warning,
        and import modules for what their import does. `inside`: all that it needs is done in its body."""
        style = replace(self.style, inside=True, native="") if inside else self.style
        if folder is not None:
            style = replace(style, folder=folder, kind="function", camel=False)
        return write(
            self.buggy,
            self.event,
            self.expected,
            best,
            style,
            pinned,
            self._declared(best),
            ignoring,
            also,
            self.import_roots,
        )

    def registering(self, best: Tried) -> tuple[str, ...]:
        """Modules of the stack that the test does not import itself: the search had them all loaded, and what they
        register when they are imported may be how the crash was reached."""
        named = {line.split()[1] for line in best.candidate.imports}
        frames = self.scene.repo_frames if self.scene else ()
        modules = dict.fromkeys(frame.module for frame in frames if frame.name != "<module>" and frame.module)
        return tuple(module for module in modules if module not in named and not module.endswith("__main__"))

    def _declared(self, best: Tried) -> str:
        """The return annotation of the function that is called, "" without one."""
        last = best.candidate.entry.rpartition(".")[2]
        for frame in self.scene.repo_frames if self.scene else ():
            node = frame.view.node
            if isinstance(node, ast.FunctionDef) and node.name == last and node.returns is not None:
                return ast.unparse(node.returns).strip("'\"").partition("[")[0].lower()
        return ""

    def _answers(self, best: Tried) -> bool:
        """Whether the function that the test calls returns values: then None is one of them."""
        last = innermost(list(best.candidate.body))[-1]
        call = called(last.value) if isinstance(last, ast.Expr) else None
        name = ast.unparse(call.func).rpartition(".")[2] if call is not None else ""
        return any(
            isinstance(part, ast.Return) and part.value is not None and ast.unparse(part.value) != "None"
            for frame in (self.scene.repo_frames if self.scene else ())
            if isinstance(frame.view.node, ast.FunctionDef | ast.AsyncFunctionDef) and frame.view.node.name == name
            for part in ast.walk(frame.view.node)
        )

    def skeleton(self, missing: tuple[str, ...]) -> Skeleton | None:
        """What to go on from by hand; None when the stack names nothing that could be called."""
        if self.scene is None:
            return None
        nearest = self.findings.best or self.findings.nearest
        return skeleton(self.buggy, self.event, self.expected, self.scene, nearest, missing, self.style)

    def why(self) -> str:
        return explain.why(self.findings, self.expected, self.scene)

    def _start(self, worktree: Path) -> ReplayServer:
        read_only = [
            *interpreter_folders(self.interpreter_roots, self.interpreter, (Path.home(), self.repo)),
            worktree,
            INSIDE,
            *([self.bytecode] if self.bytecode else ()),
        ]
        compiled = {"PYTHONPYCACHEPREFIX": str(self.bytecode)} if self.bytecode else {}

        def into_sandbox(argv: Sequence[str], at: Path) -> tuple[list[str], Mapping[str, str]]:
            command = wrap(
                self.tier,
                argv,
                read_only=read_only,
                writable=(),
                cwd=at,
                env={"PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", **compiled},
                memory_mb=self.memory_mb,
                cpu_seconds=self.budget * 3 + 60,
            )
            return command, {"PATH": "/usr/local/bin:/usr/bin:/bin"}

        server = ReplayServer(self.interpreter, worktree, self.import_roots, into_sandbox)
        self._servers.append(server)
        return server


def _load(server: ReplayServer, mined: Mined, modules: Sequence[str], near: Sequence[str] = ()) -> dict[str, Any]:
    """Import the stack's modules, with Django set up and the conftest files read before, as pytest does."""
    if settings := mined.django_settings():
        server.ask("django", settings=settings, database=True)
    elif mined.uses_django(modules):
        tops = sorted({module.partition(".")[0] for module in modules})
        server.ask("django", settings="", apps=[*django_world.BASE_APPS, *mined.django_apps(tops)])
    known = server.ask("conftests", files=list(near)) if near else {}
    return {**server.ask("import", modules=list(modules)), "conftests": known}


def _imports(answer: Mapping[str, object]) -> bool:
    """Whether any module could be imported: a fix that cannot be imported here tells nothing."""
    modules = answer.get("modules")
    return isinstance(modules, dict) and any(isinstance(item, dict) and "file" in item for item in modules.values())


def judge(expected: ExpectedFailure, outcome: Outcome) -> Judgement:
    """The strict judgement of a candidate's run."""
    return judge_before(expected, outcome.report)
