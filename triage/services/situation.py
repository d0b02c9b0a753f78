"""What replay needs to know about one event: code path, expected failure, interpreter, place."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from triage.config import Config
from triage.domain.code_path import CodePath, CoveringTest
from triage.domain.event import Event
from triage.domain.expected import expected_failure
from triage.domain.fidelity import Fidelity, grade
from triage.domain.verdict import ExpectedFailure, Isolation
from triage.errors import NotFound, Refused

if TYPE_CHECKING:
    from triage.codebase.interpreter import Interpreter
    from triage.drafting.replay import ReplayRequest
    from triage.execution.runner import RunRequest


@dataclass(frozen=True, slots=True)
class Situation:
    """One event on one checkout, ready to be reproduced there."""

    repo: Path
    event: Event
    code_path: CodePath
    expected: ExpectedFailure | None
    fidelity: Fidelity
    missing: tuple[str, ...]
    interpreter: Interpreter
    import_roots: tuple[str, ...]
    tier: Isolation
    commit: str
    nearest_test: str | None

    @property
    def interpreter_roots(self) -> tuple[Path, ...]:
        return (self.interpreter.prefix, self.interpreter.base_prefix, self.interpreter.purelib)

    def replay_request(self, budget: float, fix_commit: str | None) -> ReplayRequest:
        """For the replay strategy; `budget` in seconds. Raises NotFound when no frame lies in
        the checkout: there is nothing to reproduce then."""
        from triage.drafting.replay import ReplayRequest

        if self.expected is None:
            raise NotFound("no frame of the event lies in this checkout", str(self.repo), "see [[path_map]]")
        return ReplayRequest(
            event=self.event,
            code_path=self.code_path,
            expected=self.expected,
            repo=self.repo,
            commit=self.commit,
            interpreter_path=self.interpreter.path,
            interpreter_roots=self.interpreter_roots,
            import_roots=self.import_roots,
            tier=self.tier,
            nearest_test=self.nearest_test,
            budget_seconds=budget,
            fix_commit=fix_commit,
        )

    def run_request(self, config: Config, test_path: str, source: str, test_name: str) -> RunRequest:
        """For the runner: this test, where production failed."""
        from triage.execution.runner import RunRequest

        return RunRequest(
            repo=self.repo,
            ref=self.commit,
            interpreter_path=self.interpreter.path,
            interpreter_roots=self.interpreter_roots,
            import_roots=self.import_roots,
            test_path=test_path,
            test_source=source,
            test_name=test_name,
            expected=self.expected,
            tier=self.tier,
            timeout=config.run.timeout,
            memory_mb=config.run.memory,
        )


async def situation(
    config: Config,
    event: Event,
    code_path: CodePath,
    interpreter: Interpreter,
    covering: tuple[CoveringTest, ...] = (),
    accept_no_sandbox: bool = False,
    model: str = "",
) -> Situation:
    """Everything about `event` on the checkout. `model` is the test (node id) that somebody took
    as the model for the new one; without it the nearest test file is. Raises Refused without a
    sandbox unless `accept_no_sandbox`, and what git raises for a repo that cannot be read."""
    from triage.codebase.git import Git
    from triage.codebase.layout import import_roots

    repo = config.repo
    tier = await asyncio.to_thread(sandbox_tier, config, accept_no_sandbox)
    nearest = await model_test_file(repo, code_path, covering, model)
    fidelity, missing = grade(event)
    return Situation(
        repo=repo,
        event=event,
        code_path=code_path,
        expected=expected_failure(event, code_path),
        fidelity=fidelity,
        missing=missing,
        interpreter=interpreter,
        import_roots=import_roots(repo),
        tier=tier,
        commit=code_path.commit or await Git(repo).head(),
        nearest_test=nearest,
    )


async def model_test_file(
    repo: Path, code_path: CodePath, covering: tuple[CoveringTest, ...], model: str = ""
) -> str | None:
    """The test file whose style a new test takes: that of `model` (a node id) where it is still
    there, else the nearest to the crash; None when the repo has no tests."""
    from triage.codebase.layout import nearest_test_file

    crash = code_path.crash
    named = model.partition("::")[0]
    there: bool = bool(named) and await asyncio.to_thread(_is_file_of, repo, named)
    if there:
        return named
    if crash is None or not crash.path:
        return None
    return await asyncio.to_thread(nearest_test_file, repo, crash.path, covering)


def _is_file_of(repo: Path, path: str) -> bool:
    root = repo.resolve()
    return (root / path).is_file() and (root / path).resolve().is_relative_to(root)


def sandbox_tier(config: Config, accept_none: bool) -> Isolation:
    """The tier a run will get. Raises Refused when it would be none and nobody agreed."""
    from triage.errors import UsageError
    from triage.execution.sandbox import best_tier

    if config.run.tier:
        try:
            tier = Isolation(config.run.tier)
        except ValueError as error:
            known = ", ".join(item.value for item in Isolation)
            raise UsageError(f"unknown sandbox tier {config.run.tier!r}", "run.tier", f"known: {known}") from error
    else:
        tier = best_tier()
    if tier is Isolation.NONE and not accept_none:
        raise Refused(
            "no sandbox on this machine",
            "a draft is code made from outside input",
            "install bubblewrap, or agree to this one run with --no-sandbox",
        )
    return tier
