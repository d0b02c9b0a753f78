"""`triage init`: says what it found, and writes every setting with a comment."""

import dataclasses
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from triage.cli import main
from triage.config import Config, load_config


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    for name in ("TRIAGE_REPO", "TRIAGE_STORE", "TRIAGE_PYTHON"):
        monkeypatch.delenv(name, raising=False)
    repo = tmp_path / "shop"
    (repo / "tests").mkdir(parents=True)
    (repo / "shop.py").write_text('import sentry_sdk\n\nsentry_sdk.init(dsn="")\n')
    (repo / "tests" / "test_shop.py").write_text("def test_a():\n    pass\n")
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
    for words in (("init", "-q"), ("add", "-A"), (*who, "commit", "-qm", "first")):
        subprocess.run(["git", *words], cwd=repo, check=True)
    return repo


def test_it_says_what_it_found_and_what_comes_next(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--repo", str(checkout)]) == 0
    said = capsys.readouterr()
    assert said.out == f"{checkout / 'triage.toml'}\n"
    for words in (
        "interpreter:",
        "tests: tests",
        "tracker: sentry-sdk, started in shop.py",
        "no remote",
        "next: triage",
    ):
        assert words in said.err
    assert "\x1b" not in said.err
    assert main(["init", "--repo", str(checkout)]) != 0
    assert "exists" in capsys.readouterr().err
    assert main(["init", "--repo", str(checkout), "--force", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["found"]["tracker"].startswith("sentry-sdk")


def test_every_setting_is_in_the_file_and_holds_once_it_is_wanted(checkout: Path) -> None:
    assert main(["init", "--repo", str(checkout)]) == 0
    text = (checkout / "triage.toml").read_text()
    for field in dataclasses.fields(Config):
        assert field.name in ("repo", "store") or re.search(rf"\b{field.name}\b", text), field.name
    wanted = re.sub(r"^# ((?:\[+[\w.\"-]+\]+|[\w\"]+(?:\.[\w\"]+)* = ).*)$", r"\1", text, flags=re.M)
    assert tomllib.loads(wanted)["keys"] == {"inbox.resolve": "X"}
    (checkout / "triage.toml").write_text(wanted)
    config = load_config(start=checkout)
    assert config.notify.desktop == "osc9"
    assert config.views == {"mine": "is:unresolved assigned:me"}


def test_an_interpreter_that_was_named_stays_named(checkout: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--repo", str(checkout)]) == 0
    assert "python" not in tomllib.loads((checkout / "triage.toml").read_text())
    assert main(["init", "--repo", str(checkout), "--python", sys.executable, "--force"]) == 0
    assert tomllib.loads((checkout / "triage.toml").read_text())["python"] == sys.executable
