"""reproduce: the loop's heart without a store."""

import argparse
import asyncio
from pathlib import Path

from triage.commands.context import config
from triage.commands.output import follow, print_json, say, show
from triage.services.reproduce import Reproduction, write_skeleton, write_test
from triage.services.reproduce import reproduce as run


def reproduce(options: argparse.Namespace) -> int:
    """`triage reproduce`: exit code 0 only for REPRODUCED (and PASSES where a fix is given)."""
    from triage.sources.files import read_event

    event = read_event(Path("/dev/stdin") if options.event == "-" else Path(options.event))
    steps = run(config(options), event, options.fix, options.budget, options.no_sandbox, options.stable)
    found = asyncio.run(follow(steps, Reproduction, quiet=options.json))
    written = write_test(found, Path(options.out)) if options.out and found.test_source else None
    if options.skeleton and options.out and found.skeleton:
        written = write_skeleton(found, Path(options.out))
    if options.json:
        print_json(as_json(found, str(written) if written else None))
    elif found.test_source is None:
        show(f"not reproduced: {found.why}")
        if found.missing:
            show("missing: " + ", ".join(found.missing))
        if found.skeleton and options.skeleton:
            show(found.skeleton)
        elif found.skeleton:
            say("a skeleton with its holes marked can be had with --skeleton")
    else:
        say(f"# {evidence_line(found)}")
        show(found.test_source)
    return 0 if found.succeeded else 1


def as_json(found: Reproduction, written: str | None) -> dict[str, object]:
    """The documented JSON of one reproduction; `why` is null when a test succeeded.

    `test_path` is relative to the repo root; `written` is the file that --out wrote. `inputs` are the
    characters of the call with its inputs, before and after minimising. `skeleton` reproduces nothing.
    """
    before, after = found.before, found.after
    return {
        "verdict": before.verdict if before else None,
        "after_fix": after.verdict if after else None,
        "fidelity": found.fidelity,
        "test_path": found.test_path,
        "written": written,
        "test_name": found.test_name,
        "test_source": found.test_source,
        "assertion": found.assertion,
        "entry": found.entry,
        "public": found.public if found.test_source else None,
        "inputs": found.inputs,
        "stable_runs": found.stable_runs,
        "evidence": {
            side: {"verdict": run.verdict, "why": run.why, "ref": run.ref, "notes": run.notes} if run else None
            for side, run in (("before", before), ("after", after))
        },
        "skeleton": {"path": found.skeleton_path, "source": found.skeleton} if found.skeleton else None,
        "candidates_tried": found.candidates_tried,
        "seconds": round(found.seconds, 3),
        "isolation": found.isolation,
        "missing": found.missing,
        "why": None if found.succeeded else found.why,
        "notes": found.why if found.succeeded else "",
    }


def evidence_line(found: Reproduction) -> str:
    """Before and after on one line."""
    words = [f"before: {found.before.verdict}" if found.before else "not run"]
    if found.after:
        words.append(f"after: {found.after.verdict} @ {found.after.ref}")
    if found.stable_runs:
        words.append(f"stable over {found.stable_runs} runs")
    if found.assertion:
        words.append(found.assertion)
    words.append(f"{found.candidates_tried} candidates, {found.seconds:.1f} s, {found.isolation}, {found.fidelity}")
    return "; ".join(words)
