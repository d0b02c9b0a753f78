"""What goes side by side, and what each text is to the draft."""

import dataclasses

import pytest
from textual.pilot import Pilot

from tests.tui.drafts import FAILS, Shop
from tests.tui.stories import opened, screen_text, sees, until
from triage.domain.draft import Strategy
from triage.domain.verdict import Verdict
from triage.services.inspect import load_case
from triage.services.sides import lines_of_test, sides
from triage.tui.messages import ReviewRequested
from triage.tui.screens.beside import BesideScreen
from triage.tui.screens.review import ReviewScreen
from triage.tui.widgets.compare_view import Layout


async def review(shop: Shop, pilot: Pilot[None], draft: int | None = None) -> ReviewScreen:
    app = pilot.app
    app.post_message(ReviewRequested(shop.issue, draft))
    await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and bool(app.screen.sides), "texts to compare")
    assert isinstance(app.screen, ReviewScreen)
    return app.screen


async def kinds(shop: Shop, draft: int, fix: str | None = None) -> dict[str, str]:
    case = await load_case(shop.workspace, shop.issue)
    found = await sides(shop.workspace, case, shop.workspace.store.draft(draft), fix)
    return {side.what: side.missing for side in found}


async def test_every_kind_of_text_is_there_or_says_why_not(shop: Shop) -> None:
    first = shop.draft()
    second = shop.draft(FAILS + "# two\n", parent=first.id)
    third = shop.draft(FAILS + "# three\n", parent=second.id)
    shop.draft("def test_other():\n    assert True\n", "test_other", path="tests/test_other.py")
    found = await kinds(shop, third.id, "fix/sku")
    assert set(found) == {"earlier revision", "crashing source", "fixed source", "nearest test", "other draft"}
    assert not any(found.values())
    assert "F says which ref" in (await kinds(shop, third.id))["fixed source"]
    assert "does not change shop/cart.py" in (await kinds(shop, third.id, "HEAD"))["fixed source"]
    assert (await kinds(shop, third.id, "no-such"))["fixed source"] == "shop/cart.py is not there on no-such"
    case = await load_case(shop.workspace, shop.issue)
    case = dataclasses.replace(case, drafts=())
    titles = [side.title for side in await sides(shop.workspace, case, third)]
    assert titles[0] == "revision 2 (human)"
    assert "revision 1 (replay)" in titles


async def test_each_side_is_chosen_by_key_and_shown_meanwhile(shop: Shop) -> None:
    first = shop.draft()
    shop.ran(shop.draft(FAILS.replace('"count": 1', '"count": 9'), parent=first.id))
    app = shop.app()
    app.fixes[shop.issue] = "fix/sku"
    async with opened(app, (140, 44)) as pilot:
        screen = await review(shop, pilot)
        compare = screen.compare
        await until(pilot, lambda: compare.right is not None and compare.right.title == "revision 1 (replay)")
        await sees(pilot, "- ", "+ ", '"count": 9', '"count": 1')
        await pilot.press("c")
        await sees(pilot, "What stands on the right?", "crashing source", "fixed source", "nearest test", "beside it")
        await pilot.press("c")
        await until(pilot, lambda: compare.right is not None and "where it crashed" in compare.right.title, "a look")
        await pilot.press("escape")
        assert compare.right is not None
        assert compare.right.title == "revision 1 (replay)"
        await pilot.press("c", "c", "enter", "C", "j", "j", "enter")
        await until(pilot, lambda: not isinstance(app.screen, BesideScreen))
        assert (compare.left.title, compare.right.title) == (
            "shop/cart.py on fix/sku",
            "shop/cart.py, where it crashed",
        )
        await sees(pilot, 'item.get("sku", "A-1")', 'item["sku"]')
        await pilot.press("X")
        assert compare.left.title == "shop/cart.py, where it crashed"
        await pilot.press("c", "1")
        await until(pilot, lambda: compare.right is not None and compare.right.title.startswith("draft 2"))


async def test_both_sides_scroll_together_and_stack_when_narrow(shop: Shop) -> None:
    long = "".join(f"value_{at} = {at}\n" for at in range(200))
    first = shop.draft(long + FAILS)
    shop.draft(long.replace("value_150 = 150", "value_150 = 151") + FAILS, parent=first.id)
    app = shop.app()
    async with opened(app, (140, 40)) as pilot:
        screen = await review(shop, pilot, 2)
        await sees(pilot, "value_150 = 151", "value_150 = 150")  # the first difference is in sight
        await pilot.press("tab", "G")
        rows = [row for row in screen_text(app).splitlines() if "def test_checkout" in row]
        assert rows
        assert rows[0].count("def test_checkout") == 2
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: screen.compare.layout_shown is Layout.STACKED)
        assert all(len(row) <= 80 for row in screen_text(app).splitlines())


async def test_two_kinds_of_text_stand_in_halves_when_narrow(shop: Shop) -> None:
    long = "".join(f"value_{at} = {at}\n" for at in range(60))
    shop.draft(long + FAILS)
    app = shop.app()
    async with opened(app, (80, 24)) as pilot:
        screen = await review(shop, pilot)
        await sees(pilot, "def test_checkout_without_sku", "where it crashed", 'total += prices[item["sku"]]')
        await pilot.press("tab", "G")
        await until(pilot, lambda: screen.compare.scroll_offset.y > 0)
        await sees(pilot, "12.5})")
        await pilot.press("g")
        await sees(pilot, "value_0 = 0")


async def test_a_ref_without_the_fix_is_no_cross(shop: Shop) -> None:
    draft = shop.draft()
    shop.ran(draft)
    shop.ran(draft, Verdict.STILL_SAME, "after")
    app = shop.app()
    async with opened(app) as pilot:
        await review(shop, pilot)
        await sees(pilot, "· STILL_SAME", "which has no fix for it", "✓ fails", "· fixed")
        assert "✗" not in screen_text(app)


async def test_strategies_are_compared_and_one_is_gone_to(shop: Shop) -> None:
    store = shop.workspace.store
    shop.ran(shop.draft())
    store.add_draft(
        shop.issue,
        Strategy.CLAUDE,
        "tests/test_c.py",
        FAILS,
        "test_checkout_without_sku",
        entry="shop.cart.checkout",
        cost=0.0123,
        seconds=31.4,
    )
    app = shop.app()
    async with opened(app, (80, 24)) as pilot:
        screen = await review(shop, pilot)
        await pilot.press("t")
        await sees(pilot, "replay", "claude", "$0.0123", "31.4 s", "shop.cart.checkout", "3 lines", "not run")
        await sees(pilot, "human drafted nothing yet")
        await pilot.press("l", "enter")
        await until(pilot, lambda: screen.draft is not None and screen.draft.strategy is Strategy.CLAUDE)


@pytest.mark.parametrize(("source", "lines"), [(FAILS, 3), ("@mark\n" + FAILS[FAILS.index("def") :], 4), ("def (", 0)])
def test_a_test_is_as_long_as_its_function(shop: Shop, source: str, lines: int) -> None:
    assert lines_of_test(shop.draft(source)) == lines
