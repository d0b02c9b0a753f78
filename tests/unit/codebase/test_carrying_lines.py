"""Lines carried by diff, against real git on random edits."""

import asyncio
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest

from triage.codebase.carry import LineMap, line_map, parse_hunks
from triage.codebase.git import Git


def blob(repo: Path, text: str) -> str:
    done = subprocess.run(["git", "hash-object", "-w", "--stdin"], cwd=repo, input=text.encode(), capture_output=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize("seed", range(6))
def test_untouched_lines_arrive_and_changed_ones_are_gone(repo: Any, seed: int) -> None:
    rng = random.Random(seed)
    old = [f"line {number}" for number in range(60)]
    new: list[str] = []
    for line in old:
        choice = rng.random()
        if choice < 0.1:
            continue
        if choice < 0.2:
            new.append(f"changed {rng.random()}")
            continue
        if choice < 0.3:
            new += [f"fresh {rng.random()}" for _ in range(rng.randrange(1, 4))]
        new.append(line)
    before, after = blob(repo.path, "\n".join(old) + "\n"), blob(repo.path, "\n".join(new) + "\n")
    lines = asyncio.run(line_map(Git(repo.path), before, after))
    for number, line in enumerate(old, 1):
        expected = new.index(line) + 1 if line in new else None
        assert lines.carry(number) == expected
        if expected is not None:
            assert lines.reversed().carry(expected) == number


def test_the_same_blob_needs_no_git(tmp_path: Path) -> None:
    assert asyncio.run(line_map(Git(tmp_path / "nowhere"), "a", "a")) == LineMap()


def test_hunks_at_the_edges() -> None:
    lines = parse_hunks(b"@@ -0,0 +1,2 @@\n+a\n+b\n@@ -3 +4,0 @@\n-c\n@@ -9,0 +10 @@ def f():\n+x\n")
    assert [lines.carry(number) for number in (1, 2, 3, 4, 9, 10)] == [3, 4, None, 5, 10, 12]
