"""Tries candidates, cheapest first, until one fails the way production failed (and the fix mends it)."""

import ast
import heapq
import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from triage.domain.judge import Judgement
from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import TEST, Candidate, Choices, Dead
from triage.drafting.replay.entries import Site, all_sites
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching.flights import Flight, Flights
from triage.drafting.replay.searching.server import Outcome, ReplayServer, outcome_of
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Scene
from triage.drafting.replay.world import worlds

MAX_BUILDS = 6000
PER_SITE = 160
SLOW = 30.0
# After so many seconds a candidate is asked of the fix as well.
EARLY = 0.75
# After so many candidates that ended in time, one that did not waits for something: it is no slow machine.
QUICK = 3
ENOUGH = 6
WAYS = 3
MOST_HISTORY = 240

WORSE_MATCHES = 50
WORSE_SECONDS = 5.0

Judge = Callable[[ExpectedFailure, Outcome], Judgement]


@dataclass
class Tried:
    """One candidate with what came of it. `body`: how the fixed code's answer to its request is read, and its value;
    `seen`: what else can be asserted of it there; `answers`: the function that is called is one that returns values."""

    candidate: Candidate
    verdict: Verdict
    outcome: Outcome
    fixed: "Fixed | None" = None
    message_same: bool | None = None
    body: tuple[str, ast.expr] | None = None
    seen: "tuple[Seen, ...]" = ()
    answers: bool = False

    @property
    def good(self) -> bool:
        """Reproduced with the message of production, and mended by the fix where one is known."""
        return self.message_same is not False and (self.fixed is None or self.fixed.works)


@dataclass(frozen=True)
class Fixed:
    """What a candidate does on the fixed commit. `works`: it returns, or raises a documented error.
    `value` is what it returns, as text that reads back when `literal`; `kind` the type of that. `seconds` it took.
    `message` is that of the error; `is_new` where its class is not there before the fix."""

    works: bool
    error: str = ""
    value: str = ""
    literal: bool = False
    kind: str = ""
    seconds: float = field(default=0.0, compare=False)
    message: str = field(default="", compare=False)
    is_new: bool = False


@dataclass(frozen=True)
class Seen:
    """`expression`, of the test's own names and `result` for what the call returned, equals `value` on the fixed
    code; it is an instance of `value` when `is_kind`. `imports` are for the value, `fixture` for the expression."""

    expression: str
    value: str
    imports: tuple[str, ...] = ()
    fixture: str = ""
    is_kind: bool = False


@dataclass
class Findings:
    """All that a search saw. `best` reproduces; None when nothing did."""

    best: Tried | None = None
    tried: int = 0
    builds: int = 0
    seconds: float = 0.0
    verdicts: Counter[str] = field(default_factory=Counter)
    dead: Counter[str] = field(default_factory=Counter)
    nearest: Tried | None = None
    reproducing: list[Tried] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether the best fails as production did and is mended by the fix."""
        return self.best is not None and self.best.good


# How near a verdict is to a reproduction, for the nearest miss.
NEARNESS = {
    Verdict.CHAIN_ONLY: 5, Verdict.WRONG_FRAME: 4, Verdict.WRONG_TYPE: 3, Verdict.PASSED: 2, Verdict.SIGNATURE: 1,
}  # fmt: skip


def explore(
    scene: Scene, names: Names, mined: Mined, findings: Findings, sites: list[Site] | None = None
) -> Iterator[Candidate]:
    """Candidates in the order of their cost, without repetitions. Dead ends are counted in `findings`."""
    heap: list[tuple[float, int, Site, dict[str, int]]] = []
    order = itertools.count()
    per_site: Counter[str] = Counter()
    for site in sites if sites is not None else all_sites(scene):
        heapq.heappush(heap, (site.cost, next(order), site, {}))
    seen: set[str] = set()
    while heap and findings.builds < MAX_BUILDS:
        _, _, site, made = heapq.heappop(heap)
        if per_site[site.key] >= PER_SITE:
            continue
        choices = Choices(made)
        findings.builds += 1
        candidate = None
        try:
            builder = Builder(scene, names, mined, choices)
            worlds.prepare(builder)
            candidate = site.build(builder)
        except Dead as dead:
            findings.dead[str(dead)] += 1
        except RecursionError:
            findings.dead["a value is nested too deeply"] += 1
        for following in choices.successors():
            heapq.heappush(heap, (site.cost + choices.next_cost(following), next(order), site, following))
        if candidate is None:
            continue
        try:
            source = candidate.source()
        except (ValueError, RecursionError, SyntaxError) as error:
            findings.dead[f"not writable: {type(error).__name__}"] += 1
            continue
        if source not in seen:
            seen.add(source)
            per_site[site.key] += 1
            yield candidate


class Search:
    """Runs candidates on the buggy commit's server, those that reproduce on the fix's too."""

    def __init__(
        self,
        expected: ExpectedFailure,
        judge: Judge,
        server: ReplayServer,
        fixed: ReplayServer | None,
        timeout: float,
        say: Callable[[str, int | None], None] = lambda text, tried: None,
    ) -> None:
        self.expected = expected
        self.judge = judge
        self.server = server
        self.fixed = fixed
        self.timeout = timeout
        self.alone = timeout >= SLOW
        self.quick = 0
        self.patience = 1
        self.say = say
        self.is_library: Callable[[str], bool] = lambda module: False
        self.loaded: set[str] = set()
        self.prelude = ""
        self.history: list[Tried] = []
        self.unfinished: list[Candidate] = []
        self._early: dict[int, tuple[Candidate, Future[dict[str, Any]], float]] = {}

    def run(
        self, candidates: Iterator[Candidate], findings: Findings, deadline: float, least: int = 0, last: float = 0.0
    ) -> None:
        """Until a candidate reproduces (and passes on the fix where one is known), or time is up.

        Before `least` candidates have been tried, time is up at `last`. What was under way then is the
        first to be tried when the search goes on.
        """
        started = time.monotonic()
        flights = Flights(self.submit, itertools.chain(self.unfinished, candidates), self.whole, self.alone)
        first_seen: tuple[int, float] | None = None
        until = (lambda: max(deadline, last) if findings.tried < least else deadline) if least else (lambda: deadline)
        while (flight := flights.next(until, self.ask_fix_early)) is not None:
            tried = self.verdict(flight.candidate, flight.future)
            self.note(findings, tried)
            self.quick += tried.verdict is not Verdict.TIMEOUT
            self.patience -= tried.verdict is Verdict.TIMEOUT
            if tried.verdict is Verdict.REPRODUCED:
                tried.fixed = self.on_fix(flight.candidate, max(flight.limit, self.timeout))
                findings.reproducing.append(tried)
                if findings.best is None or rank(tried) > rank(findings.best):
                    findings.best = tried
                if tried.good:
                    break
            if self.fix_is_none(findings):
                break
            if findings.best is not None and findings.best.fixed and findings.best.fixed.works:
                first_seen = first_seen or (findings.tried, time.monotonic())
                if findings.tried - first_seen[0] > WORSE_MATCHES or time.monotonic() - first_seen[1] > WORSE_SECONDS:
                    break
        self.unfinished = flights.unfinished()
        self.server.cancel()
        self.forget_early()
        findings.seconds = time.monotonic() - started

    def whole(self) -> float:
        """Seconds for a candidate that did not end soon. A slow machine is given more, once: when others ended in
        time, or the first ended with no time at all, it waits for something."""
        return SLOW if self.quick < QUICK and self.patience > 0 else self.timeout

    def ask_fix_early(self, flight: Flight) -> None:
        """Run a candidate that takes its time on the fix too, before it is known whether that will be wanted."""
        if self.fixed is None or time.monotonic() - flight.since < EARLY or id(flight.candidate) in self._early:
            return
        self.forget_early()
        future = self.fixed.submit(flight.candidate.source(), TEST, flight.limit)
        self._early[id(flight.candidate)] = (flight.candidate, future, flight.limit)

    def forget_early(self) -> None:
        if self._early and self.fixed is not None:
            self.fixed.cancel()
        self._early.clear()

    def fix_is_none(self, findings: Findings) -> bool:
        """Whether the fix lets every candidate that reproduces fail as before: it is no fix of this bug."""
        seen = [item for item in findings.reproducing if item.fixed is not None]
        ways = {item.candidate.entry for item in seen}
        enough = len(seen) >= ENOUGH * 4 or (len(seen) >= ENOUGH and len(ways) >= WAYS)
        return enough and all(item.fixed is not None and item.fixed.error == self.expected.type for item in seen)

    def submit(self, candidate: Candidate, limit: float = 0.0) -> "Future[dict[str, Any]]":
        """Start a candidate; `limit` in seconds, without one the search's own."""
        self.load(candidate)
        return self.server.submit(self.prelude + candidate.source(), TEST, limit or self.timeout)

    def load(self, candidate: Candidate) -> None:
        """Import the libraries of a candidate before it is forked, once for all candidates."""
        named = {line.split()[1] for line in candidate.imports}
        fresh = sorted(name for name in named - self.loaded if self.is_library(name))
        self.loaded |= named
        if fresh:
            for server in (self.server, self.fixed):
                if server is not None:
                    server.load(fresh)

    def verdict(self, candidate: Candidate, future: "Future[dict[str, Any]]") -> Tried:
        outcome = outcome_of(future.result(SLOW + 10))
        judgement = self.judge(self.expected, outcome)
        return Tried(candidate, judgement.verdict, outcome, message_same=judgement.message_same)

    def try_one(self, candidate: Candidate) -> Tried:
        return self.verdict(candidate, self.submit(candidate))

    def note(self, findings: Findings, tried: Tried) -> None:
        findings.tried += 1
        if len(self.history) < MOST_HISTORY:
            self.history.append(tried)
        if findings.tried % 25 == 0:
            self.say("trying candidates", findings.tried)
        findings.verdicts[tried.verdict.value] += 1
        near = NEARNESS.get(tried.verdict, 0)
        if findings.nearest is None or near > NEARNESS.get(findings.nearest.verdict, 0):
            findings.nearest = tried

    def on_fix(self, candidate: Candidate, limit: float = 0.0) -> Fixed | None:
        """What the candidate does once the bug is fixed, in `limit` seconds; None where no fix is known."""
        if self.fixed is None:
            return None
        _, asked, limit = self._early.pop(id(candidate), (candidate, None, limit or self.timeout))
        if asked is None:
            asked = self.fixed.submit(candidate.source(), TEST, limit)
        outcome = outcome_of(asked.result(limit + 10))
        took = outcome.report.seconds
        if outcome.outcome == "returned":
            told = outcome.value
            kind = str(told.get("type", ""))
            return Fixed(True, "", str(told.get("repr", "")), bool(told.get("literal")), kind, took)
        if outcome.outcome == "raised" and outcome.report.exceptions:
            first = outcome.report.exceptions[0]
            works = documented(outcome, self.expected) and not of_a_mock(candidate, first.type)
            return Fixed(works, error=first.type, seconds=took, message=first.message or "")
        return Fixed(False, seconds=took)


def rank(tried: Tried) -> tuple[bool, bool]:
    """Which of two reproducing candidates is better: mended by the fix, then the same message."""
    return (tried.fixed is None or tried.fixed.works), tried.message_same is not False


def of_a_mock(candidate: Candidate, error: str) -> bool:
    """Whether what is not implemented may be so because a mock was handed in: that answers nobody's input."""
    return error == "NotImplementedError" and "Mock(" in candidate.source()


def documented(outcome: Outcome, expected: ExpectedFailure) -> bool:
    """Whether the error of the fixed code is one that it raises on purpose, of another type than the crash."""
    first = outcome.report.exceptions[0]
    if first.type == expected.type or first.signature or first.deepest_in_test:
        return False
    if first.type in ("SystemExit",):
        return True
    return bool(first.points) and str(outcome.raised.get("raise_line", "")).startswith(("raise ", "raise"))
