"""Run a draft where production failed and where it is fixed, and keep what was seen."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from triage.domain.verdict import Evidence, RunResult, Verdict
from triage.errors import NotFound
from triage.services.inspect import load_case
from triage.services.situation import situation
from triage.services.steps import Output, Step, Verified
from triage.services.workspace import Workspace

if TYPE_CHECKING:
    from triage.domain.case import Case
    from triage.domain.draft import Draft
    from triage.execution.runner import RunRequest


async def verify(
    workspace: Workspace,
    draft_id: int,
    fix: str | None = None,
    stable: bool = False,
    accept_no_sandbox: bool = False,
) -> AsyncIterator[Step | Output | Verified]:
    """Run a draft before the fix and, where a fix ref is named, after it ("" none, None the
    configured one where it changes the code path).

    Yields what is being done and what pytest prints, at last the stored evidence. `stable`
    repeats the run. Raises Refused without a sandbox unless `accept_no_sandbox`.
    """
    from triage.execution.verify import check_stability, flaky, run_after, run_before

    store = workspace.store
    draft = store.draft(draft_id)
    case = await load_case(workspace, draft.issue_id)
    yield Step(f"running {draft.node_id} where production failed", side="before")
    request = await run_request(workspace, case, draft, accept_no_sandbox)
    before: RunResult | None = None
    async for item in run_before(request):
        if isinstance(item, RunResult):
            before = item
            store.add_run(draft.id, "before", item)
        else:
            yield Output(item, "before")
    fix = await fix_to_try(workspace, case, fix)
    if fix:
        yield Step(f"running it on {fix}", side="after")
        after_request = dataclasses.replace(request, ref=await resolve(workspace, fix))
        async for item in run_after(after_request, before):
            if isinstance(item, RunResult):
                store.add_run(draft.id, "after", dataclasses.replace(item, ref=fix))
            else:
                yield Output(item, "after")
    if stable and before is not None and before.verdict is Verdict.REPRODUCED:
        runs = workspace.config.run.stable_runs
        yield Step(f"repeating it {runs} times", side="before")
        seen = await check_stability(request, runs)
        if seen.unstable:
            store.add_run(draft.id, "before", flaky(before, seen))
        if seen.unstable or seen.complete:
            store.set_stability(draft.id, seen.runs, seen.unstable)
        else:
            yield Step(f"only {seen.runs} of {runs} repetitions fitted into the time: it is not shown to be stable")
        for note in seen.notes:
            yield Step(note)
    yield Verified(draft, store.evidence(draft.id))


async def fix_to_try(workspace: Workspace, case: Case, named: str | None) -> str | None:
    """The ref on which a test of this issue should pass. The configured one is for some bugs,
    not for each: it counts only where it changes the code path. Raises NotFound when the
    configured one is no commit."""
    from triage.services.fixes import changed_file

    configured = workspace.config.fix
    if named is not None or not configured:
        return named or None
    return configured if await changed_file(workspace, case, await resolve(workspace, configured)) else None


async def resolve(workspace: Workspace, ref: str) -> str:
    """The commit that `ref` names. Raises NotFound."""
    from triage.codebase.git import Git

    commit = await Git(workspace.repo).resolve(ref)
    if commit is None:
        raise NotFound(
            f"no commit {ref!r}", f"in {workspace.repo}", "name a branch, a tag or a SHA; git fetch may help"
        )
    return commit


async def run_request(workspace: Workspace, case: Case, draft: Draft, accept_no_sandbox: bool = False) -> RunRequest:
    """What the execution layer needs to run this draft where production failed."""
    interpreter = await workspace.interpreter()
    here = await situation(workspace.config, case.event, case.code_path, interpreter, case.covering, accept_no_sandbox)
    return here.run_request(workspace.config, draft.path, draft.source, draft.test_name)


def best(evidence: Evidence) -> str:
    """The word the inbox shows for a draft: its verdict after the fix if there is one."""
    if evidence.after is not None and evidence.reproduces:
        return evidence.after.verdict.value
    return evidence.before.verdict.value if evidence.before else "not run"
