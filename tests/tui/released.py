"""A small repo with a release, a later HEAD that moved and changed lines, and a coverage index."""

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from triage.config import Config
from triage.services.index import build_index
from triage.services.workspace import Workspace

CART = '''"""The cart."""


def total(items, prices):
    """What all items cost together."""
    total = 0
    for item in items:
        total += prices[item["sku"]] * item["count"]
    return total


def checkout(cart, user):
    return total(cart, user)


def never(cart):
    cart = cart or {}
    return len(cart)
'''
LATER = CART.replace('"""The cart."""\n', '"""The cart."""\n\nRATE = 1\n').replace("return len(cart)", "return 2")
TEST = """import pytest

from shop.cart import checkout, total


def test_total():
    assert total([], {}) == 0


@pytest.mark.parametrize("count", [1, 2])
def test_counts(count):
    assert total([{"sku": 1, "count": count}], {1: 2}) == 2 * count


class TestCheckout:
    def test_nothing(self):
        assert checkout([], {}) == 0
"""


def git(folder: Path, *words: str, who: str = "ana") -> None:
    """Run git there, as somebody."""
    name = ("-c", f"user.name={who}", "-c", "user.email=ana@example.org")
    subprocess.run(["git", *name, *words], cwd=folder, check=True, capture_output=True)


def make_released(
    folder: Path, more: Mapping[str, str] | None = None, who: str = "ana", said: str = "Prices by SKU"
) -> Path:
    """Released as 1.4.1 by `who` with the commit message `said`, changed since, indexed at HEAD;
    `more` are further files."""
    files = {"shop/__init__.py": "", "shop/cart.py": CART, "tests/test_cart.py": TEST, **(more or {})}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "config", "user.email", "ana@example.org")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", said, who=who)
    git(folder, "tag", "1.4.1")
    (folder / "shop" / "cart.py").write_text(LATER)
    git(folder, "commit", "-q", "-a", "-m", "A rate")

    async def index() -> None:
        async for _ in build_index(Workspace.open(Config(repo=folder, python=sys.executable))):
            pass

    asyncio.run(index())
    return folder
