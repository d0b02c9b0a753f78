"""The loopback forge as a program of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.contract.forge_story import git, page

ROOT = Path(__file__).parents[2]


def test_it_says_where_it_listens_and_ends_when_asked(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "triage.demo.forge_server", str(tmp_path / "forge"), "--repo", "acme/shop"]
    environment = {**os.environ, "TRIAGE_FORGE_TOKEN": "tok_process"}
    with subprocess.Popen(arguments, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        assert page(f"{said['url']}/acme/shop").status_code == 200
        with_token = said["clone"]["acme/shop"].replace("http://", "http://x:tok_process@")
        git(tmp_path, "clone", "-q", with_token, "here")
        process.terminate()
        assert process.wait(timeout=20) == 0


def test_without_a_token_it_does_not_start(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "TRIAGE_FORGE_TOKEN"}
    arguments = [sys.executable, "-m", "triage.demo.forge_server", str(tmp_path)]
    ran = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 2
    assert "no token" in ran.stderr
