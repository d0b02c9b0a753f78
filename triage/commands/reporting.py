"""report add, ls and rm."""

import argparse
import dataclasses
import sys
from pathlib import Path

from triage.commands.context import workspace
from triage.commands.listing import ago
from triage.commands.output import print_json, say, show
from triage.domain.outside import one_line, printable
from triage.domain.report import MOST, Report, ReportText, read_report
from triage.errors import BadInput, UsageError

LIMIT = 4 * MOST
"""Bytes of a file that are read."""


def usage(options: argparse.Namespace) -> int:
    """`triage report` alone says what there is."""
    raise UsageError(
        "what about reports?", "", "triage report add ISSUE --file F, triage report ls, triage report rm N"
    )


def add(options: argparse.Namespace) -> int:
    """`triage report add ISSUE`: parts named on the command line win over those in the text."""
    here = workspace(options)
    issue = here.store.issue(options.issue)
    said = read_report(options.text if options.text is not None else _read(options.file))
    named = {name: getattr(options, name) for name in ("type", "impact", "steps", "environment")}
    said = dataclasses.replace(said, **{name: text.strip()[:MOST] for name, text in named.items() if text.strip()})
    source = "" if options.text is not None else ("stdin" if options.file == "-" else Path(options.file).name)
    report = here.store.add_report(issue.id, said, source)
    if options.json:
        print_json(report)
    else:
        say(f"report {report.id} is linked to {issue.short_id}")
        _show(report)
    return 0


def ls(options: argparse.Namespace) -> int:
    """`triage report ls [ISSUE]`: the newest first; those of one issue in full."""
    here = workspace(options)
    issue = here.store.issue(options.issue) if options.issue else None
    found = here.store.reports(issue.id if issue else None)
    if options.json:
        print_json(found)
        return 0
    for place, report in enumerate(found):
        if issue is not None:
            if place:
                show()
            _show(report)
        else:
            title = one_line(report.title, limit=100)
            show(f"{report.id:>4}  T-{report.issue_id:<5} {ago(report.added_at):>4}  {title}")
    if not found:
        say("no reports; `triage report add ISSUE --file F` links one")
    return 0


def rm(options: argparse.Namespace) -> int:
    """`triage report rm REPORT`."""
    report = workspace(options).store.remove_report(options.report)
    say(f"report {report.id} is no longer linked to T-{report.issue_id}")
    return 0


def _read(file: str) -> str:
    try:
        if file == "-":
            raw = sys.stdin.buffer.read(LIMIT)
        else:
            with Path(file).open("rb") as stream:
                raw = stream.read(LIMIT)
    except OSError as error:
        raise BadInput(f"cannot read {file}", str(error), "name a text file, or - for stdin") from error
    return raw.decode("utf-8", "replace")


def _show(report: Report) -> None:
    source = f" from {one_line(report.source, limit=100)}" if report.source else ""
    show(f"Report {report.id} on T-{report.issue_id}, by {one_line(report.who, limit=60)}{source}")
    for name, text in _parts(report.said):
        lines = printable(text).splitlines()
        if len(lines) == 1:
            show(f"  {name}: {lines[0]}")
        else:
            show(f"  {name}:")
            for line in lines:
                show(f"    {line}")


def _parts(said: ReportText) -> list[tuple[str, str]]:
    parts = [
        ("type", said.type),
        ("impact", said.impact),
        ("environment", said.environment),
        ("steps", said.steps),
        ("text", said.text),
    ]
    return [(name, text) for name, text in parts if text]
