"""Sets the demo up and takes it down: sample repo, forge, ingest server, traffic, settings."""

import contextlib
import fcntl
import json
import os
import secrets
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.config import load_config
from triage.demo import processes
from triage.demo.forge_credentials import credential_settings
from triage.demo.history import STAGING
from triage.demo.repo import MARKER, NAME, OWNER, DemoPaths, build, git
from triage.demo.traffic import start_traffic
from triage.errors import Refused, Unavailable
from triage.services.intake import IngestProcess, start_ingest
from triage.services.workspace import Workspace

FIX = f"origin/{STAGING.key}"
FORGETTABLE = (
    *("TRIAGE_STORE", "TRIAGE_PYTHON", "TRIAGE_REPO", "VIRTUAL_ENV"),
    *("GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """A running demo. `token` opens `forge_url` and nothing else."""

    paths: DemoPaths
    workspace: Workspace
    ingest: IngestProcess
    forge_url: str
    forge_api: str
    token: str

    @property
    def repo_url(self) -> str:
        """The sample's page on the forge."""
        return f"{self.forge_url}/{OWNER}/{NAME}"


@contextlib.contextmanager
def stage(folder: Path, *, once: bool = False) -> Iterator[Stage]:
    """A running demo in `folder`; everything it started has ended afterwards.

    `once`: the traffic goes through every bug once, then falls silent. This process's
    environment is the demo's meanwhile: a home of its own, a token for its own forge, and
    none of the user's. Raises Refused when the folder is in use or holds something else.
    """
    with contextlib.ExitStack() as stack:
        stack.enter_context(_only_one(folder))
        paths = build(folder)
        token = secrets.token_hex(20)
        stack.enter_context(_environment({"TRIAGE_HOME": str(paths.home), "GH_TOKEN": token}))
        forge_url, forge_api = stack.enter_context(_forge(paths, token))
        _point_at(paths, forge_url, forge_api, token)
        workspace = Workspace.open(load_config(environment=os.environ, start=paths.repo))
        stack.callback(workspace.close)
        ingest = start_ingest(workspace, 0)
        stack.callback(ingest.stop)
        traffic = start_traffic(paths, ingest.dsn, once=once)
        stack.callback(processes.stop, traffic)
        # They end side by side, not one after the other.
        stack.callback(ingest.end_soon)
        stack.callback(processes.end_soon, traffic)
        yield Stage(paths, workspace, ingest, forge_url, forge_api, token)


@contextlib.contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Hold the folder against a second demo in it."""
    folder = folder.expanduser()
    if folder.exists() and not (folder / MARKER).exists() and (not folder.is_dir() or any(folder.iterdir())):
        # Not a demo's: `build` refuses it.
        yield
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / MARKER).open("ab") as marker:
        try:
            fcntl.flock(marker, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Refused("a demo runs there already", str(folder), "leave it first, or name another folder") from error
        yield


@contextlib.contextmanager
def _environment(changes: Mapping[str, str]) -> Iterator[None]:
    """Set these variables and forget the user's; both are put back."""
    names = (*changes, *FORGETTABLE)
    before = {name: os.environ.get(name) for name in names}
    for name in names:
        os.environ.pop(name, None)
    os.environ.update(changes)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _forge(paths: DemoPaths, token: str) -> Iterator[tuple[str, str]]:
    """A running forge: its page and its API."""
    log = paths.root / "forge.log"
    command = [sys.executable, "-m", "triage.demo.forge_server", str(paths.forge_root), "--repo", f"{OWNER}/{NAME}"]
    environment = {**os.environ, "TRIAGE_FORGE_TOKEN": token, "PYTHONPATH": processes.python_path()}
    process = processes.start(command, cwd=paths.root, env=environment, log=log, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        ready, _, _ = select.select([process.stdout], [], [], 30)
        line = process.stdout.readline() if ready else b""
        try:
            said = json.loads(line)
        except ValueError as error:
            raise Unavailable("the demo's forge did not start", str(error), f"read {log}") from error
        yield said["url"], said["api"]
    finally:
        processes.stop(process)
        if process.stdout:
            process.stdout.close()


def _point_at(paths: DemoPaths, forge_url: str, forge_api: str, token: str) -> None:
    """Settings of git and of triage for a forge at this address."""
    git(paths.repo, "remote", "set-url", "origin", f"{forge_url}/{OWNER}/{NAME}.git")
    for name, value in credential_settings(forge_url, token).items():
        git(paths.repo, "config", name, value)
    settings = [
        f"repo = {json.dumps(str(paths.repo))}",
        f"fix = {json.dumps(FIX)}",
        "[forge]",
        'kind = "github"',
        f"api = {json.dumps(forge_api)}",
        "[ingest]",
        "port = 0",
    ]
    (paths.home / "config.toml").write_text("\n".join(settings) + "\n", encoding="utf-8")
