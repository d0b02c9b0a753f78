"""doctor, init, demo."""

import argparse
import asyncio
from pathlib import Path

from triage.commands.context import config
from triage.commands.output import print_json, say, show
from triage.config import Config
from triage.domain.outside import one_line
from triage.errors import UsageError


def doctor(options: argparse.Namespace) -> int:
    """`triage doctor`: exit code 0 when nothing is broken (less than ideal is fine)."""
    from triage.services.doctor import Check, examine

    try:
        settings, checks = config(options), []
    except UsageError as error:
        settings = Config(repo=Path(options.repo or Path.cwd()).absolute(), python=options.python or "")
        checks = [Check("settings", False, f"{error.title}: {error.detail}", error.hint)]
    checks += asyncio.run(examine(settings))
    if options.json:
        print_json(checks)
    else:
        checks = [Check(each.name, each.ok, one_line(each.detail), one_line(each.fix)) for each in checks]
        for check in checks:
            mark = {True: "ok  ", None: "note", False: "FAIL"}[check.ok]
            show(f"{mark}  {check.name:<12} {check.detail}")
            if check.fix and check.ok is not True:
                show(f"      {'':<12} -> {check.fix}")
    return 1 if any(check.ok is False for check in checks) else 0


def init(options: argparse.Namespace) -> int:
    """`triage init`: writes triage.toml and says what was found."""
    from triage.services.setup import survey, write

    found = asyncio.run(survey(config(options)))
    file = write(found, options.force)
    if options.json:
        print_json({"file": file, "found": found})
        return 0
    say(f"interpreter: {found.interpreter or 'none'} ({found.interpreter_how or 'not found'})")
    say(f"tests: {found.tests or 'none'}; imports from: {', '.join(found.import_roots) or 'none'}")
    say(
        f"remote: {found.remote_url or 'none'} ({found.forge or 'no forge'}, "
        f"token {'found' if found.has_token else 'not found'})"
    )
    say(f"Claude: {'key found' if found.has_model_key else 'no key; replay works without one'}")
    tracker = found.tracker or "none found in the code"
    say(f"tracker: {tracker}{' (token found)' if found.has_tracker_token else ''}")
    for note in found.notes:
        say(f"note: {note}")
    say("wrote the file below; next: triage doctor (what is missing), triage index (coverage), triage (the app)")
    show(str(file))
    return 0


def demo(options: argparse.Namespace) -> int:
    """`triage demo [FOLDER] [--walk]`"""
    from triage.demo.main import run

    return run(options.folder, walk=options.walk, json=options.json)
