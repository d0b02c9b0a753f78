"""What is said reaches somebody: on the screen that is shown, under a sheet, and once only."""

import ast
from pathlib import Path

from textual.widgets import Input

from tests.tui.events import add, sdk_event
from tests.tui.stories import opened, sees, until
from triage import paths
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.messages import Said
from triage.tui.screens.inbox import InboxScreen

TUI = Path(paths.__file__).parent / "tui"


async def test_what_is_said_under_a_sheet_is_seen_and_waits(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        await pilot.press("question_mark")
        await sees(pilot, "Keys that work here")
        app.screen.post_message(Said("the draft [b]passes[/] now", warning=True))
        await until(pilot, lambda: any("[b]passes[/]" in note.message for note in app._notifications))
        await pilot.press("escape")
        await sees(pilot, "the draft [b]passes[/] now")
        await pilot.press("j")
        assert isinstance(app.screen, InboxScreen)
        assert not app.screen.footer_bar.said


async def test_the_cursor_of_a_field_is_seen_and_does_not_blink(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        for key in ("slash", "f1"):
            await pilot.press(key)
            field = app.focused
            assert isinstance(field, Input)
            await until(pilot, lambda: not field.cursor_blink, "a standing cursor")  # noqa: B023  # the one of now
            assert field._cursor_visible


def test_no_handler_calls_the_one_of_its_base() -> None:
    """Textual calls the handlers of all classes: `super().on_mount()` would do the base's twice."""
    for file in TUI.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr.startswith("on_") and node.attr != "on_event":
                base = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "super"
                assert not base, f"{file.name}:{node.lineno} {node.attr}"
