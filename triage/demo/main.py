"""`triage demo`: the app on a sample service with real errors, or the whole loop unattended."""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

from triage import paths
from triage.demo.stage import Stage, stage
from triage.domain.outside import one_line
from triage.errors import TriageError, UsageError
from triage.services.steps import Finished


def run(folder: Path | None, walk: bool = False, json: bool = False) -> int:
    """Set the demo up in `folder` and open the app, or `walk` the loop and check each step.

    The exit code: 0 when the app was left, or when every step of the walk held. Raises
    TriageError when the demo cannot be set up.
    """
    if walk:
        return _walk(folder, json)
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError("no terminal here", "the app needs one", "triage demo --walk does the loop without")
    folder = folder or paths.data_dir() / "demo"
    _say(f"making the sample service in {folder}")
    with stage(folder) as scene:
        _say(f"its forge: {scene.repo_url} (pull requests show as pages there)")
        _say(f"its errors arrive at {scene.ingest.dsn}")
        asyncio.run(_index(scene))
        _open(scene)
    _say(f"what you made stays in {folder} until the next demo")
    return 0


def _walk(folder: Path | None, json: bool) -> int:
    from triage.demo.walk import walk

    if folder is not None:
        return walk(folder, json)
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as place:
        return walk(Path(place), json)


async def _index(scene: Stage) -> None:
    from triage.services.index import build_index

    _say("running its tests once, to know which test runs which line")
    try:
        async for item in build_index(scene.workspace):
            if isinstance(item, Finished):
                _say(item.text)
    except TriageError as error:
        _say(f"{error} (the app goes on with names and imports)")


def _open(scene: Stage) -> None:
    from triage.commands.app import open_app

    open_app(argparse.Namespace(repo=str(scene.paths.repo), no_ingest=True))


def _say(text: str) -> None:
    print(one_line(text), file=sys.stderr, flush=True)
