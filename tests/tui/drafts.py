"""A repo of one's own with a remote and a fix branch, and drafts on it, for tests of the later screens."""

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.tui.events import add, exception, frame, sdk_event
from triage.config import Config, RunConfig
from triage.domain.draft import Draft, Strategy
from triage.domain.verdict import Isolation, RunResult, Verdict
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp

FAILS = '''"""Carts."""

from shop.cart import checkout


def test_checkout_without_sku():
    """KeyError in production: 'sku'."""
    checkout([{"sku": "A-1", "count": 2}, {"count": 1}], {"A-1": 12.5})
'''
CRASH_LINE = ("shop/cart.py", "total", 8, '        total += prices[item["sku"]] * item["count"]')
SLOW = "import time\n\n\ndef test_slow():\n    time.sleep(600)\n"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main")
    return subprocess.run(["git", *who, *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@dataclass
class Shop:
    """A checkout with a remote and the branch `fix/sku`, and an issue in its store."""

    repo: Path
    origin: Path
    workspace: Workspace
    issue: int

    def app(self) -> TriageApp:
        return TriageApp(self.workspace, start_ingest=False)

    def draft(
        self,
        source: str = FAILS,
        name: str = "test_checkout_without_sku",
        *,
        parent: int | None = None,
        path: str = "tests/test_cart_sku.py",
    ) -> Draft:
        strategy = Strategy.HUMAN if parent else Strategy.REPLAY
        return self.workspace.store.add_draft(self.issue, strategy, path, source, name, parent=parent)

    def ran(self, draft: Draft, verdict: Verdict = Verdict.REPRODUCED, side: str = "before") -> None:
        commit = git(self.repo, "rev-parse", "HEAD").strip()
        result = RunResult(
            verdict, "KeyError in total (shop/cart.py)", "1.4.1", commit, Isolation.BUBBLEWRAP, 0.5, datetime.now(UTC)
        )
        self.workspace.store.add_run(draft.id, "before" if side == "before" else "after", result)

    def branches(self) -> list[str]:
        return git(self.origin, "branch", "--format=%(refname:short)").split()


def make_shop(repo: Path, folder: Path) -> Shop:
    """`repo` copied into `folder`, with all that belongs to it."""
    mine, origin = folder / "shop", folder / "origin.git"
    shutil.copytree(repo, mine)
    git(folder, "init", "-q", "--bare", str(origin))
    git(mine, "config", "user.name", "ana")
    git(mine, "remote", "add", "origin", str(origin))
    git(mine, "checkout", "-q", "-b", "fix/sku")
    cart = mine / "shop" / "cart.py"
    cart.write_text(cart.read_text().replace('item["sku"]', 'item.get("sku", "A-1")'))
    git(mine, "commit", "-qam", "Items without SKU cost nothing extra")
    git(mine, "checkout", "-q", "main")
    git(mine, "push", "-q", "origin", "main", "fix/sku")
    workspace = Workspace.open(
        Config(repo=mine, store=f"sqlite:///{folder / 'triage.db'}", run=RunConfig(stable_runs=2))
    )
    cart = [{"sku": "'A-1'", "count": "2"}, {"count": "1"}]
    prices = {"A-1": "12.5"}
    crash = frame(*CRASH_LINE, items=cart, item=cart[1], prices=prices, total="25.0")
    caller = frame("shop/cart.py", "checkout", 13, "    return total(cart, user)", cart=cart, user=prices)
    (issue,) = add(workspace, sdk_event(1, [exception("KeyError", "'sku'", [caller, crash])]))
    return Shop(mine, origin, workspace, issue)
