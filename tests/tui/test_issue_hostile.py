"""Whatever strangers wrote in the repo, in reports and releases, and whatever keys are pressed on an issue."""

import random
import sys
from pathlib import Path

import pytest

from tests.tui.events import CALLER, CRASH, LIBRARY, add, exception, frame, sdk_event
from tests.tui.released import make_released
from tests.tui.stories import opened, screen_text, sees, until
from tests.tui.test_hostile_screen import FORBIDDEN, HOSTILE, hostile_event
from triage.config import Config
from triage.domain.report import ReportText
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.issue_tabs import TABS
from triage.tui.screens.issue import IssueScreen

ODD = "\x1b[31mred\x1b[0m [b]x[/b] safe\u202etxt.exe \u200b\x07 [@click=app.quit]y[/]"
SOURCE = f'''"""{ODD}"""


def odd(x):
    y = "{ODD}"  # {ODD}
    return {{"a": x}}[y]
'''


@pytest.fixture(scope="module")
def repo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its code, its author and its commit messages are hostile; read-only for tests."""
    folder = tmp_path_factory.mktemp("hostile")
    return make_released(folder, {"shop/odd.py": SOURCE, "shop/long.py": "x = 1\n" * 5_000}, who=ODD, said=ODD)


@pytest.fixture
def workspace(repo: Path, tmp_path: Path) -> Workspace:
    return Workspace.open(Config(repo=repo, python=sys.executable, store=f"sqlite:///{tmp_path / 'triage.db'}"))


@pytest.fixture
def app(workspace: Workspace) -> TriageApp:
    return TriageApp(workspace, start_ingest=False)


def assert_plain(app: TriageApp) -> None:
    for line in screen_text(app).splitlines():
        assert not [sign for sign in FORBIDDEN if sign in line], repr(line)


def odd_event(number: int) -> dict[str, object]:
    deep = frame("shop/odd.py", "odd", 6, '    return {"a": x}[y]', x="1", y=ODD)
    return sdk_event(number, [exception("KeyError", ODD, [*LIBRARY, CALLER, deep])], release="1.4.1")


async def test_hostile_code_commits_and_reports_are_plain_text(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, odd_event(1), odd_event(2))
    for text in HOSTILE:
        if text.strip():
            workspace.store.add_report(1, ReportText(text, text, text, text, text), text)
    async with opened(app, (150, 50)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "Source shop/odd.py:6 in odd, ", "[b]x[/b]")
        assert_plain(app)
        await pilot.press("2", "k", "b")
        await sees(pilot, "[@click=app.quit]y[/]")
        assert_plain(app)
        for _ in TABS:
            await pilot.press("right_square_bracket")
            await pilot.pause()
            assert_plain(app)
        await pilot.press("v", "v", "T", "q", "space", "y")
        assert app.is_running


KEYS = (
    *"jkgGhlnN.,vbTtcfeyYaxsz12345+_[]/?:odDrRqJ| ",
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("ctrl+d", "ctrl+u", "ctrl+p", "ctrl+y", "f1", "f5", "f9", "space", "backspace"),
)


@pytest.mark.parametrize("seed", range(2))
async def test_two_hundred_random_keys_on_an_issue(
    app: TriageApp, workspace: Workspace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triage.tui import editor

    monkeypatch.setattr(editor, "command", list)
    monkeypatch.setattr(TriageApp, "exit", lambda *args, **more: None)
    monkeypatch.setattr(TriageApp, "on_draft_requested", lambda app, message: None)
    chained = [
        exception("KeyError", "'sku'", [CRASH], mechanism={"type": "chained", "exception_id": 1, "parent_id": 0}),
        exception("CheckoutFailed", "17", [*LIBRARY, CALLER], mechanism={"type": "generic", "exception_id": 0}),
    ]
    long = frame("shop/long.py", "<module>", 2_500, "x = 1", x="1")
    add(workspace, odd_event(1), sdk_event(2, chained), sdk_event(3, [exception("E", "", [long, *LIBRARY])]))
    add(workspace, hostile_event(4, HOSTILE[seed % 3]))
    choose = random.Random(seed)
    size = choose.choice([(60, 15), (80, 24), (120, 36), (200, 60)])
    async with opened(app, size) as pilot:
        for count in range(200):
            if not any(isinstance(screen, IssueScreen) for screen in app.screen_stack):
                app.open_issue(choose.randrange(1, 5))
                await until(pilot, lambda: isinstance(app.screen, IssueScreen))
            await pilot.press(choose.choice(KEYS))
            if count % 20 == 0:
                assert_plain(app)
        assert app.is_running
        assert app.fatal is None
