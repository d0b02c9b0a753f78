"""Events that arrive while somebody reads: places stay, nothing is lost, not even a key."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tui.events import add, exception, sdk_event
from tests.tui.stories import opened, screen_text, sees, until
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.screens.inbox import InboxScreen

ROOT = Path(__file__).resolve().parents[2]
RATE, SECONDS = 50, 4


@contextmanager
def arriving(workspace: Workspace) -> Iterator["subprocess.Popen[str]"]:
    """Another process stores RATE events a second for SECONDS."""
    command = [sys.executable, str(Path(__file__).with_name("writer.py"))]
    process = subprocess.Popen(
        [*command, workspace.config.store_url, str(RATE), str(SECONDS)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def many(workspace: Workspace, number: int) -> None:
    add(workspace, *(sdk_event(at, [exception("KeyError", f"'sku-{at}'", [])]) for at in range(1, number + 1)))


def inbox(app: TriageApp) -> InboxScreen:
    assert isinstance(app.screen, InboxScreen)
    return app.screen


async def test_no_key_is_dropped_while_fifty_events_a_second_arrive(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 300)
    async with opened(app) as pilot:
        await sees(pilot, "300 issues")
        with arriving(workspace) as process:
            await until(pilot, lambda: "newer: R shows" in screen_text(app))
            pressed = 0
            while process.poll() is None:
                before = inbox(app).issues.index
                for key, step in (("j", 1), ("j", 1), ("k", -1), ("down", 1)):
                    await pilot.press(key)
                    pressed += 1
                    before += step
                    assert inbox(app).issues.index == before
                under = inbox(app).issues.issue
                assert under is not None
                assert under.title == f"KeyError: 'sku-{before + 1}'"
                if before > 200:
                    await pilot.press("g")
                await asyncio.sleep(0)
            assert process.stdout is not None
            stored = int(process.stdout.read().split()[1])
        assert pressed > 8
        assert stored > RATE * SECONDS * 0.5
        fresh = stored // 2 + 1
        await until(pilot, lambda: inbox(app).waiting == fresh, f"{fresh} waiting")
        place = inbox(app).issues.index
        assert f"{fresh:,} newer" in screen_text(app)
        assert inbox(app).issues.index == place
        await pilot.press("R")
        await sees(pilot, "OSError: fresh", f"{300 + fresh} issues")
        assert inbox(app).issues.index == 0


async def test_arrivals_are_counted_while_a_text_is_searched(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 40)
    async with opened(app) as pilot:
        await pilot.press("slash", *"KeyError", "enter")
        await sees(pilot, "40 issues")
        await pilot.press("j")
        add(workspace, sdk_event(0, [exception("OSError", "another", [])]))
        add(workspace, {**sdk_event(0, [exception("KeyError", "fresh", [])]), "event_id": "f" * 32})
        await sees(pilot, "1 newer: R shows")
        under = inbox(app).issues.issue
        assert under is not None
        assert "sku-2" in under.title
        await pilot.press("R")
        await sees(pilot, "KeyError: fresh", "41 issues")


async def test_a_failing_store_is_noticed_again_when_it_is_back(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 3)
    async with opened(app) as pilot:
        await sees(pilot, "3 issues")
        read = workspace.store.change_token
        from triage.errors import Unavailable

        asked = 0

        def broken() -> int:
            nonlocal asked
            asked += 1
            raise Unavailable("the store is busy", "", "")

        workspace.store.change_token = broken  # type: ignore[method-assign]
        await until(pilot, lambda: asked > 1)
        workspace.store.change_token = read  # type: ignore[method-assign]
        add(workspace, sdk_event(0, [exception("OSError", "later", [])]))
        await sees(pilot, "1 newer")
