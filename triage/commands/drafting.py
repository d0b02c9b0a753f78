"""draft and verify."""

import argparse
import asyncio

from triage.commands.context import workspace
from triage.commands.output import follow, print_json, say, show
from triage.domain.verdict import Evidence
from triage.errors import UsageError
from triage.services import claude, drafts
from triage.services.steps import Drafted, Verified
from triage.services.workspace import Workspace


def draft(options: argparse.Namespace) -> int:
    """`triage draft ISSUE`: exit code 0 when the stored draft reproduces (and passes on the fix)."""
    return asyncio.run(_draft(options))


async def _draft(options: argparse.Namespace) -> int:
    here = workspace(options)
    issue = here.store.issue(options.issue)
    if options.like:
        if not (here.repo / options.like.partition("::")[0]).is_file():
            raise UsageError(f"no test {options.like}", f"in {here.repo}", "name it as pytest does: tests/test_x.py")
        here.styles[issue.id] = options.like
    if options.strategy == "claude":
        if not options.yes:
            return await _preview(here, issue.id, options)
        steps = claude.draft_by_claude(here, issue.id, options.instruction, None, options.fix, options.no_sandbox)
    else:
        steps = drafts.draft_by_replay(here, issue.id, options.fix, options.budget, options.no_sandbox)
    done = await follow(steps, Drafted, quiet=options.json)
    if options.json:
        print_json(done)
    elif done.draft is None:
        show(f"no draft: {done.why}")
    else:
        say(
            f"draft {done.draft.id} ({done.candidates_tried} candidates): {done.evidence.line if done.evidence else ''}"
        )
        show(done.draft.source)
    return 0 if done.evidence and _green(done.evidence) else 1


async def _preview(here: Workspace, issue: int, options: argparse.Namespace) -> int:
    preview = await claude.preview_prompt(here, issue, options.instruction)
    if options.json:
        print_json(preview)
        return 0
    show(preview.system)
    show()
    show(preview.user)
    cost = f"about ${preview.cost:.4f}" if preview.cost is not None else "cost unknown (no price for it in triage.toml)"
    say(f"{preview.model}: {preview.tokens if preview.tokens is not None else 'unknown'} tokens in, {cost}")
    say("nothing was sent; add --yes to send exactly this")
    return 0


def verify(options: argparse.Namespace) -> int:
    """`triage verify DRAFT`: exit code 0 when it reproduces (and passes on the fix)."""
    from triage.services.verify import verify as run

    here = workspace(options)
    steps = run(here, options.draft, options.fix, options.stable, options.no_sandbox)
    done = asyncio.run(follow(steps, Verified, quiet=options.json))
    if options.json:
        print_json(done)
    else:
        show(done.evidence.line)
        for result in (done.evidence.before, done.evidence.after):
            if result is not None and result.why:
                show(f"{result.verdict}: {result.why}")
    return 0 if _green(done.evidence) else 1


def _green(evidence: Evidence) -> bool:
    return evidence.reproduces and (evidence.after is None or evidence.fixed) and not evidence.unstable
