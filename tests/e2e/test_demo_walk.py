"""`triage demo --walk`: the whole loop, for real."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from triage.demo import walk as walking
from triage.demo.processes import python_path


def test_the_walk_holds_at_every_step(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "triage", "demo", str(tmp_path / "demo"), "--walk", "--json"]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    assert said["ok"], [step for step in said["steps"] if not step["ok"]]
    assert done.returncode == 0
    steps = [step["step"] for step in said["steps"]]
    for step in ("set up", "arrive", "index", "locate", "draft", "run", "push", "PR", "undo", "follow", "untouched"):
        assert step in steps
    runs = [step["seen"] for step in said["steps"] if step["step"] == "run"]
    assert len(runs) == 2
    assert all("before REPRODUCED" in seen and "after PASSES" in seen for seen in runs)


def test_a_step_that_does_not_hold_fails_the_walk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(walking, "ARRIVAL_SECONDS", 0.0)
    assert walking.walk(tmp_path / "demo") == 1
    out = capsys.readouterr().out
    assert "ok" in out.splitlines()[0]
    assert "FAIL" in out.splitlines()[-1]
    assert "not arrived" in out.splitlines()[-1]


def test_the_demo_without_a_terminal_says_what_to_do(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "triage", "demo", str(tmp_path / "demo")]
    environment = {**os.environ, "PYTHONPATH": python_path()}
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "--walk" in done.stderr
    assert not (tmp_path / "demo").exists()
