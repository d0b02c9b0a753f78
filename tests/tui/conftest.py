"""The app over a real store and a real git repo, with events like those of the SDK."""

import subprocess
from pathlib import Path

import pytest

from tests.tui.drafts import Shop, make_shop
from triage.config import Config
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp

CART = '''"""The cart."""


def total(items, prices):
    """What all items cost together."""
    total = 0
    for item in items:
        total += prices[item["sku"]] * item["count"]
    return total


def checkout(cart, user):
    return total(cart, user)
'''
TEST = """from shop.cart import total


def test_total():
    assert total([], {}) == 0
"""


@pytest.fixture(scope="session")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small git repo with the code that the events speak of; read-only for tests."""
    folder = tmp_path_factory.mktemp("repo")
    (folder / "shop").mkdir()
    (folder / "tests").mkdir()
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "cart.py").write_text(CART)
    (folder / "tests" / "test_cart.py").write_text(TEST)

    def git(*words: str) -> None:
        who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
        subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True)

    git("init", "-q", "-b", "main")
    git("config", "user.email", "ana@example.org")
    git("add", "-A")
    git("commit", "-q", "-m", "Prices by SKU")
    git("tag", "1.4.1")
    return folder


@pytest.fixture
def workspace(repo: Path, tmp_path: Path) -> Workspace:
    """A workspace with an empty store."""
    return Workspace.open(Config(repo=repo, store=f"sqlite:///{tmp_path / 'triage.db'}"))


@pytest.fixture
def app(workspace: Workspace) -> TriageApp:
    """The app, not listening."""
    return TriageApp(workspace, start_ingest=False)


@pytest.fixture
def shop(repo: Path, tmp_path: Path) -> Shop:
    """A repo of one's own with a remote, a branch with the fix and one issue."""
    return make_shop(repo, tmp_path)
