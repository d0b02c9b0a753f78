"""Review, edit, run and publish as somebody works with them, on real runs in a real repo."""

import asyncio
import socket
import time
from pathlib import Path

import psutil
import pytest
from textual.widgets import Input

from tests.tui.drafts import FAILS, SLOW, Shop, git
from tests.tui.pty_ground import alive
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.domain.verdict import Verdict
from triage.tui import repeats
from triage.tui.messages import ReviewRequested
from triage.tui.repeats import PAUSE
from triage.tui.screens.edit import EditScreen
from triage.tui.screens.publish import PublishScreen
from triage.tui.screens.review import ReviewScreen
from triage.tui.screens.run import RunScreen


async def test_from_the_issue_to_a_pushed_branch_and_back(shop: Shop) -> None:
    app = shop.app()
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        await pilot.press("enter")
        await sees(pilot, "shop/cart.py")
        await pilot.press("d")
        await sees(pilot, "Work")
        await until(pilot, lambda: bool(shop.workspace.store.drafts(shop.issue)), "a draft")
        await sees(pilot, "REPRODUCED", "where it crashed", "F says which ref has the fix")
        await pilot.press("F")
        await sees(pilot, "Which ref has the fix of T-1?", "changes shop/cart.py")
        await pilot.press("enter")
        await sees(pilot, "r runs this draft before it and on it")
        await pilot.press("r")
        await sees(pilot, "before", "✓ REPRODUCED", "after", "✓ PASSES @", "2 runs, always the same", "proven")
        await pilot.press("p")
        await sees(pilot, "What was sent", "Y copies the link")
        assert [name for name in shop.branches() if name.startswith("triage/t-1-")]
        await asyncio.sleep(PAUSE)
        await pilot.press("u")
        await sees(pilot, "is gone", "What had been sent")
        assert not [name for name in shop.branches() if name.startswith("triage/")]
        await pilot.press("escape", "escape")
        await sees(pilot, "✓ fails", "✓ fixed", "✓ stable", "✓ harmless")
        await pilot.press("escape")
        await sees(pilot, "Stack, deepest first")


async def review(shop: Shop, pilot: object) -> ReviewScreen:
    """The review of the shop's issue, open and filled."""
    from textual.pilot import Pilot

    assert isinstance(pilot, Pilot)
    app = pilot.app
    app.post_message(ReviewRequested(shop.issue))
    await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and bool(app.screen.order or app.screen.case))
    assert isinstance(app.screen, ReviewScreen)
    return app.screen


async def test_what_is_typed_becomes_a_revision_even_when_it_does_not_parse(shop: Shop) -> None:
    first = shop.draft()
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await sees(pilot, "not run yet: r")
        await pilot.press("enter")
        await sees(pilot, "edit draft 1", "saved")
        assert isinstance(app.screen, EditScreen)
        app.screen.area.move_cursor((0, 0))
        await pilot.press("#", "!", "enter", "q")
        await sees(pilot, "changed", "does not parse")
        await pilot.press("ctrl+s")
        await sees(pilot, "the test does not parse")
        assert len(shop.workspace.store.drafts(shop.issue)) == 1
        await pilot.press("escape")
        await sees(pilot, "human of 1", "revision 1", "+ #!")
        kept = shop.workspace.store.drafts(shop.issue)[-1]
        assert kept.parent == first.id
        assert kept.source == "#!\nq" + FAILS
        assert isinstance(app.screen, ReviewScreen)
        assert app.screen.draft == kept


async def test_a_run_from_the_editor_saves_first(shop: Shop) -> None:
    shop.draft("import shop\n\n\ndef test_nothing():\n    assert shop\n", "test_nothing")
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await pilot.press("enter")
        await sees(pilot, "edit draft 1")
        await pilot.press("#", "enter", "f5")
        await sees(pilot, "run draft 2", "PASSED", "1 passed", "not proven")
        await pilot.press("escape", "escape")
        await sees(pilot, "✗ fails", "human of 1")


async def test_discarded_drafts_come_back(shop: Shop) -> None:
    shop.draft()
    shop.draft(FAILS + "\n# other\n")
    app = shop.app()
    async with opened(app) as pilot:
        screen = await review(shop, pilot)
        await until(pilot, lambda: len(screen.order) == 2)
        await pilot.press("x")
        await until(pilot, lambda: len(screen.order) == 1)
        await pilot.press("x")
        await sees(pilot, "no draft:", "with Claude")
        await pilot.press("enter")
        await sees(pilot, "take: there is no draft")
        await pilot.press("z")
        await until(pilot, lambda: len(screen.order) == 1)
        await pilot.press("z")
        await until(pilot, lambda: len(screen.order) == 2)


async def test_weak_evidence_needs_an_explicit_yes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(repeats, "monotonic", lambda: now)  # however long the machine takes between two keys
    shop.ran(shop.draft(), Verdict.PASSED)
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await sees(pilot, "PASSED")
        await pilot.press("p")
        await sees(pilot, "it does not fail as production did", "What will be sent")
        assert isinstance(app.screen, PublishScreen)
        await pilot.press("y", "y", "p", "p", "enter", "space")
        for _ in range(8):  # held down: comes again and again
            await pilot.press("y")
            now += PAUSE / 8
        assert not [name for name in shop.branches() if name.startswith("triage/")]
        now += PAUSE
        await pilot.press("y")
        await sees(pilot, "What was sent")
        assert [name for name in shop.branches() if name.startswith("triage/")]


async def test_a_remote_that_says_nothing_shows_how_long_and_can_be_stopped(shop: Shop) -> None:
    draft = shop.draft()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/shop.git"
        git(shop.repo, "remote", "set-url", "origin", url)
        async with opened(shop.app()) as pilot:
            pilot.app.push_screen(PublishScreen(draft, pull_request=False))
            await sees(pilot, "asking origin what is there", "Progress, 1 s (ctrl+x stops it)")
            await pilot.press("ctrl+x")
            await sees(pilot, "stopped; P or p goes on", "nothing sent yet")


def sleepers() -> list[psutil.Process]:
    """Processes below this one that run the slow test."""

    def works(item: psutil.Process) -> bool:
        try:
            return alive(item) and "git" not in item.name()
        except psutil.NoSuchProcess:  # it ended while it was looked at
            return False

    return [item for item in psutil.Process().children(recursive=True) if works(item)]


@pytest.mark.parametrize("how", ["stop", "leave", "quit"])
async def test_a_run_can_be_stopped_left_and_quit(shop: Shop, how: str) -> None:
    shop.draft(SLOW, "test_slow")
    app = shop.app()
    begun = 0.0
    async with opened(app) as pilot:
        await review(shop, pilot)
        await pilot.press("r")
        await until(pilot, lambda: bool(sleepers()), "the test to run")
        if how == "stop":
            await pilot.press("ctrl+x")
            await sees(pilot, "stopped", "r runs it again")
        elif how == "leave":
            await pilot.press("escape")
            assert app.jobs.running
            await pilot.press("r")
            await sees(pilot, "running", "ctrl+x stops it")
            assert isinstance(app.screen, RunScreen)
            assert len([job for job in app.jobs if job.kind == "verify"]) == 1
            await pilot.press("ctrl+x")
            await sees(pilot, "stopped")
        begun = time.monotonic()
        app.exit()
    assert time.monotonic() - begun < 5.0  # the run takes ten minutes; how fast exactly is measured elsewhere
    _, left = psutil.wait_procs(sleepers(), timeout=5)
    assert not [item for item in left if item in sleepers()]


async def test_running_all_drafts_ranks_them(shop: Shop) -> None:
    shop.draft()
    shop.draft("def test_other():\n    assert True\n", "test_other", path="tests/test_other.py")
    app = shop.app()
    async with opened(app, (160, 40)) as pilot:
        screen = await review(shop, pilot)
        await sees(pilot, "test_other")
        await pilot.press("A")
        await until(pilot, lambda: len(screen.order) == 2 and not screen.working and not screen.work.display, "all run")
        await sees(pilot, "✓ fails right", "✗ fails right")
        assert screen.order[0].test_name == "test_checkout_without_sku"


async def test_the_prompt_is_shown_and_nothing_is_sent_without_yes(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-none")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    shop.draft()
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await until(pilot, lambda: app.claude_reason is None)
        await pilot.press("D")
        await sees(pilot, "Nothing has been sent yet", "sends exactly this", "tokens")
        await pilot.press("i", *"mind the [b]zeros", "enter")
        await sees(pilot, "sends exactly this")
        await pilot.press("G")
        await pilot.press("escape")
        await sees(pilot, "nothing was sent")
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.focused, Input))
        await pilot.press("escape", "escape")
        await sees(pilot, "nothing was sent")


async def test_a_fix_may_be_any_commit_and_nonsense_is_said(shop: Shop) -> None:
    shop.draft()
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await pilot.press("F")
        await sees(pilot, "changes shop/cart.py")
        await pilot.press(*"no-such", "enter")
        await sees(pilot, "no commit 'no-such' here")
        await pilot.press(*["backspace"] * 7, *"1.4.1", "enter")
        await sees(pilot, "the fix is 1.4.1")
        await pilot.press("F")
        await sees(pilot, "no fix: run only")
        await pilot.press("escape")
        await no_longer_sees(pilot, "Which ref")
        assert app.fixes == {shop.issue: "1.4.1"}


async def test_an_editor_of_ones_own_changes_the_text(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "code"  # a graphical editor by its name: it runs beside the app
    script.write_text('#!/bin/sh\nfor last; do :; done\necho "# seen" >> "${last%%:*}"\n')
    script.chmod(0o755)
    monkeypatch.setenv("VISUAL", str(script))
    shop.draft()
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await pilot.press("enter")
        await sees(pilot, "edit draft 1")
        await pilot.press("ctrl+g")
        await sees(pilot, "# seen", "changed")
        await pilot.press("ctrl+s")
        await sees(pilot, "saved as draft 2")
        assert shop.workspace.store.drafts(shop.issue)[-1].source.endswith("# seen\n")
        assert "edit draft 2" in screen_text(app)
