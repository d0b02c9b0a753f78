"""`triage demo`: the app on a sample service with real errors, or the whole loop unattended."""

import argparse
import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from triage import paths
from triage.demo.processes import python_path, start, stop
from triage.demo.stage import Stage, stage
from triage.domain.outside import one_line
from triage.errors import UsageError


def run(folder: Path | None, walk: bool = False, json: bool = False) -> int:
    """Set the demo up in `folder` and open the app, or `walk` the loop and check each step.

    The exit code: 0 when the app was left, or when every step of the walk held. Raises
    TriageError when the demo cannot be set up.
    """
    if walk:
        return _walk(folder, json)
    if not all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr)):
        raise UsageError(
            "no terminal here",
            "the app needs one, and draws on stderr: leave that where it is",
            "triage demo --walk does the loop without",
        )
    folder = folder or paths.data_dir() / "demo"
    _say(f"making the sample service in {folder}")
    with stage(folder) as scene:
        _say(f"its forge: {scene.repo_url} (pull requests show as pages there)")
        _say(f"its errors arrive at {scene.ingest.dsn}")
        with _indexing(scene, folder):
            _open(scene)
    _say(f"what you made stays in {folder} until the next demo")
    return 0


def _walk(folder: Path | None, json: bool) -> int:
    from triage.demo.walk import walk

    if folder is not None:
        return walk(folder, json)
    with tempfile.TemporaryDirectory(prefix="triage-demo-") as place:
        return walk(Path(place), json)


@contextlib.contextmanager
def _indexing(scene: Stage, folder: Path) -> Iterator[None]:
    """Learn which test runs which line while the app is open already: until then it shows
    what names and imports tell."""
    command = [sys.executable, "-m", "triage", "index", "--repo", str(scene.paths.repo)]
    env = os.environ | {"PYTHONPATH": python_path()}
    process = start(command, cwd=folder, env=env, log=folder / "index.log")
    try:
        yield
    finally:
        if process.poll() is None:
            stop(process)


def _open(scene: Stage) -> None:
    from triage.commands.app import open_app

    open_app(argparse.Namespace(repo=str(scene.paths.repo), no_ingest=True))


def _say(text: str) -> None:
    print(one_line(text), file=sys.stderr, flush=True)
