"""index, import, serve."""

import argparse
import asyncio
import dataclasses
import sys

from triage.commands.context import config, workspace
from triage.commands.output import follow, print_json, show
from triage.services.steps import Finished


def index(options: argparse.Namespace) -> int:
    """`triage index`: exit code 0 when the index is whole."""
    from triage.services.index import build_index

    done = asyncio.run(follow(build_index(workspace(options)), Finished))
    if options.json:
        print_json(done)
    else:
        show(done.text)
    return 0


def import_files(options: argparse.Namespace) -> int:
    """`triage import FILE...`"""
    from triage.services.intake import import_files as take_in

    done = asyncio.run(follow(take_in(workspace(options), options.files), Finished, quiet=options.json))
    if options.json:
        print_json({"events": done.count, "text": done.text})
    else:
        show(done.text)
    return 0


def serve(options: argparse.Namespace) -> int:
    """`triage serve`: runs until it is told to stop."""
    from triage.sources.ingest import serve as run_server

    settings = config(options)
    ingest = settings.ingest
    if options.host is not None:
        ingest = dataclasses.replace(ingest, host=options.host)
    if options.port is not None:
        ingest = dataclasses.replace(ingest, port=options.port)
    if options.with_parent:
        _end_with_parent()
    run_server(dataclasses.replace(settings, ingest=ingest), as_json=options.json)
    return 0


def _end_with_parent() -> None:
    """Stop when the process that started us is gone: its end of our stdin closes."""
    import os
    import signal
    import threading

    def wait() -> None:
        while sys.stdin.buffer.read(4096):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True, name="parent-watch").start()
