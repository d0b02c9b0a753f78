"""No command: open the app."""

import argparse
import os
import sys

from triage.commands.context import workspace
from triage.commands.process import code_after
from triage.errors import UsageError

REMOTE = {
    "TEXTUAL_FPS": "15",
    "TEXTUAL_ANIMATIONS": "none",
    "TEXTUAL_SMOOTH_SCROLL": "0",
    "TEXTUAL_COLOR_SYSTEM": "256",
}
"""For slow links: repaints that come together go together, and a colour takes 8 bytes instead of 17."""


def run(options: argparse.Namespace) -> int:
    """Open the terminal app. Raises UsageError where there is no terminal to open it in."""
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)) and not _in_browser():
        raise UsageError(
            "no terminal here",
            "the app needs one, and draws on stderr: leave that where it is",
            "triage ls lists issues; triage --help lists commands",
        )
    from triage.services.leaving import leave

    leave(code_after(open_app(options)))


def open_app(options: argparse.Namespace) -> int:
    """Run the app until it is left; the terminal is put back whatever happens."""
    here = workspace(options)
    if here.config.remote == "on":
        os.environ.update(REMOTE)  # Textual reads these as it is imported
    from triage.tui.app import TriageApp

    app = TriageApp(here, start_ingest=not options.no_ingest)
    try:
        app.run()
    finally:
        app.end_work()
        here.close()
        _restore_terminal()
    if app.fatal is not None:
        raise app.fatal
    return 0


def _in_browser() -> bool:
    """Whether `triage web` runs this: then the browser is the terminal."""
    return os.environ.get("TEXTUAL_DRIVER", "").endswith(":WebDriver")


def _restore_terminal() -> None:
    """Leave the alternate screen, switch mouse reporting and bracketed paste off, show the
    cursor: what a crashed full-screen program leaves behind (claude-code#84029, tmux#2462)."""
    if sys.stdout.isatty():
        sys.stdout.write("\x1b[?1049l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[0m")
        sys.stdout.flush()
