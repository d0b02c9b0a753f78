"""A small real repo with a bug and its fix, and short ways to run drafts against it."""

import os
import subprocess
import sys
from pathlib import Path

from triage.domain.verdict import ExpectedFailure, FailurePoint, Isolation, RunReport, RunResult
from triage.execution.runner import RunRequest, run_test
from triage.execution.verify import run_after, run_before

CART = '''\
"""A cart."""

from shop.errors import OutOfStock
from shop.prices import price_of


def total(items):
    return sum(price_of(item) for item in items)


class Cart:
    def __init__(self, items):
        self.items = items

    def checkout(self):
        amount = total(self.items)
        if amount > 1000:
            raise OutOfStock(f"too much: {amount}")
        return amount


def checkout_wrapped(items):
    try:
        return Cart(items).checkout()
    except KeyError as error:
        raise ValueError("bad cart") from error


async def checkout_later(items):
    return Cart(items).checkout()


def endless(n):
    return endless(n + 1)
'''
PRICES = """\
PRICES = {"tea": 3, "milk": 2}


def price_of(item):
    return PRICES[item["name"]] * item["count"]
"""
FIXED = PRICES.replace('PRICES[item["name"]]', 'PRICES.get(item["name"], 0)')
ERRORS = "class OutOfStock(Exception):\n    pass\n"


def git(repo: Path, *arguments: str) -> str:
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_OPTIONAL_LOCKS": "0"}
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", *who, *arguments], cwd=repo, env=around, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def write(repo: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (repo / name).parent.mkdir(parents=True, exist_ok=True)
        (repo / name).write_text(text)


def make_shop(folder: Path, extra: dict[str, str] | None = None) -> Path:
    """The repo: `main` has the bug, tag `fixed` mends it, tag `start` is before anything else."""
    repo = folder / "shop-repo"
    repo.mkdir(parents=True)
    git(repo, "init", "-q")
    write(repo, {"README.md": "shop\n", ".gitignore": "*.log\n__pycache__/\n_version.py\n"})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "Start")
    git(repo, "tag", "start")
    files = {"src/shop/__init__.py": "", "src/shop/cart.py": CART, "src/shop/prices.py": PRICES}
    write(repo, {**files, "src/shop/errors.py": ERRORS, "tests/test_old.py": "def test_old():\n    assert True\n"})
    write(repo, extra or {})
    git(repo, "add", "-A")
    git(repo, "commit", "-q", "-m", "A shop")
    write(repo, {"src/shop/prices.py": FIXED})
    git(repo, "commit", "-q", "-a", "-m", "Unknown goods cost nothing")
    git(repo, "tag", "fixed")
    git(repo, "checkout", "-q", "-B", "main", "HEAD^")
    return repo


PRICE_LINE = 'return PRICES[item["name"]] * item["count"]'
PRICE = FailurePoint("src/shop/prices.py", "price_of", PRICE_LINE, 5)
SUM_LINE = "return sum(price_of(item) for item in items)"
TOTAL = FailurePoint("src/shop/cart.py", "total", SUM_LINE, 8)
TOTAL_EACH = FailurePoint("src/shop/cart.py", "total.<locals>.<genexpr>", SUM_LINE, 8)
CHECKOUT = FailurePoint("src/shop/cart.py", "Cart.checkout", "amount = total(self.items)", 16)
EXPECTED = ExpectedFailure("KeyError", "'coffee'", (CHECKOUT, TOTAL, TOTAL_EACH, PRICE))
REPRODUCING = """\
from shop.cart import Cart


def test_unknown_goods():
    assert Cart([{"name": "coffee", "count": 1}]).checkout() == 0
"""


def request(
    repo: Path,
    source: str = REPRODUCING,
    name: str = "test_unknown_goods",
    *,
    ref: str = "main",
    tier: Isolation = Isolation.BUBBLEWRAP,
    path: str = "tests/test_draft.py",
    expected: ExpectedFailure | None = EXPECTED,
    timeout: float = 30.0,
    python: Path | None = None,
    roots: tuple[Path, ...] = (),
) -> RunRequest:
    return RunRequest(
        repo=repo,
        ref=ref,
        interpreter_path=python or Path(sys.executable),
        interpreter_roots=roots or (Path(sys.prefix), Path(sys.base_prefix)),
        import_roots=("src", "."),
        test_path=path,
        test_source=source,
        test_name=name,
        expected=expected,
        tier=tier,
        timeout=timeout,
    )


async def report(asked: RunRequest) -> RunReport:
    async for item in run_test(asked):
        if isinstance(item, RunReport):
            return item
    raise AssertionError("no report")


async def before(asked: RunRequest) -> RunResult:
    async for item in run_before(asked):
        if isinstance(item, RunResult):
            return item
    raise AssertionError("no result")


async def after(asked: RunRequest, base: RunResult | None = None) -> RunResult:
    async for item in run_after(asked, base):
        if isinstance(item, RunResult):
            return item
    raise AssertionError("no result")
