"""Jump mode: a letter on every panel, one key goes there, any other key goes nowhere."""

from tests.tui.events import add, sdk_event
from tests.tui.stories import opened, screen_text, sees
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.screens.issue import IssueScreen
from triage.tui.screens.jump import JumpScreen


async def test_one_key_goes_to_any_panel(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        await pilot.press("enter")
        await sees(pilot, "Stack", "Source")
        screen = app.screen
        assert isinstance(screen, IssueScreen)
        panels = screen.panels()
        for place, letter in enumerate("asd"[: len(panels)]):
            await pilot.press("apostrophe")
            assert isinstance(app.screen, JumpScreen)
            assert f" {letter} " in screen_text(app)
            await pilot.press(letter)
            assert app.screen is screen
            assert screen.focused is panels[place]
        before = screen.focused
        await pilot.press("apostrophe", "escape")
        assert app.screen is screen
        assert screen.focused is before
        await pilot.press("apostrophe")
        labels = list(app.screen.query(".jump-label"))
        assert labels[2].region.y == screen.tabs.region.y  # on the tabs, which are the panel's title
        await pilot.click(labels[0])
        assert screen.focused is panels[0]
