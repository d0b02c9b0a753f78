"""resolve, unresolve, snooze, assign, undo."""

import argparse
import asyncio

from triage.commands.context import workspace
from triage.commands.output import print_json, show
from triage.domain.outside import one_line
from triage.errors import NotFound, UsageError
from triage.services import tend
from triage.services.workspace import Workspace


def _issues(here: Workspace, options: argparse.Namespace) -> list[int]:
    return list(dict.fromkeys(here.store.issue(ref).id for ref in options.issues))


def _done(options: argparse.Namespace, sentence: str) -> int:
    if options.json:
        print_json({"done": one_line(sentence)})
    else:
        show(sentence)
    return 0


def resolve(options: argparse.Namespace) -> int:
    """`triage resolve ISSUE...`"""
    here = workspace(options)
    return _done(options, tend.resolve(here, _issues(here, options)))


def unresolve(options: argparse.Namespace) -> int:
    """`triage unresolve ISSUE...`"""
    here = workspace(options)
    return _done(options, tend.unresolve(here, _issues(here, options)))


def snooze(options: argparse.Namespace) -> int:
    """`triage snooze ISSUE... --hours N`"""
    here = workspace(options)
    return _done(options, tend.snooze(here, _issues(here, options), options.hours))


def assign(options: argparse.Namespace) -> int:
    """`triage assign ISSUE... --to WHO`"""
    here = workspace(options)
    who = asyncio.run(tend.me(here)) if options.to is None else one_line(options.to, limit=200)
    if not who:
        raise UsageError("assign to whom?", "--to is empty", "--to NAME, or --to nobody")
    return _done(options, tend.assign(here, _issues(here, options), None if who == "nobody" else who))


def undo(options: argparse.Namespace) -> int:
    """`triage undo`"""
    sentence = tend.undo(workspace(options))
    if sentence is None:
        raise NotFound("nothing to undo", "no local change is left", "published tests: triage publish --undo ID")
    return _done(options, f"undone: {sentence}")
