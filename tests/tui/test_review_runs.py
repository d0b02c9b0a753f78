"""Runs as one works with them: both sides together, to the source, through earlier ones; verdicts in the editor."""

import errno
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.tui.drafts import FAILS, Shop
from tests.tui.stories import opened, screen_text, sees, until
from triage.domain.places import Place
from triage.errors import NotFound
from triage.services.places import source_of
from triage.tui.screens.edit import EditScreen
from triage.tui.screens.run import RunScreen
from triage.tui.screens.source import SourceScreen

WRONG = '"""Carts."""\n\nfrom shop.cart import checkout\n\n\ndef test_total():\n    assert checkout([], {}) == 1\n'


async def ran(shop: Shop, pilot: Pilot[None], screen: RunScreen) -> None:
    pilot.app.push_screen(screen)
    await until(pilot, lambda: screen.evidence is not None and not screen.running, "the run")
    await sees(pilot, "proven")


@pytest.mark.parametrize("size", [(140, 40), (80, 24)])
async def test_before_and_after_stand_together_and_lead_to_the_source(shop: Shop, size: tuple[int, int]) -> None:
    draft = shop.draft()
    app = shop.app()
    app.fixes[shop.issue] = "fix/sku"
    async with opened(app, size) as pilot:
        screen = RunScreen(draft)
        await ran(shop, pilot, screen)
        await sees(pilot, "Before the fix @", "REPRODUCED", "On the fix @ fix/sku", "PASSES", "1 passed")
        assert "1 failed" in "\n".join(item.text for item in screen.before.said)
        await until(pilot, lambda: screen.before.place() == Place("shop/cart.py", 8), "where it crashed")
        await pilot.press("enter")
        await sees(pilot, "source shop/cart.py @", "▶", 'total += prices[item["sku"]]')
        assert isinstance(app.screen, SourceScreen)
        assert app.screen.view.key == 8
        await pilot.press("escape", "left_square_bracket", "left_square_bracket", "enter")
        await sees(pilot, "source draft 1", "def test_checkout_without_sku")
        await pilot.press("e")
        await sees(pilot, "edit draft 1")
        assert isinstance(app.screen, EditScreen)
        assert app.screen.area.cursor_location[0] == 7
        await pilot.press("escape", "escape", "g", "enter")
        await sees(pilot, "this line names no source")


async def test_earlier_runs_are_kept_and_their_output_opens(shop: Shop) -> None:
    draft = shop.draft()
    app = shop.app()
    async with opened(app) as pilot:
        screen = RunScreen(draft)
        await ran(shop, pilot, screen)
        app.fixes[shop.issue] = "fix/sku"
        await pilot.press("r")
        await until(pilot, lambda: screen.evidence is not None and screen.evidence.after is not None)
        await sees(pilot, "proven")
        assert len(shop.workspace.store.runs(draft.id)) == 3
        await pilot.press("H")
        await sees(pilot, "Runs of draft 1", "before", "after", "fix/sku", "REPRODUCED", "PASSES")
        await pilot.press("G", "enter")
        await sees(pilot, "earlier run of", "1 failed")
        assert not screen.running


async def test_a_run_that_comes_to_nothing_leaves_what_the_earlier_one_showed(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = shop.draft()
    async with opened(shop.app()) as pilot:
        screen = RunScreen(draft)
        await ran(shop, pilot, screen)

        def no_room(*_: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("triage.execution.verify.run_before", no_room)
        await pilot.press("r")
        await sees(pilot, "the disk is full", "of an earlier run", "REPRODUCED", "free some space")


async def test_only_the_repo_and_what_is_installed_can_be_opened(shop: Shop, tmp_path: Path) -> None:
    draft = shop.draft()
    workspace = shop.workspace
    secret = tmp_path / "secret.py"
    secret.write_text("TOKEN = 1\n")
    for path in (str(secret), "/etc/passwd", f"x/site-packages/../../../../../..{secret}", "../../../etc/shadow.py"):
        with pytest.raises(NotFound):
            await source_of(workspace, draft, Place(path, 1), "HEAD")
    found = await source_of(workspace, draft, Place("/run/1/tree/shop/cart.py", 8), "1.4.1")
    assert (found.path, found.line, found.of_draft) == ("shop/cart.py", 8, False)
    installed = await source_of(
        workspace, draft, Place("../venv/lib/python3.9/site-packages/pytest/__init__.py", 3), "HEAD"
    )
    assert installed.file is not None
    assert (await source_of(workspace, draft, Place("a/lib/python3.11/json/decoder.py", 3), "HEAD")).text


async def test_saving_runs_and_what_is_said_stands_beside_its_line(shop: Shop) -> None:
    draft = shop.draft(WRONG, "test_total")
    app = shop.app()
    async with opened(app, (150, 40)) as pilot:
        app.push_screen(EditScreen(draft))
        await sees(pilot, "edit draft 1")
        screen = app.screen
        assert isinstance(screen, EditScreen)
        screen.area.move_cursor((0, 0))
        await pilot.press("#", "space", "enter")
        await pilot.press("ctrl+s")
        await sees(pilot, "running")
        await until(pilot, lambda: bool(shop.workspace.store.runs(screen.draft.id)) and not screen.running)
        await sees(pilot, "✗ ASSERT_ONLY @")
        rows = screen_text(app).splitlines()
        assert any("def test_total():" in row and "ASSERT_ONLY" in row for row in rows)
        assert any("assert checkout" in row and "assert 0 == 1" in row for row in rows)
        assert screen.draft.id == 2
        screen.area.insert("import os\n", (1, 0))
        await sees(pilot, "changed")
        await until(pilot, lambda: "✗ ASSERT_ONLY" not in screen_text(app), "stale verdicts gone")
        await pilot.press("f8")
        await sees(pilot, "saving only saves")
        screen.area.insert("import sys\n", (1, 0))
        await pilot.press("ctrl+s")
        await sees(pilot, "saved as draft 3")
        assert not shop.workspace.store.runs(3)


async def test_lint_stands_beside_its_line_at_every_width(shop: Shop) -> None:
    source = FAILS.replace("    checkout(", "    import os\n    os.system('x')\n    checkout(")
    app = shop.app()
    async with opened(app, (80, 24)) as pilot:
        app.push_screen(EditScreen(shop.draft(source)))
        await until(pilot, lambda: any("os.system" in row and "▲" in row for row in screen_text(app).splitlines()))
        screen = app.screen
        assert isinstance(screen, EditScreen)
        screen.go_to(1)
        await pilot.press("f2")
        assert screen.area.cursor_location[0] + 1 in screen.area.noted
        await pilot.resize_terminal(160, 40)
        await until(
            pilot, lambda: any("os.system('x')" in row and "starts" in row for row in screen_text(app).splitlines())
        )
        assert all(len(row) <= 160 for row in screen_text(app).splitlines())
