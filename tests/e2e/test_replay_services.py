"""One production event in, a test out: services of our own under the real sentry-sdk, end to end."""

import asyncio
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from triage.codebase.interpreter import find_interpreter
from triage.codebase.layout import import_roots, nearest_test_file
from triage.codebase.locate import locate_fast
from triage.domain.event import Event
from triage.domain.expected import expected_failure
from triage.domain.incoming import Kind
from triage.domain.judge import judge_after, judge_before
from triage.domain.verdict import ExpectedFailure, Verdict
from triage.drafting.replay import ReplayRequest, ReplayResult, ReplayStep, replay
from triage.execution.sandbox import best_tier
from triage.sources import parse_event

SERVICES = Path(__file__).parent / "replay_services"
NEEDS = {
    "flask_shop": "flask",
    "fastapi_book": "fastapi",
    "django_site": "django",
    "cli_click": "click",
    "aiohttp_room": "aiohttp",
}


def load_capture() -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay_capture", SERVICES / "capture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["replay_capture"] = module
    spec.loader.exec_module(module)
    return module


capture = load_capture()
# The web frameworks take seconds to import; one of them stands for all unless TRIAGE_SLOW is set.
SLOW = (
    ()
    if os.environ.get("TRIAGE_SLOW")
    else ("fastapi_book", "flask_shop", "django_site", "outside_http", "aiohttp_room", "outside_session")
)
NAMES = [
    name for name in capture.names() if importlib.util.find_spec(NEEDS.get(name, "os")) is not None and name not in SLOW
]


async def request_for(repo: Path, event: Event, fix: str | None, budget: float = 30.0) -> ReplayRequest:
    code_path = await locate_fast(repo, event)
    expected = expected_failure(event, code_path)
    assert expected is not None
    assert code_path.commit is not None
    interpreter = await find_interpreter(repo, sys.executable)
    crash = code_path.crash
    return ReplayRequest(
        event=event,
        code_path=code_path,
        expected=expected,
        repo=repo,
        commit=code_path.commit,
        interpreter_path=interpreter.path,
        interpreter_roots=(interpreter.prefix, interpreter.base_prefix, interpreter.purelib),
        import_roots=import_roots(repo),
        tier=best_tier(),
        nearest_test=nearest_test_file(repo, crash.path if crash and crash.path else ""),
        budget_seconds=budget,
        fix_commit=fix,
    )


async def outcome(request: ReplayRequest) -> tuple[ReplayResult, list[str]]:
    steps: list[str] = []
    result: ReplayResult | None = None
    async for item in replay(request):
        if isinstance(item, ReplayStep):
            steps.append(item.text)
        else:
            result = item
    assert result is not None
    return result, steps


def verdicts(expected: ExpectedFailure, result: ReplayResult) -> tuple[Verdict | None, Verdict | None]:
    before = judge_before(expected, result.before).verdict if result.before else None
    after = judge_after(expected, result.after).verdict if result.after else None
    return before, after


def plain_pytest(tree: Path, result: ReplayResult) -> int:
    file = tree / str(result.test_path)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(result.test_source or "")
    paths = os.pathsep.join(str(tree / root) for root in import_roots(tree))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(result.test_path)]
    done = subprocess.run(command, cwd=tree, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False)
    file.unlink()
    return done.returncode


@pytest.mark.parametrize("name", NAMES)
def test_a_crash_of_a_service_becomes_a_test_that_fails_before_the_fix_and_passes_after(
    name: str, tmp_path: Path
) -> None:
    service = capture.build(name, tmp_path, sys.executable)
    event = parse_event(service.event.read_bytes(), Kind.SDK)

    async def story() -> tuple[ReplayRequest, ReplayResult]:
        request = await request_for(service.repo, event, service.fix)
        result, _ = await outcome(request)
        return request, result

    request, result = asyncio.run(story())
    assert verdicts(request.expected, result) == (Verdict.REPRODUCED, Verdict.PASSES), result.why
    assert "triage" not in (result.test_source or "")
    assert plain_pytest(service.repo, result) == 1
    subprocess.run(["git", "checkout", "-q", service.fix], cwd=service.repo, check=True, capture_output=True)
    assert plain_pytest(service.repo, result) == 0


def changed(service_event: Path, change: "dict[str, object]", function: str) -> Event:
    """The event with some locals of a function's frames replaced."""
    payload = json.loads(service_event.read_text())
    for raised in payload["exception"]["values"]:
        for frame in raised["stacktrace"]["frames"]:
            if frame["function"] == function:
                frame["vars"] = {**frame.get("vars", {}), **change}
    return parse_event(json.dumps(payload).encode(), Kind.SDK)


def test_values_that_are_code_are_never_run_nor_written(tmp_path: Path) -> None:
    service = capture.build("objects_cart", tmp_path, sys.executable)
    marker = tmp_path / "ran"
    attack = f"__import__('os').system('touch {marker}')"
    event = changed(service.event, {"order": attack, "cart": f"Popen(['touch', '{marker}'])"}, "checkout")

    async def story() -> ReplayResult:
        result, _ = await outcome(await request_for(service.repo, event, None, budget=5.0))
        return result

    result = asyncio.run(story())
    assert not marker.exists()
    assert "system" not in (result.test_source or "")
    assert "Popen" not in (result.test_source or "")


def test_without_anything_to_go_on_it_says_what_was_tried(tmp_path: Path) -> None:
    service = capture.build("sqlite_worker", tmp_path, sys.executable)
    payload = json.loads(service.event.read_text())
    for frame in payload["exception"]["values"][0]["stacktrace"]["frames"]:
        frame.pop("vars", None)
        frame["pre_context"] = frame["post_context"] = []
    event = parse_event(json.dumps(payload).encode(), Kind.SDK)

    async def story() -> tuple[ReplayResult, list[str]]:
        return await outcome(await request_for(service.repo, event, None, budget=4.0))

    result, steps = asyncio.run(story())
    if result.test_source is None:
        assert "candidates were tried" in result.why
        assert "include_local_variables" in result.why
    assert "trying candidates" in steps
    assert result.missing


def test_leaving_early_ends_the_server(tmp_path: Path) -> None:
    service = capture.build("objects_cart", tmp_path, sys.executable)
    event = parse_event(service.event.read_bytes(), Kind.SDK)

    async def story() -> None:
        generator = replay(await request_for(service.repo, event, None))
        async for item in generator:
            if isinstance(item, ReplayStep) and item.text == "importing the code":
                break
        await generator.aclose()  # type: ignore[attr-defined]

    asyncio.run(asyncio.wait_for(story(), 20))
    listing = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert not [line for line in listing.splitlines() if "replay_server.py" in line and str(tmp_path) in line]
