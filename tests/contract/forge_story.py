"""A developer's checkout beside a loopback forge, for the forge's tests."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import httpx

from triage.config import ForgeConfig
from triage.demo.forge_server import ForgeServer
from triage.forge.branch import Pushed, publish_branch
from triage.forge.detect import detect
from triage.forge.github import GitHub
from triage.forge.remote import remote_base

TOKEN = "tok_for_tests_123"
BRANCH = "triage/t-12-keyerror-b2"
TEST = "def test_price() -> None:\n    assert price('B2')\n"
MESSAGE = "Add regression test\n\nIt fails.\n\nTriage-Issue: T-12\n"


def git(folder: Path, *args: str, **environment: str) -> str:
    return subprocess.run(
        ["git", *args], cwd=folder, check=True, capture_output=True, text=True, env={**os.environ, **environment}
    ).stdout.strip()


def page(url: str, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """What a browser would get."""
    return httpx.get(url, headers=headers)


@dataclass(frozen=True)
class Checkout:
    """A clone with one pushed commit; `bare` is the repository on the forge."""

    path: Path
    bare: Path
    forge: ForgeServer

    def git(self, *args: str) -> str:
        return git(self.path, *args)

    async def push(self, branch: str = BRANCH, text: str = TEST, message: str = MESSAGE, **options: str) -> Pushed:
        base = await remote_base(self.path, "origin")
        files = {options.pop("path", "tests/test_orders.py"): text}
        return await publish_branch(self.path, "origin", base.commit, branch, files, message)

    async def github(self, token: str = TOKEN, **environment: str) -> GitHub:
        found = await detect(self.path, "origin", ForgeConfig(kind="github"), {"GH_TOKEN": token, **environment})
        assert isinstance(found, GitHub)
        return found

    def colleague(self, folder: Path) -> Path:
        """Somebody else's clone."""
        for name, value in self.forge.credential_settings().items():
            git(folder.parent, "config", "--global", name, value)
        git(folder.parent, "clone", "-q", self.forge.clone_url("acme", "shop"), str(folder))
        git(folder, "config", "user.name", "Bo")
        git(folder, "config", "user.email", "bo@example.com")
        return folder


def make_checkout(folder: Path, forge: ForgeServer) -> Checkout:
    bare = forge.create_repo("acme", "shop")
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.name", "Ana")
    git(folder, "config", "user.email", "ana@example.com")
    (folder / "tests").mkdir()
    (folder / "shop.py").write_text("PRICES = {}\n")
    (folder / "tests" / "test_old.py").write_text("def test_old(): pass\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "Start")
    for name, value in forge.credential_settings().items():
        git(folder, "config", name, value)
    git(folder, "remote", "add", "origin", forge.clone_url("acme", "shop"))
    git(folder, "push", "-q", "origin", "main")
    return Checkout(folder, bare, forge)
