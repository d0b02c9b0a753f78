"""Makes the pictures in the docs from the real app on the demo: `python scripts/pictures.py`.

Sets the sample service up, waits for its errors, walks the app with keys and writes SVGs. With `--all DIR`
it pictures every screen instead, in every theme and size asked for, for somebody to look at:

    python scripts/pictures.py --all /tmp/pictures --theme triage-light ansi-dark --size 80x24 120x36
"""

import argparse
import asyncio
import io
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from textual.pilot import Pilot

from triage.demo.stage import stage
from triage.domain.issue import IssueQuery
from triage.services.index import build_index
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp

PICTURES = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (132, 38)
WANTED = "ZeroDivisionError"
PATIENCE = 40.0


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


def picture(app: TriageApp) -> str:
    """What is on the screen as SVG; the terminal's own colours are those of a light terminal for a light theme."""
    if not app.native_ansi_color or app.current_theme.dark:
        return app.export_screenshot(title="triage")
    width, height = app.size
    console = Console(width=width, height=height, file=io.StringIO(), force_terminal=True, color_system="truecolor",
                      record=True, legacy_windows=False, safe_box=False)  # fmt: skip
    console.print(app.screen._compositor.render_update(full=True, screen_stack=app._background_screens))
    return console.export_svg(title="triage", theme=DEFAULT_TERMINAL_THEME)


def keep(app: TriageApp, name: str, folder: Path = PICTURES) -> None:
    """Write what is on the screen as FOLDER/NAME.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.svg").write_text(picture(app), encoding="utf-8")
    print(folder / f"{name}.svg", flush=True)


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


async def every_screen(app: TriageApp, size: tuple[int, int], name: str, folder: Path) -> None:
    """Each screen once; sheets over the screen that they are most used on."""
    from triage.tui.screens.fix import FixScreen
    from triage.tui.screens.prompt import PromptScreen
    from triage.tui.screens.publish import PublishScreen

    async with app.run_test(size=size, notifications=True) as pilot:

        async def shows(screen: str, *texts: str) -> None:
            try:
                await until(pilot, lambda: all(text in read(app) for text in texts))
            except SystemExit as error:
                print(f"{screen}: {texts} are not on it; pictured as it is", str(error)[:40], file=sys.stderr)
            await pilot.pause(0.6)
            keep(app, f"{screen}-{name}", folder)

        await until(pilot, lambda: "issues" in read(app))
        await pilot.press("j", "j")
        await shows("inbox", "Error")
        await pilot.press("question_mark")
        await shows("help")
        await pilot.press("escape", "colon")
        await shows("palette")
        await pilot.press("escape", "slash", *WANTED)
        await shows("filter", WANTED)
        await pilot.press("enter", "enter")
        await shows("issue", "suspect")
        await pilot.press("apostrophe")
        await shows("jump")
        await pilot.press("escape")
        store = app.workspace.store
        (issue,) = [one for one in store.page(IssueQuery(), 50) if WANTED in one.title]
        await pilot.press("r" if store.drafts(issue.id) else "d")
        await shows("review", "REPRODUCED")
        draft = store.drafts(issue.id)[0]
        app.push_screen(FixScreen(issue.id, None))
        await shows("fix")
        await pilot.press("escape", "J")
        await shows("jobs")
        await pilot.press("escape", "enter")
        await shows("edit", "EDITOR")
        await pilot.press("f5")
        await shows("run", "PASSES")
        app.push_screen(PublishScreen(draft, pull_request=False))
        await shows("publish", "esc")
        app.push_screen(PromptScreen(issue.id))
        await shows("prompt", "changes the instruction")


def looks(scene_workspace: Workspace, options: argparse.Namespace) -> None:
    """All screens in all themes and sizes that were asked for."""
    for theme in options.theme:
        for size in options.size:
            columns, rows = map(int, size.split("x"))
            workspace = Workspace.open(replace(scene_workspace.config, theme=theme))
            app = TriageApp(workspace, start_ingest=False)
            asyncio.run(every_screen(app, (columns, rows), f"{theme}-{size}", options.all))


async def index(scene_workspace: object) -> None:
    """Learn which tests run which line, as `triage demo` does."""
    async for _ in build_index(scene_workspace):  # type: ignore[arg-type]  # the stage's workspace
        pass


def main() -> int:
    """Make all pictures anew."""
    options = arguments()
    os.environ["COLORTERM"] = "truecolor"
    with tempfile.TemporaryDirectory(prefix="triage-pictures-") as folder, stage(Path(folder), once=True) as scene:
        asyncio.run(index(scene.workspace))
        deadline = time.monotonic() + PATIENCE
        while scene.workspace.store.count(IssueQuery()) < 12 and time.monotonic() < deadline:
            time.sleep(0.5)
        if options.all:
            looks(scene.workspace, options)
        else:
            asyncio.run(walk(TriageApp(scene.workspace, start_ingest=False)))
    return 0


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description="Makes pictures of the app.")
    parser.add_argument("--all", type=Path, metavar="DIR", help="picture every screen into this folder")
    parser.add_argument("--theme", nargs="+", default=["triage-dark", "triage-light", "ansi-dark", "ansi-light"])
    parser.add_argument("--size", nargs="+", default=["80x24", "120x36", "200x60"])
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
