"""index, import, serve."""

import argparse
import asyncio
import dataclasses
import json

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
    """`triage import FILE...`: exit code 0 when every file could be read."""
    from triage.services.intake import import_files as take_in

    done = asyncio.run(follow(take_in(workspace(options), options.files), Finished, quiet=options.json))
    if options.json:
        print_json({"events": done.count, "text": done.text, "troubles": done.troubles})
    else:
        show(done.text)
    return 1 if done.troubles else 0


def serve(options: argparse.Namespace) -> int:
    """`triage serve`: runs until it is told to stop. With --json the endpoint is one line of JSON."""
    from triage.services import storing
    from triage.sources.ingest.server import Endpoint, print_endpoint
    from triage.sources.ingest.server import serve as run_server
    from triage.store import open_store

    def announce(endpoint: Endpoint) -> None:
        if options.json:
            print(json.dumps({"dsn": endpoint.dsn, "spotlight": endpoint.spotlight}), flush=True)
        else:
            print_endpoint(endpoint)

    settings = config(options)
    ingest = settings.ingest
    if options.host is not None:
        ingest = dataclasses.replace(ingest, host=options.host)
    if options.port is not None:
        ingest = dataclasses.replace(ingest, port=options.port)
    open_store(settings.store_url).close()  # what is wrong with it is said here, at once
    run_server(
        dataclasses.replace(settings, ingest=ingest), storing.MODULE, announce, until_stdin_closes=options.with_parent
    )
    return 0
