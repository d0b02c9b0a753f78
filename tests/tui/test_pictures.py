"""A few pictures worth looking at; `pytest --snapshot-update tests/tui/test_pictures.py` takes them anew."""

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.conftest import CART, TEST
from tests.tui.drafts import FAILS
from tests.tui.events import CALLER, CRASH, LIBRARY, add, exception, sdk_event
from tests.tui.stories import sees, until
from triage.config import Config
from triage.domain.draft import Strategy
from triage.domain.verdict import Isolation, RunResult, Verdict
from triage.services.workspace import Workspace
from triage.tui import columns, wording
from triage.tui.app import TriageApp
from triage.tui.messages import ReviewRequested
from triage.tui.screens.edit import EditScreen
from triage.tui.widgets.issue_list import IssueList
from triage.tui.widgets.line_view import LineView

Compare = Callable[..., bool]
THEN = "2026-01-05T10:00:00+00:00"


@pytest.fixture
def still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> TriageApp:
    """The app over a world in which nothing depends on the day the test runs."""
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setattr(wording, "age", lambda then, now: "3d")
    monkeypatch.setattr(columns, "age", lambda then, now: "3d")
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, THEN)
    repo = tmp_path / "shop"
    for file, text in (("shop/__init__.py", ""), ("shop/cart.py", CART), ("tests/test_cart.py", TEST)):
        (repo / file).parent.mkdir(parents=True, exist_ok=True)
        (repo / file).write_text(text)
    who = ("-c", "user.name=ana", "-c", "user.email=ana@example.org")
    for words in (
        ("init", "-q", "-b", "main"),
        ("add", "-A"),
        (*who, "commit", "-qm", "Prices by SKU"),
        ("tag", "1.4.1"),
    ):
        subprocess.run(["git", *words], cwd=repo, check=True)
    subprocess.run(["git", "config", "user.email", "ana@example.org"], cwd=repo, check=True)
    workspace = Workspace.open(Config(repo=repo, store=f"sqlite:///{tmp_path / 'x.db'}", theme="triage-dark"))
    old = datetime.now(UTC) - timedelta(days=3)
    errors = [
        ("KeyError", "'sku'", "error"),
        ("ValueError", "could not convert string to float: '12,50'", "error"),
        ("shop.errors.OutOfStock", "[/api/v1] only 3 of list[int] 日本語の商品 left", "warning"),
        ("RecursionError", "maximum recursion depth exceeded", "fatal"),
        ("UnicodeDecodeError", "'utf-8' codec can't decode byte 0xe9 in position 4", "error"),
    ]
    for number, (kind, value, level) in enumerate(errors, 1):
        event = sdk_event(number, [exception(kind, value, [*LIBRARY, CALLER, CRASH])], level=level)
        event["timestamp"] = (old - timedelta(minutes=number)).isoformat()
        add(workspace, json.loads(json.dumps(event)))
    workspace.store.assign([2], "bo@example.org")
    workspace.store.set_covered(1, True)
    workspace.store.set_covered(2, False)
    workspace.store.mark_seen(3)
    return TriageApp(Workspace.open(replace(workspace.config)), start_ingest=False)


def preview(app: TriageApp) -> str:
    """What the inbox's preview reads."""
    return "\n".join(item.text for item in app.screen.query_one("#preview", LineView).lines)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_inbox(snap_compare: Compare, still: TriageApp, size: tuple[int, int]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await sees(pilot, "5 issues", "d drafts")
        await pilot.press("j")
        await until(pilot, lambda: "12,50" in preview(still) and "by ana" in preview(still))
        issues = still.screen.query_one(IssueList)
        await until(pilot, lambda: bool(issues.window and all(row.covered for row in issues.window.rows[:2])))
        await pilot.pause()

    assert snap_compare(still, run_before=wait, terminal_size=size)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_issue(snap_compare: Compare, still: TriageApp, size: tuple[int, int]) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await sees(pilot, "5 issues")
        await pilot.press("enter")
        await sees(pilot, "by ana", "tests/test_cart.py::test_total", "1 test seems to run cart.py:8", "12.5")

    assert snap_compare(still, run_before=wait, terminal_size=size)


def test_help(snap_compare: Compare, still: TriageApp) -> None:
    async def wait(pilot: Pilot[None]) -> None:
        await sees(pilot, "5 issues", "by ana")
        await until(pilot, lambda: still.claude_reason != "still starting", "what Claude lacks")
        await pilot.press("question_mark")
        await sees(pilot, "Keys that work here")

    assert snap_compare(still, run_before=wait, terminal_size=(100, 30))


def drafted(app: TriageApp) -> None:
    """Two drafts of the second issue with evidence that does not depend on the day."""
    store = app.workspace.store
    first = store.add_draft(2, Strategy.REPLAY, "tests/test_cart_sku.py", FAILS, "test_checkout_without_sku")
    second = store.add_draft(
        2,
        Strategy.HUMAN,
        "tests/test_cart_sku.py",
        FAILS.replace('{"count": 1}', '{"count": 3}').replace("KeyError in production", "[b]KeyError[/b] once more"),
        "test_checkout_without_sku",
        parent=first.id,
    )
    when = datetime(2026, 1, 5, tzinfo=UTC)
    why = "KeyError in total (shop/cart.py), 2 frames as in production"
    before = RunResult(Verdict.REPRODUCED, why, "1.4.1", "a" * 40, Isolation.BUBBLEWRAP, 0.52, when)
    after = RunResult(Verdict.PASSES, "", "fix/sku", "b" * 40, Isolation.BUBBLEWRAP, 0.49, when)
    store.add_run(first.id, "before", replace(before, verdict=Verdict.WRONG_FRAME, why="raised in another function"))
    store.add_run(second.id, "before", before)
    store.add_run(second.id, "after", after)
    store.set_stability(second.id, 20, False)


@pytest.mark.parametrize("size", [(120, 36), (80, 24)], ids=["120x36", "80x24"])
def test_review(snap_compare: Compare, still: TriageApp, size: tuple[int, int]) -> None:
    drafted(still)

    async def wait(pilot: Pilot[None]) -> None:
        await sees(pilot, "5 issues")
        still.post_message(ReviewRequested(2))
        await sees(pilot, "REPRODUCED", "revision 1", "count")

    assert snap_compare(still, run_before=wait, terminal_size=size)


def test_edit(snap_compare: Compare, still: TriageApp) -> None:
    drafted(still)

    async def wait(pilot: Pilot[None]) -> None:
        await sees(pilot, "5 issues")
        still.push_screen(EditScreen(still.workspace.store.draft(2)))
        await sees(pilot, "no complaints; ctrl+s runs it", "20 runs")
        assert isinstance(still.screen, EditScreen)
        still.screen.area.cursor_blink = False

    assert snap_compare(still, run_before=wait, terminal_size=(120, 30))
