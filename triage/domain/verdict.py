"""How a run of a draft ended, and what the runs of one draft prove together."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Verdict(StrEnum):
    """Before the fix: SYNTAX to REPRODUCED. After it: PASSES to GREEN_WITHOUT_FIX."""

    SYNTAX = "SYNTAX"
    COLLECT_ERROR = "COLLECT_ERROR"
    SETUP_ERROR = "SETUP_ERROR"
    SIGNATURE = "SIGNATURE"
    PASSED = "PASSED"
    ASSERT_ONLY = "ASSERT_ONLY"
    WRONG_TYPE = "WRONG_TYPE"
    WRONG_FRAME = "WRONG_FRAME"
    CHAIN_ONLY = "CHAIN_ONLY"
    DENIED = "DENIED"
    TIMEOUT = "TIMEOUT"
    KILLED = "KILLED"
    FLAKY = "FLAKY"
    REPRODUCED = "REPRODUCED"

    PASSES = "PASSES"
    STILL_SAME = "STILL_SAME"
    FAILS_OTHER = "FAILS_OTHER"
    VACUOUS = "VACUOUS"
    GREEN_WITHOUT_FIX = "GREEN_WITHOUT_FIX"


class Isolation(StrEnum):
    """Sandbox tiers, strongest first."""

    BUBBLEWRAP = "bubblewrap"
    NAMESPACES = "namespaces"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class FailurePoint:
    """One frame of a failure in the repo: path from the root, qualified name, source line.

    `line` is stripped source text; `lineno` only breaks ties.
    """

    path: str
    qualname: str
    line: str
    lineno: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectedFailure:
    """The failure production saw: what a draft must make happen again.

    `type` is the exception's qualified type ("KeyError", "shop.errors.OutOfStock").
    `points` are the in-app frames that lie in the checkout, outermost first; the last is
    where it crashed. `alternatives` are the other exceptions of a group or chain that count
    as the same failure (a group's leaves). `raised_outside` says whether code that is not in the
    checkout (a library) raised it below the last point; None when nobody knows. `link` says of
    an alternative why it is one: "group" (counts as the same failure), "recursion" (the same
    stack cut elsewhere), "chain" (a cause or context: raised alone it is not the failure).
    """

    type: str
    message: str
    points: tuple[FailurePoint, ...]
    alternatives: tuple["ExpectedFailure", ...] = ()
    raised_outside: bool | None = None
    link: str = "group"


@dataclass(frozen=True, slots=True)
class SeenException:
    """One exception a run saw. `points` are its frames in the worktree, outermost first.

    `deepest_in_test` says that it was raised in the test's own frame; `signature` that the
    call itself was refused (TypeError at the call boundary). `link` is "raised" for the
    exception itself, else "cause", "context" or "group" for what hangs on it. The test file's
    own frames are no points. `injected` is "test" or "mock" when the draft's own code or a mock
    raised it below the last point, else the function that C code was put in the place of.
    `refused`: what the sandbox refused, when it says so. `forged`: why these frames or this type
    are not to be believed.
    """

    type: str
    message: str
    points: tuple[FailurePoint, ...]
    link: str = "raised"
    mro: tuple[str, ...] = ()
    deepest_in_test: bool = False
    signature: bool = False
    injected: str = ""
    refused: str = ""
    forged: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """What the probe saw of one test in one run; facts only, no judgement.

    `phase` is where it ended: "collect", "setup", "call", "teardown" or "" when it never got
    there. `outcome` is "passed", "failed", "skipped" or "none". `exceptions[0]` is the one
    raised. `crash_function_ran`: the crash function's code was entered. `denied` lists what
    the sandbox refused, `tampered` what the draft did to find or fool its judge.
    `foreign_modules` are repo modules imported from elsewhere. `trouble`
    says in words why there was no run to judge (no pytest, no such test, unknown option);
    `code_ran` are the repo's functions that were entered, by path and qualified name.
    `settings_failed`: it was the repo's pytest settings or conftest files, before any collection.
    """

    phase: str
    outcome: str
    exceptions: tuple[SeenException, ...] = ()
    crash_function_ran: bool = False
    denied: tuple[str, ...] = ()
    foreign_modules: tuple[str, ...] = ()
    changed_files: tuple[str, ...] = ()
    timed_out: bool = False
    killed: bool = False
    assertions_reached: bool = True
    seconds: float = 0.0
    output: str = ""
    functions_ran: tuple[int, ...] = ()
    functions_missing: tuple[int, ...] = ()
    trouble: str = ""
    settings_failed: bool = False
    notes: tuple[str, ...] = ()
    tampered: tuple[str, ...] = ()
    code_ran: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RunResult:
    """One judged run: at which commit, in which isolation, what came out and why."""

    verdict: Verdict
    why: str
    ref: str
    commit: str
    isolation: Isolation
    seconds: float
    when: datetime
    output: str = ""
    frames_matched: int = 0
    message_same: bool | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """All runs of one draft. `stable_runs` is how many repetitions agreed (0: not checked)."""

    before: RunResult | None = None
    after: RunResult | None = None
    stable_runs: int = 0
    unstable: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def reproduces(self) -> bool:
        return self.before is not None and self.before.verdict is Verdict.REPRODUCED

    @property
    def fixed(self) -> bool:
        return self.after is not None and self.after.verdict is Verdict.PASSES

    @property
    def line(self) -> str:
        """One line of evidence: `before REPRODUCED @ a1b2c3d, after PASSES @ fix`."""
        parts = []
        for word, run in (("before", self.before), ("after", self.after)):
            if run is not None:
                named = run.ref if run.ref and run.ref != run.commit else run.commit[:8]
                parts.append(f"{word} {run.verdict} @ {named}")
        if self.stable_runs:
            parts.append(f"{'unstable' if self.unstable else 'stable'} over {self.stable_runs} runs")
        return ", ".join(parts) or "not run yet"
