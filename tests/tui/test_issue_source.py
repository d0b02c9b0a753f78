"""The source panel of the issue screen over a real repo with a release, a later HEAD and a coverage index."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.events import CALLER, CRASH, LIBRARY, add, exception, frame, sdk_event
from tests.tui.released import make_released
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.config import Config
from triage.domain.report import read_report
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.clipboard import Copied
from triage.tui.screens.issue import IssueScreen
from triage.tui.screens.one_test import OneTestScreen


@pytest.fixture(scope="module")
def released(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Read-only for tests."""
    return make_released(tmp_path_factory.mktemp("released"))


@pytest.fixture
def workspace(released: Path, tmp_path: Path) -> Workspace:
    return Workspace.open(Config(repo=released, python=sys.executable, store=f"sqlite:///{tmp_path / 'triage.db'}"))


@pytest.fixture
def app(workspace: Workspace) -> TriageApp:
    return TriageApp(workspace, start_ingest=False)


@asynccontextmanager
async def reading(app: TriageApp, size: tuple[int, int] = (140, 44)) -> AsyncIterator[Pilot[None]]:
    """On the issue screen, its file open."""
    async with opened(app, size) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, IssueScreen))
        await sees(pilot, "by the coverage index")
        yield pilot


def issue(app: TriageApp) -> IssueScreen:
    assert isinstance(app.screen, IssueScreen)
    return app.screen


def row(app: TriageApp, text: str) -> str:
    """The row of the screen that holds a text, right of the stack."""
    return next(line for line in screen_text(app).splitlines() if text in line)


async def test_the_whole_file_is_shown_with_what_tests_run_of_it(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await sees(pilot, "release ", '1   """The cart."""', "total = 25.0", "line that failed is 10 at HEAD")
        assert "  8│▶" in row(app, "total += prices")
        assert " 17◌" in row(app, "cart = cart or {}")
        assert "~" in row(app, "return len(cart)")  # it changed since
        assert " 12  " in row(app, "def checkout(cart, user)")  # runs at import: nobody can tell
        assert "│ run by tests" in screen_text(app)


async def test_the_tests_of_the_line_follow_the_cursor(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await sees(pilot, "2 tests run cart.py:8", "test_counts[1]", "also on the code path")
        await pilot.press("2", "k", "k")
        await sees(pilot, "4 tests run cart.py:6")
        issue(app).source.go(17)
        await sees(pilot, "no test runs this line")
        issue(app).source.go(12)
        await sees(pilot, "it may run on import only")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen.focused is issue(app).facts_view)


async def test_release_and_head_change_places_and_the_cursor_stays_on_its_line(
    app: TriageApp, workspace: Workspace
) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("2", "v")
        await sees(pilot, "HEAD ", "RATE = 1")
        await until(pilot, lambda: issue(app).source.number == 10)
        assert " 10│▶" in row(app, "total += prices")
        assert "+" in row(app, "RATE = 1")
        await pilot.press("j", "j", "j", "v")
        await sees(pilot, "release ")
        await until(pilot, lambda: issue(app).source.number == 11)


async def test_frames_are_walked_from_any_panel(app: TriageApp, workspace: Workspace) -> None:
    chained = [
        exception("KeyError", "'sku'", [CRASH], mechanism={"type": "chained", "exception_id": 1, "parent_id": 0}),
        exception("CheckoutFailed", "17", [*LIBRARY, CALLER], mechanism={"type": "generic", "exception_id": 0}),
    ]
    add(workspace, sdk_event(1, chained))
    async with opened(app, (140, 44)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "Source shop/cart.py:13 in checkout", "CheckoutFailed")
        await until(pilot, lambda: issue(app).text is not None)
        await pilot.press("2", "full_stop")
        await sees(pilot, "Source shop/cart.py:8 in total")
        await pilot.press("full_stop")
        await sees(pilot, "outermost frame of ours")
        await pilot.press("comma", "comma")
        await sees(pilot, "this is where it crashed", "Source shop/cart.py:13 in checkout")


async def test_blame_is_asked_for_and_taken_away(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("2", "j", "b")
        await sees(pilot, "return total   ana, ", ": Prices by SKU")
        await pilot.press("b")
        await no_longer_sees(pilot, ": Prices by SKU")


async def test_blame_that_takes_long_is_stopped(
    app: TriageApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever(*_: object) -> object:
        await asyncio.Event().wait()
        raise AssertionError

    monkeypatch.setattr("triage.services.source_text.blame_line", forever)
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("2", "b")
        await sees(pilot, "asking git")
        await pilot.press("b")
        await no_longer_sees(pilot, "asking git")
        await until(pilot, lambda: not [job for job in app.jobs.running if job.kind == "blame"])


async def test_a_test_is_run_and_how_it_ended_stays_beside_it(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("t", "j", "T")
        await until(pilot, lambda: isinstance(app.screen, OneTestScreen))
        await sees(pilot, "test_counts[2]", "1 passed", "passed in")
        await pilot.press("f", "r")
        await sees(pilot, "running")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, IssueScreen))
        await sees(pilot, "passed  coverage")  # it went on, and told this screen
        await pilot.press("T")
        await sees(pilot, "running")
        await pilot.press("ctrl+x")
        await until(pilot, lambda: not [job for job in app.jobs.running if job.kind == "test"])
        await pilot.press("q")
        await sees(pilot, "stopped  coverage")


async def test_a_test_is_shown_and_one_goes_back(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("t", "enter")
        await sees(pilot, "Test tests/test_cart.py::test_counts[1]", "def test_counts(count):")
        assert issue(app).source.number in (10, 11)
        await pilot.press("v")
        await sees(pilot, "Source shop/cart.py:8 in total")
        issue(app).facts_view.focus()
        await pilot.press("enter")
        await sees(pilot, "Test tests/test_cart.py")
        await pilot.press("escape")
        await sees(pilot, "Source shop/cart.py:8 in total")


async def test_a_test_is_taken_as_the_model(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with reading(app) as pilot:
        await pilot.press("t", "space")
        await sees(pilot, "model for the next draft", "takes its style from tests/test_cart.py::test_counts[1]")
        assert workspace.styles == {1: "tests/test_cart.py::test_counts[1]"}
        await pilot.press("space")
        await no_longer_sees(pilot, "model for the next draft")
        assert workspace.styles == {}


async def test_without_a_test_one_is_told_so(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1, [exception("KeyError", "'sku'", LIBRARY)]))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "not in this checkout")
        for key in ("T", "space", "b", "v"):
            await pilot.press(key)
            await sees(pilot, {"T": "run test: no test runs", "space": "take style: no test"}.get(key, "shows no file"))


async def test_the_request_is_copied_without_its_secrets_unless_asked(
    app: TriageApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []

    def copy(text: str, write: object, **more: object) -> Copied:
        taken.append(text)
        return Copied("a test")

    monkeypatch.setattr("triage.tui.clipboard.copy", copy)
    request = {
        "method": "POST",
        "url": "http://shop.local/pay",
        "headers": [["Authorization", "Bearer hunter2hunter2hunter2"], ["Accept", "*/*"]],
    }
    add(workspace, sdk_event(1, request=request))
    async with reading(app) as pilot:
        await pilot.press("right_square_bracket", "right_square_bracket", "y")
        await sees(pilot, "copied the request as curl, secrets replaced, through a test")
        await pilot.press("ctrl+y")
        await sees(pilot, "WITH its secrets through a test")
    assert taken[0].startswith("curl --globoff -X POST --url http://shop.local/pay")
    assert "hunter2hunter2hunter2" not in taken[0]
    assert "hunter2hunter2hunter2" in taken[1]


async def test_reports_releases_and_similar_issues_have_their_tabs(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1), sdk_event(9, release="1.3.0"))
    workspace.store.add_report(2, read_report("It broke [red]\x1b[31m\n\n## Impact\nall of us"), "ticket.md")
    async with opened(app, (200, 50)) as pilot:
        await pilot.press("j", "enter")
        await sees(pilot, "reports 1", "similar 1")
        screen = issue(app)
        screen.choose_tab(5)
        await sees(pilot, "1 event; each bar is", "1.3.0")
        await pilot.press("right_square_bracket")
        await sees(pilot, "same error in total; 2 of 2 functions")
        await pilot.press("right_square_bracket")
        await sees(pilot, "It broke [red]", "all of us", "from ticket.md")
        await pilot.press("left_square_bracket", "3", "enter")
        await until(pilot, lambda: isinstance(app.screen, IssueScreen) and app.screen.issue_id == 1)


async def test_a_file_that_is_gone_at_head_says_so(app: TriageApp, workspace: Workspace) -> None:
    odd = frame("shop/nowhere.py", "f", 3, "    return x", x="1")
    add(workspace, sdk_event(1, [exception("KeyError", "'sku'", [odd, CRASH])]))
    async with reading(app) as pilot:
        await pilot.press("j")
        await sees(pilot, "not in this checkout", "return x")
        await pilot.press("k")
        await sees(pilot, "Source shop/cart.py:8 in total")
