"""Decides how pytest is started: with which plugins, and whether with the repo's own settings."""

import os
from enum import StrEnum
from pathlib import Path

from triage.domain.verdict import RunReport
from triage.execution.drafted import is_code

_ASYNC = ("async def functions are not natively supported", "async def function and no async plugin")


class Mode(StrEnum):
    """NAMED loads the plugins that settings and draft speak of, EVERYTHING all that are installed.

    BARE leaves the repo's pytest settings and conftest files out, for repos whose settings need
    what is not installed, or another pytest than the one that is.
    """

    NAMED = "named"
    EVERYTHING = "everything"
    BARE = "bare"

    @property
    def note(self) -> str:
        """What to say beside a verdict that came from this mode."""
        return "run without the repo's pytest settings and conftest files" if self is Mode.BARE else ""


_works: dict[tuple[str, str, str], Mode] = {}


def first_mode(repo: Path, interpreter: Path, test_path: str, plugins: bool) -> Mode:
    """The mode that worked for this folder's tests before, else the cheapest."""
    known = _works.get(_key(repo, interpreter, test_path))
    return known or (Mode.EVERYTHING if plugins else Mode.NAMED)


def remember(repo: Path, interpreter: Path, test_path: str, mode: Mode, report: RunReport) -> None:
    """Start with `mode` the next time, if the test was reached in it."""
    if report.phase == "call" and not report.timed_out and not report.killed and not lacks_plugin(report):
        _works[_key(repo, interpreter, test_path)] = mode


def _key(repo: Path, interpreter: Path, test_path: str) -> tuple[str, str, str]:
    return os.fspath(repo), os.fspath(interpreter), os.path.dirname(test_path)


def next_mode(mode: Mode, report: RunReport) -> tuple[Mode, str] | None:
    """What to try next and why; None when the report stands."""
    if report.timed_out or report.killed or report.trouble == "syntax":
        return None
    if mode is Mode.NAMED and (report.settings_failed or lacks_plugin(report)):
        return Mode.EVERYTHING, "a plugin seems to be missing, trying again with all that are installed"
    if mode is not Mode.BARE and report.settings_failed:
        return Mode.BARE, f"the repo's pytest settings do not work here ({report.trouble}), trying again without them"
    if mode is not Mode.BARE and report.changed_files and not any(map(is_code, report.changed_files)):
        left = ", ".join(report.changed_files[:3])
        return Mode.BARE, f"files were changed ({left}), trying again without the repo's own conftest files"
    return None


def lacks_plugin(report: RunReport) -> bool:
    """Whether the run ended in the way it does when a fixture or an async test has no plugin."""
    if not report.exceptions:
        return False
    first = report.exceptions[0]
    return first.type.endswith("FixtureLookupError") or any(words in first.message for words in _ASYNC)
