"""Run one of the repo's own tests, in the sandbox, at HEAD."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from triage.domain.verdict import Isolation, RunReport
from triage.errors import NotFound
from triage.services.situation import sandbox_tier
from triage.services.steps import Output, Step
from triage.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class TestRan:
    """How an existing test ended: "passed", "failed", "skipped", or "none" when it never ran;
    `why` says what went wrong, in one line."""

    node_id: str
    outcome: str
    why: str
    seconds: float
    commit: str
    isolation: Isolation

    @property
    def word(self) -> str:
        """How it ended, in a word or two."""
        return "did not run" if self.outcome == "none" else self.outcome

    @property
    def in_words(self) -> str:
        """One line: "passed in 0.31 s at a1b2c3d"."""
        why = f": {self.why}" if self.why else ""
        return f"{self.word} in {self.seconds:.2f} s at {self.commit[:7]} ({self.isolation}){why}"


async def run_test(
    workspace: Workspace, node_id: str, accept_no_sandbox: bool = False
) -> AsyncIterator[Step | Output | TestRan]:
    """Run a test of the repo as it is at HEAD, without changing anything.

    Ends in TestRan. Raises NotFound when its file is not there, Refused without a sandbox
    unless `accept_no_sandbox`.
    """
    from triage.codebase.git import Git
    from triage.codebase.layout import import_roots
    from triage.execution.runner import RunRequest
    from triage.execution.runner import run_test as run

    config = workspace.config
    tier = await asyncio.to_thread(sandbox_tier, config, accept_no_sandbox)
    path, _, name = node_id.partition("::")
    git = Git(workspace.repo)
    head = await git.head()
    source = await git.show(head, path)
    if source is None:
        raise NotFound(f"{path} is not in the commit at HEAD", f"{head[:10]}", "commit it, or choose another test")
    interpreter = await workspace.interpreter()
    yield Step(f"running {node_id} at {head[:7]}")
    request = RunRequest(
        repo=workspace.repo,
        ref=head,
        interpreter_path=interpreter.path,
        interpreter_roots=(interpreter.prefix, interpreter.base_prefix, interpreter.purelib),
        import_roots=import_roots(workspace.repo),
        test_path=path,
        test_source=source,
        test_name=name,
        expected=None,
        tier=tier,
        timeout=config.run.timeout,
        memory_mb=config.run.memory,
        watch=False,
    )
    async for item in run(request):
        if isinstance(item, RunReport):
            yield TestRan(node_id, item.outcome, _why(item), item.seconds, head, tier)
        else:
            yield Output(item)


def _why(report: RunReport) -> str:
    if report.timed_out:
        return "it took too long"
    if report.denied:
        return f"the sandbox refused {report.denied[0]}"
    if report.trouble:
        return report.trouble
    if report.exceptions and report.outcome != "passed":
        raised = report.exceptions[0]
        where = "" if report.phase == "call" else f" in {report.phase}"
        return f"{raised.type}{where}: {(raised.message.splitlines() or [''])[0][:200]}"
    return ""
