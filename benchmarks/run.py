"""One draft run again and its flake check, beside plain pytest on the same test.

    python -m benchmarks.run [ROUNDS]

Budgets (design, section 7): one test again 0.3 s beside plain pytest (0.5 s there), 170 executions
in 2 s. Both share the machine in one run: look at the ratio.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from triage.domain.verdict import Isolation, RunReport
from triage.execution.runner import RunRequest, run_test
from triage.execution.sandbox import best_tier
from triage.execution.verify import check_stability

SHOP = "def total(items):\n    return sum(item['price'] for item in items)\n"
TEST = "from shop import total\n\n\ndef test_total():\n    assert total([{'prize': 1}]) == 1\n"
FILES = 300


def make_repo(folder: Path) -> Path:
    repo = folder / "repo"
    repo.mkdir()
    (repo / "shop.py").write_text(SHOP)
    for number in range(FILES):
        (repo / f"module_{number}.py").write_text(f"VALUE = {number}\n" * 50)
    (repo / "test_total.py").write_text(TEST)
    around = {**os.environ, "GIT_CONFIG_GLOBAL": os.devnull}
    who = ["-c", "user.name=Ana", "-c", "user.email=ana@example.org"]
    for arguments in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Shop"]):
        subprocess.run(["git", *who, *arguments], cwd=repo, env=around, check=True)
    return repo


def request(repo: Path, tier: Isolation) -> RunRequest:
    return RunRequest(
        repo=repo,
        ref="HEAD",
        interpreter_path=Path(sys.executable),
        interpreter_roots=(Path(sys.prefix), Path(sys.base_prefix)),
        import_roots=(".",),
        test_path="test_draft.py",
        test_source=TEST,
        test_name="test_total",
        expected=None,
        tier=tier,
    )


async def ours(asked: RunRequest) -> float:
    started = time.perf_counter()
    async for item in run_test(asked):
        if isinstance(item, RunReport):
            assert item.outcome == "failed", item
    return time.perf_counter() - started


def plain(repo: Path, **env: str) -> float:
    started = time.perf_counter()
    argv = [sys.executable, "-m", "pytest", "-q", "test_total.py::test_total"]
    subprocess.run(argv, cwd=repo, capture_output=True, env={**os.environ, **env}, check=False)
    return time.perf_counter() - started


async def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRIAGE_HOME"] = str(Path(name) / "triage")
        repo = make_repo(Path(name))
        tier = best_tier()
        asked = request(repo, tier)
        first = await ours(asked)
        await ours(asked)
        figures: dict[str, list[float]] = {"again": [], "plain": [], "no plugins": []}
        for _ in range(rounds):
            figures["again"].append(await ours(asked))
            figures["plain"].append(plain(repo))
            figures["no plugins"].append(plain(repo, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1"))
        middle = {name: statistics.median(values) for name, values in figures.items()}
        print(f"one draft, first run (worktree laid out)   {first:6.2f} s")
        print(f"one draft run again, {tier:<11}           {middle['again']:6.2f} s   owed 0.30 s")
        ratio = middle["again"] / middle["plain"]
        print(f"plain pytest                               {middle['plain']:6.2f} s   ours / plain {ratio:.2f}")
        print(f"pytest without plugins                     {middle['no plugins']:6.2f} s")
        started = time.perf_counter()
        done, unstable = await check_stability(asked, 170)
        spent = time.perf_counter() - started
        word = "unstable" if unstable else "stable"
        print(f"flake check, {done} executions, {word}      {spent:6.2f} s   owed 2.00 s")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7))
