"""publish, and its undo."""

import argparse
import asyncio

from triage.commands.context import workspace
from triage.commands.output import follow, print_json, say, show
from triage.errors import UsageError
from triage.services.steps import Published, Undone


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
