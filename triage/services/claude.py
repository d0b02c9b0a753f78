"""Drafts by Claude: show exactly what would be sent, send it, run what comes back, try again."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator, Iterable
from typing import TYPE_CHECKING

from triage.domain.case import Case
from triage.domain.draft import Draft, Strategy
from triage.domain.ranking import unproven
from triage.domain.verdict import Evidence
from triage.errors import Unavailable
from triage.services.drafts import claude_unavailable
from triage.services.inspect import load_case
from triage.services.situation import model_test_file, sandbox_tier
from triage.services.steps import Delta, Drafted, Output, PromptPreview, Step, Verified
from triage.services.verify import verify
from triage.services.workspace import Workspace

if TYPE_CHECKING:
    from triage.drafting.claude import Attempt, ClaudeDraft
    from triage.drafting.prompt import Prompt

MOST_TESTS = 2
MOST_TAKEN = 200
GUIDE = "CLAUDE.md"


async def preview_prompt(
    workspace: Workspace, issue_id: int, instruction: str = "", parent: int | None = None
) -> PromptPreview:
    """Exactly what drafting would send first. Nothing is sent: the tokens are estimated here,
    the cost is theirs plus a full answer's at the configured price. Raises NotFound, BadInput."""
    from triage.drafting.claude import cost, estimate_tokens

    settings = workspace.config.claude
    prompt, _ = await _prompt(workspace, issue_id, instruction)
    tokens = estimate_tokens(prompt)
    user = prompt.user
    for attempt in _earlier(workspace, parent, instruction):
        from triage.drafting.claude import feedback

        told = f"{attempt.source}\n\n{feedback(prompt, attempt)}"
        user = f"{user}\n\n-- the draft so far, and what became of it --\n\n{told}"
        tokens += round(len(told) / 3.5)
    return PromptPreview(
        system=prompt.system,
        user=user,
        model=settings.model,
        tokens=tokens,
        cost=cost(settings, tokens, settings.max_tokens),
        hash=prompt.hash,
    )


async def draft_by_claude(
    workspace: Workspace,
    issue_id: int,
    instruction: str = "",
    parent: int | None = None,
    fix: str | None = None,
    accept_no_sandbox: bool = False,
) -> AsyncIterator[Step | Output | Delta | Drafted]:
    """Ask for a test, run it, and send its verdict back until it reproduces or the configured
    attempts are used up. Every answer is kept as a revision; `parent` is the draft to improve.

    Ends in Drafted with the best of them. Raises Unavailable without credentials or network,
    Refused without a sandbox unless `accept_no_sandbox`; drafts made before stay stored.
    """
    from triage.drafting.claude import Attempt, ClaudeDraft, draft
    from triage.drafting.lint import lint

    if reason := claude_unavailable(workspace):
        raise Unavailable("Claude cannot draft here", reason, "d drafts by replay, without a model")
    await asyncio.to_thread(sandbox_tier, workspace.config, accept_no_sandbox)
    settings = workspace.config.claude
    yield Step("making the prompt")
    prompt, case = await _prompt(workspace, issue_id, instruction)
    attempts = list(_earlier(workspace, parent, instruction))
    best: tuple[Draft, Evidence] | None = None
    spent = 0.0
    for number in range(1, settings.attempts + 1):
        yield Step(f"{settings.model} drafts", number, settings.attempts)
        answer: ClaudeDraft | None = None
        asked = time.monotonic()
        async for piece in draft(prompt, settings, tuple(attempts)):
            if isinstance(piece, ClaudeDraft):
                answer = piece
            else:
                yield Delta(piece)
        if answer is None:
            break
        spent += answer.cost or 0.0
        took = time.monotonic() - asked
        findings = lint(answer.source)
        said = tuple(f"line {finding.line}: {finding.message}" for finding in findings)
        attempt = Attempt(answer.path, answer.source, answer.test_name, findings=said, explanation=answer.explanation)
        if any(finding.refuses for finding in findings):
            yield Step(f"not run: {'; '.join(said[:3])}")
            attempts.append(attempt)
            continue
        kept = _keep(workspace, case, answer, best[0].id if best else parent, took)
        evidence = Evidence()
        async for item in verify(workspace, kept.id, fix, accept_no_sandbox=accept_no_sandbox):
            if isinstance(item, Verified):
                evidence = item.evidence
            else:
                yield item
        best = _better(best, (kept, evidence))
        if unproven(evidence) is None:
            break
        run = evidence.after if evidence.reproduces and evidence.after else evidence.before
        attempts.append(
            dataclasses.replace(
                attempt,
                verdict=run.verdict.value if run else "",
                why=run.why if run else "",
                output=run.output if run else "",
            )
        )
    cost = f", ${spent:.4f}" if spent else ""
    if best is None:
        last = attempts[-1].findings if attempts else ()
        why = f": {last[0]}" if last else ""
        yield Drafted(None, None, len(attempts), f"no draft could be run{why}{cost}")
        return
    reason = unproven(best[1])
    yield Drafted(best[0], best[1], len(attempts), f"{reason}{cost}" if reason else "")


async def _prompt(workspace: Workspace, issue_id: int, instruction: str) -> tuple[Prompt, Case]:
    from triage.codebase.git import Git
    from triage.codebase.layout import is_test_path, test_folders
    from triage.drafting.prompt import PromptInput, build_prompt

    case = await load_case(workspace, issue_id)
    repo = workspace.repo
    git = Git(repo)
    commit = case.code_path.commit or "HEAD"
    paths = [frame.path for frame in reversed(case.code_path.frames) if frame.path]
    sources = {path: text for path in dict.fromkeys(paths) if (text := await git.show(commit, path)) is not None}
    files = await git.list_files("HEAD")
    folders = test_folders(repo) or ("tests",)
    model = workspace.styles.get(case.issue.id, "")
    nearest = await model_test_file(repo, case.code_path, case.covering, model)
    if model:
        instruction = f"{instruction}\nWrite it in the style of the existing test {model}.".strip()
    wanted = [nearest] if nearest else []
    wanted += [test.node_id.partition("::")[0] for test in case.covering]
    tests = {path: text for path in _first(wanted, MOST_TESTS) if (text := await git.show("HEAD", path)) is not None}
    interpreter = await workspace.interpreter()
    given = PromptInput(
        case=case,
        sources=sources,
        tests=tests,
        guide=await git.show("HEAD", GUIDE) or "",
        folders=folders,
        taken=[path for path in files if is_test_path(path)][:MOST_TAKEN],
        python=".".join(map(str, interpreter.version)),
        instruction=instruction,
    )
    return await asyncio.to_thread(build_prompt, given), case


def _first(paths: Iterable[str], most: int) -> list[str]:
    return list(dict.fromkeys(paths))[:most]


def _earlier(workspace: Workspace, parent: int | None, instruction: str) -> Iterable[Attempt]:
    """The draft to improve, with its verdict, as an attempt that goes along."""
    from triage.drafting.claude import Attempt

    if parent is None:
        return
    draft = workspace.store.draft(parent)
    run = workspace.store.evidence(parent).before
    yield Attempt(
        draft.path,
        draft.source,
        draft.test_name,
        verdict=run.verdict.value if run else "",
        why=run.why if run else "",
        output=run.output if run else "",
        instruction=instruction,
    )


def _keep(workspace: Workspace, case: Case, answer: ClaudeDraft, parent: int | None, seconds: float) -> Draft:
    return workspace.store.add_draft(
        case.issue.id,
        Strategy.CLAUDE,
        answer.path,
        answer.source,
        answer.test_name,
        parent=parent,
        note=answer.explanation,
        model=answer.model,
        prompt_hash=answer.prompt_hash,
        cost=answer.cost,
        seconds=seconds,
    )


def _better(best: tuple[Draft, Evidence] | None, new: tuple[Draft, Evidence]) -> tuple[Draft, Evidence]:
    from triage.domain.ranking import ticks

    return new if best is None or ticks(new[1]).score >= ticks(best[1]).score else best
