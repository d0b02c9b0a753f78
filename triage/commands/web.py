"""web: the same app in a browser."""

import argparse
import asyncio
import contextlib
import json
import secrets
import sys
from collections.abc import Iterator
from urllib.parse import urlsplit

from triage.commands.context import workspace
from triage.commands.output import say
from triage.services.workspace import Workspace


def run(options: argparse.Namespace) -> int:
    """`triage web`: serves until it is told to stop. The address goes to stdout, alone on its line."""
    from triage.tui.web_server import WebServer, is_loopback, serve

    with contextlib.closing(workspace(options)) as here, _ingest(here, options):
        server = WebServer(_command(here, options), secrets.token_urlsafe(24))

        def announce(address: str) -> None:
            if options.json:
                found = urlsplit(address)
                print(json.dumps({"url": address, "host": options.host, "port": found.port}), flush=True)
            else:
                say("Open this address in a browser; its token lets in whoever has it. Ctrl+C ends it.")
                print(address, flush=True)
            if not is_loopback(options.host):
                say(f"note: {options.host} can be reached by others, and nothing is encrypted on the way")

        asyncio.run(serve(server, options.host, options.port, announce))
    return 0


def _command(here: Workspace, options: argparse.Namespace) -> list[str]:
    """What each tab runs: the app with the same settings."""
    command = [sys.executable, "-m", "triage", "--no-ingest", "--repo", str(here.repo)]
    for name in ("store", "python", "theme"):
        if value := getattr(options, name, None):
            command += [f"--{name}", value]
    return command


@contextlib.contextmanager
def _ingest(here: Workspace, options: argparse.Namespace) -> Iterator[None]:
    """The ingest server once, for all tabs; without it the app is still worth having."""
    from triage.errors import TriageError
    from triage.services.intake import start_ingest

    process = None
    if not options.no_ingest:
        try:
            process = start_ingest(here)
        except TriageError as error:
            say(f"note: {error}")
    try:
        yield
    finally:
        if process is not None:
            process.stop()
