"""With the capture hook in the service: values that no repr tells become tests, through the command's own service."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from triage.config import Config
from triage.domain.event import Event
from triage.domain.fidelity import Fidelity, grade
from triage.domain.incoming import Kind
from triage.domain.verdict import Verdict
from triage.services.reproduce import Reproduction, reproduce
from triage.sources import parse_event

SERVICE = Path(__file__).parent / "captured_service"
HOOK = Path(__file__).parents[2] / "triage" / "inside" / "capture_hook.py"
SCENARIOS = re.findall(r"def make_(\w+)", (SERVICE / "scenarios.py").read_text())
# One of a kind here; all of them by `python -m benchmarks.reproduce --capture`.
CHOSEN = ("due", "cheapest", "path", "login", "weights")


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("depot") / "repo"
    shutil.copytree(SERVICE / "repo", folder)
    who = ["-c", "user.name=Dev", "-c", "user.email=dev@example.org"]
    for arguments in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-q", "-m", "The depot"]):
        subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True)
    return folder


def crash(folder: Path, scenario: str, hook: bool) -> Event:
    """The event of one scenario, sent by the real SDK from a copy in another place."""
    place = folder / "srv"
    shutil.copytree(SERVICE / "repo", place)
    shutil.copy(SERVICE / "scenarios.py", place / "worker.py")
    shutil.copy(HOOK, place / "triage_capture.py")
    out = folder / "event.json"
    environment = {**os.environ, "EVENT_OUT": str(out), "HOOK": "1" if hook else ""}
    subprocess.run([sys.executable, str(place / "worker.py"), scenario], env=environment, check=True, timeout=60)
    return parse_event(out.read_bytes(), Kind.SDK)


def reproduced(repo: Path, event: Event) -> Reproduction:
    async def story() -> Reproduction:
        async for item in reproduce(Config(repo=repo, python=sys.executable), event, None):
            if isinstance(item, Reproduction):
                return item
        raise AssertionError("no result")

    return asyncio.run(story())


@pytest.mark.parametrize("scenario", CHOSEN)
def test_values_that_no_repr_tells_become_a_test(scenario: str, repo: Path, tmp_path: Path) -> None:
    event = crash(tmp_path, scenario, hook=True)
    found = reproduced(repo, event)
    assert found.before is not None, found.why
    assert found.before.verdict is Verdict.REPRODUCED
    assert found.candidates_tried <= 6
    assert found.test_source is not None
    assert "hunter2" not in found.test_source
    assert "triage" not in found.test_source
    assert "__new__" not in found.test_source  # what a maintainer would write
    assert found.fidelity == (Fidelity.TRIMMED if scenario == "login" else Fidelity.FULL)


def test_a_secret_is_not_in_the_event_though_it_stands_in_a_tuple_and_in_the_source(tmp_path: Path) -> None:
    event = crash(tmp_path, "login", hook=True)
    assert "hunter2" not in str(event.capture)
    assert grade(event)[1] == ("login: password (a secret, left out)",)


def test_where_recorded_values_lead_nowhere_what_the_sdk_sent_is_tried(repo: Path, tmp_path: Path) -> None:
    event = crash(tmp_path, "due", hook=True)
    assert event.capture is not None
    wrong = [replace(frame, arguments=dict.fromkeys(frame.arguments, 0)) for frame in event.capture.frames]
    found = reproduced(repo, replace(event, capture=replace(event.capture, frames=tuple(wrong))))
    assert found.before is not None, found.why
    assert found.before.verdict is Verdict.REPRODUCED
