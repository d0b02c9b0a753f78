"""Makes the pictures in the docs from the real app on the demo: `python scripts/pictures.py`.

Sets the sample service up, waits for its errors, walks the app with keys and writes SVGs.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from textual.pilot import Pilot

from triage.demo.stage import stage
from triage.domain.issue import IssueQuery
from triage.services.index import build_index
from triage.tui.app import TriageApp

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (132, 38)
WANTED = "ZeroDivisionError"
PATIENCE = 90.0


def read(app: TriageApp) -> str:
    """All that can be read on the screen."""
    return "\n".join("".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], ready: Callable[[], bool]) -> None:
    """Wait for a condition, at most PATIENCE seconds."""
    deadline = time.monotonic() + PATIENCE
    while not ready():
        if time.monotonic() > deadline:
            assert isinstance(pilot.app, TriageApp)
            raise SystemExit(f"the picture never became ready:\n{read(pilot.app)}")
        await pilot.pause()
        await asyncio.sleep(0.05)


def keep(app: TriageApp, name: str) -> None:
    """Write what is on the screen as docs/pictures/NAME.svg."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / f"{name}.svg").write_text(app.export_screenshot(title="triage"), encoding="utf-8")
    print(PICTURES / f"{name}.svg")


async def walk(app: TriageApp) -> None:
    """Inbox, issue, review and run, each as a picture."""
    async with app.run_test(size=SIZE, notifications=True) as pilot:
        await until(pilot, lambda: WANTED in read(app))
        await pilot.press("slash", *WANTED, "enter")
        await until(pilot, lambda: "division by zero" in read(app))
        await pilot.press("escape")
        await until(pilot, lambda: "KeyError" in read(app))
        keep(app, "inbox")
        await pilot.press("slash", *WANTED, "enter", "enter")
        await until(pilot, lambda: "suspect" in read(app) and "coverage" in read(app))
        keep(app, "issue")
        await pilot.press("d")
        await until(pilot, lambda: "REPRODUCED" in read(app) and "where it crashed" in read(app))
        await pilot.pause(1.0)
        keep(app, "review")
        await pilot.press("r")
        await until(pilot, lambda: "after" in read(app) and "stable" in read(app) and "PASSES" in read(app))
        await pilot.pause(1.0)
        keep(app, "run")


async def index(scene_workspace: object) -> None:
    """Learn which tests run which line, as `triage demo` does."""
    async for _ in build_index(scene_workspace):  # type: ignore[arg-type]  # the stage's workspace
        pass


def main() -> int:
    """Make all pictures anew."""
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory(prefix="triage-pictures-") as folder, stage(Path(folder), once=True) as scene:
        asyncio.run(index(scene.workspace))
        deadline = time.monotonic() + PATIENCE
        while scene.workspace.store.count(IssueQuery()) < 12 and time.monotonic() < deadline:
            time.sleep(0.5)
        asyncio.run(walk(TriageApp(scene.workspace, start_ingest=False)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
