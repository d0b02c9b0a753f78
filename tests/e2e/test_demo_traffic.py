"""The sample's bugs, as they arrive: real sentry-sdk, real ingest server, real store."""

import asyncio
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from triage.demo import processes
from triage.demo.processes import python_path
from triage.demo.scenarios import SCENARIOS, Scenario
from triage.demo.stage import Stage, stage
from triage.demo.traffic import schedule, start_traffic
from triage.demo.walk import _arrived, _last
from triage.domain.event import Event
from triage.domain.issue import Issue
from triage.errors import Refused
from triage.services.drafts import draft_by_replay
from triage.services.inspect import glance, load_case
from triage.services.steps import Drafted


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage(tmp_path_factory.mktemp("demo"), once=True) as running:
        yield running


@pytest.fixture(scope="module")
def issues(scene: Stage) -> dict[str, Issue]:
    return asyncio.run(_arrived(scene))


def event_of(scene: Stage, issue: Issue) -> Event:
    return glance(scene.workspace, issue.id)[1]


def in_app_frames(event: Event) -> list[str]:
    crash = event.crash
    assert crash is not None
    return [frame.function for frame in crash.frames if frame.in_app and frame.path.startswith("larder/")]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda item: item.key)
def test_each_bug_arrives_with_its_stack_and_values(scene: Stage, issues: dict[str, Issue], scenario: Scenario) -> None:
    event = event_of(scene, issues[scenario.key])
    crash = event.crash
    assert crash is not None
    assert crash.type == scenario.raises
    deepest = [frame for frame in crash.frames if frame.in_app][-1]
    assert (deepest.path, deepest.function) == scenario.crash
    assert deepest.variables
    assert event.release in ("larder@1.3.0", "larder@1.4.0")
    assert event.environment == "production"


def test_there_is_a_bug_of_every_kind(scene: Stage, issues: dict[str, Issue]) -> None:
    assert len(issues) >= 12
    events = {key: event_of(scene, issue) for key, issue in issues.items()}
    assert events["past-last-page"].request is not None
    assert in_app_frames(events["staff-discount"])[-2:] == ["total", "apply"]
    assert len(events["price-with-thousands"].exceptions) == 2
    group = events["tour-with-a-customer-without-email"]
    assert group.raised is not None
    assert group.raised.is_group
    assert events["order-without-instructions"].user


def test_most_bugs_lie_deep_below_what_is_called(scene: Stage, issues: dict[str, Issue]) -> None:
    depths = [len(in_app_frames(event_of(scene, issue))) for issue in issues.values()]
    assert sum(depth >= 2 for depth in depths) >= 12


def test_the_stacks_lie_in_the_checkout(scene: Stage, issues: dict[str, Issue]) -> None:
    async def located() -> list[tuple[str, bool]]:
        cases = {key: await load_case(scene.workspace, issue.id) for key, issue in issues.items()}
        return [(key, case.code_path.crash is not None and case.code_path.release_known) for key, case in cases.items()]

    assert [key for key, found in asyncio.run(located()) if not found] == []


def test_two_demos_in_one_folder_are_refused(scene: Stage) -> None:
    with pytest.raises(Refused, match="runs there already"), stage(scene.paths.root):
        pass


def test_nothing_survives_the_stage(tmp_path: Path) -> None:
    with stage(tmp_path / "demo", once=True) as scene:
        ours = psutil.Process().children(recursive=True)
        mine = [process for process in ours if str(scene.paths.root) in " ".join(process.cmdline())]
        assert mine
    gone, alive = psutil.wait_procs(mine, timeout=10)
    assert alive == []
    assert gone


def test_traffic_ends_when_its_parent_is_gone(scene: Stage) -> None:
    traffic = start_traffic(scene.paths, scene.ingest.dsn, once=True)
    try:
        handle = psutil.Process(traffic.pid)
        deadline = time.monotonic() + 30
        while len(handle.children()) < 2 and time.monotonic() < deadline:
            time.sleep(0.05)
        children = handle.children(recursive=True)
        assert traffic.stdin is not None
        traffic.stdin.close()
        traffic.wait(10)
        assert psutil.wait_procs(children, timeout=10)[1] == []
    finally:
        processes.stop(traffic)


def test_new_kinds_of_errors_keep_arriving_while_the_app_is_open() -> None:
    events = schedule(random.Random(3), once=False)
    clock = 0.0
    first_seen: dict[str, float] = {}
    for pause, scenario in events:
        clock += pause
        if scenario is not None:
            first_seen.setdefault(scenario.key, clock)
        if clock > 600:
            break
    assert set(first_seen) == {scenario.key for scenario in SCENARIOS}
    assert sum(when < 3 for when in first_seen.values()) >= 6
    assert sum(when > 10 for when in first_seen.values()) >= 2


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs Linux's parent-death signal")
def test_nothing_survives_a_demo_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path; from triage.demo.stage import stage\n"
        "with stage(Path(sys.argv[1]), once=True):\n    print('up', flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "demo")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": python_path()}) as demo:
        assert demo.stdout is not None
        assert demo.stdout.readline() == b"up\n"
        started = psutil.Process(demo.pid).children(recursive=True)
        demo.kill()
    assert len(started) >= 3
    assert psutil.wait_procs(started, timeout=15)[1] == []


@pytest.mark.parametrize(
    "key",
    ["past-last-page", "slot-without-offset", "name-beyond-latin-1", "tour-with-a-customer-without-email"],
)
def test_bugs_of_all_kinds_can_be_drafted(scene: Stage, issues: dict[str, Issue], key: str) -> None:
    async def drafted() -> Drafted:
        return await _last(draft_by_replay(scene.workspace, issues[key].id), Drafted)

    found = asyncio.run(drafted())
    assert found.evidence is not None, found.why
    assert found.evidence.reproduces, found.evidence.line
