"""publish and its undo, and what became of it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from triage.commands.context import workspace
from triage.commands.output import follow, print_json, say, show
from triage.errors import UsageError
from triage.services.steps import Published, Undone

if TYPE_CHECKING:
    from triage.services.follow import Followed
    from triage.services.workspace import Workspace


def publish(options: argparse.Namespace) -> int:
    """`triage publish DRAFT [--pr] [--dry-run]`, `triage publish --undo PUBLICATION`."""
    import triage.services.publish as service

    here = workspace(options)
    if options.undo is not None:
        undone = asyncio.run(follow(service.undo(here, options.undo), Undone, quiet=options.json))
        if options.json:
            print_json(undone)
        else:
            show(f"undone: {undone.publication.branch}")
        return 0
    if options.draft is None:
        raise UsageError("which draft?", "publish takes a draft's number", "triage show ISSUE lists them")
    if options.dry_run:
        plan = asyncio.run(service.plan(here, options.draft, options.pr))
        if options.json:
            print_json(plan)
            return 0
        show(f"branch {plan.branch} -> {plan.remote} ({plan.forge}), base {plan.base}")
        for text in (*(f"blocked: {reason}" for reason in plan.blockers), *plan.cautions, "", plan.commit_message, ""):
            show(text)
        show(plan.diff)
        if options.pr:
            show(f"{plan.title}\n\n{plan.body}")
        return 0
    steps = service.publish(here, options.draft, options.pr, options.yes)
    done = asyncio.run(follow(steps, Published, quiet=options.json))
    if options.json:
        print_json(done)
        return 0
    sent = done.publication
    say("found what an earlier press sent" if done.existed else "sent")
    show(sent.url or sent.text or sent.branch)
    say(f"undo with: triage publish --undo {sent.id}")
    return 0


def follow_pulls(options: argparse.Namespace) -> int:
    """`triage follow [ISSUE] [--watch]`: a line for each pull request; with --watch only what is new."""
    here = workspace(options)
    issue = here.store.issue(options.issue).id if options.issue else None
    return asyncio.run(_follow(here, issue, options.watch, options.json))


async def _follow(here: Workspace, issue: int | None, watch: bool, as_json: bool) -> int:
    from triage.services.follow import FIRST_PAUSE, Followed, follow, following, next_pause

    pause, first = FIRST_PAUSE, True
    while True:
        pulls = following(here, issue)
        looked = [item async for item in follow(here, pulls) if isinstance(item, Followed)]
        if as_json:
            if first or any(item.news for item in looked):
                print_json(looked)
        else:
            _tell(here, looked, everything=first)
        if first and not looked:
            say("no pull request to follow: triage publish DRAFT --pr opens one")
        if not watch or all(item.publication.following and item.publication.following.settled for item in looked):
            return 0
        pause, first = next_pause(pause, tuple(line for item in looked for line in item.news)), False
        await asyncio.sleep(pause)


def _tell(here: Workspace, looked: Sequence[Followed], everything: bool) -> None:
    from triage.domain.following import seen_again

    for item in looked:
        seen = item.publication.following
        if everything and seen is not None:
            issue = here.store.issue(item.publication.issue_id)
            again = seen_again(seen, issue.last_seen, datetime.now(UTC))
            words = ", ".join(part for part in (item.words, again, seen.note) if part)
            show(f"T-{issue.id}  {item.publication.name}  {words}  {item.publication.url or ''}".rstrip())
        for line in item.news:
            show(f"  {line}")
