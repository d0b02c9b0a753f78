"""Words for tests of the app: look at the screen, wait for what should be there."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from triage.tui.app import TriageApp

PATIENCE = 30.0


@asynccontextmanager
async def opened(app: TriageApp, size: tuple[int, int] = (120, 36)) -> AsyncIterator[Pilot[None]]:
    """The running app with notifications and tooltips, whose crashes Textual hides in tests by default."""
    async with app.run_test(size=size, notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        yield pilot


def screen_text(app: TriageApp) -> str:
    """All that can be read on the screen."""
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in strips)


async def until(pilot: Pilot[None], condition: Callable[[], bool], what: str = "") -> None:
    """Wait for a condition; fails with what is on the screen."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            assert isinstance(pilot.app, TriageApp)
            raise AssertionError(f"never came: {what or condition}\n{screen_text(pilot.app)}")
        await pilot.pause()
        await asyncio.sleep(0.01)


async def sees(pilot: Pilot[None], *texts: str) -> None:
    """Wait until all of these can be read."""
    app = pilot.app
    assert isinstance(app, TriageApp)
    await until(pilot, lambda: all(text in screen_text(app) for text in texts), f"{texts}")


async def no_longer_sees(pilot: Pilot[None], text: str) -> None:
    """Wait until this cannot be read any more."""
    app = pilot.app
    assert isinstance(app, TriageApp)
    await until(pilot, lambda: text not in screen_text(app), f"{text} gone")
