"""The issue screen, as somebody reads it."""

import pytest

from tests.tui.events import CALLER, CRASH, LIBRARY, add, exception, frame, sdk_event
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.messages import DraftRequested
from triage.tui.screens.issue import IssueScreen


def issue(app: TriageApp) -> IssueScreen:
    assert isinstance(app.screen, IssueScreen)
    return app.screen


async def test_shows_stack_source_values_and_where_it_stands(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await sees(pilot, "KeyError")
        await pilot.press("enter")
        await sees(pilot, "suspect", "by ana", "covered by tests", "shop/cart.py:8", "3 library frames")
        await sees(pilot, "prices = {'A-1': 12.5}", "tests/test_cart.py::test_total", "d drafts a test")
        assert workspace.store.issue(1).seen


async def test_frames_are_walked_and_their_source_follows(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "Source shop/cart.py:8 in total")
        await pilot.press("j")
        await sees(pilot, "Source shop/cart.py:13 in checkout", "user = User(id=17)")
        await pilot.press("j", "enter")
        await sees(pilot, "starlette/middleware/m2.py", "not in checkout")
        await pilot.press("f", "f")
        await sees(pilot, "3 library frames")


async def test_tabs_show_what_came_with_the_event(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "[tests 1]")
        for wanted in (
            "values in total when it failed",
            "http://shop.local/cart/17/checkout",
            "SELECT * FROM cart",
            "web-1",
            "1 event; each bar is",
            "no other issue fails",
            "triage report add T-1",
            "no draft yet",
        ):
            await pilot.press("right_square_bracket")
            await sees(pilot, wanted)
        await pilot.press("a")
        await pilot.press("right_square_bracket")
        await sees(pilot, "assigned", "first seen in 1.4.1")
        await pilot.press("t")
        await sees(pilot, "[tests 1]")


async def test_causes_and_groups_are_a_tree(app: TriageApp, workspace: Workspace) -> None:
    chained = [
        exception("KeyError", "'sku'", [CRASH], mechanism={"type": "chained", "exception_id": 1, "parent_id": 0}),
        exception(
            "CheckoutFailed",
            "cart 17",
            [*LIBRARY, CALLER],
            mechanism={"type": "generic", "exception_id": 0},
        ),
    ]
    add(workspace, sdk_event(1, chained))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "CheckoutFailed: cart 17", "KeyError: 'sku'")


async def test_a_recursion_is_folded(app: TriageApp, workspace: Workspace) -> None:
    deep = [frame("shop/cart.py", "walk", 5, "    return walk(node.parent)")] * 900
    add(workspace, sdk_event(1, [exception("RecursionError", "maximum recursion depth exceeded", deep)]))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "more times the same")


async def test_an_event_without_frames_or_payload_still_opens(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1, [exception("KeyError", "'sku'", [])]))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "no frames were sent")
        await pilot.press("j", "tab", "tab", "e", "y")


async def test_drafting_is_asked_for_by_message(
    app: TriageApp, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(workspace, sdk_event(1))
    asked: list[DraftRequested] = []
    monkeypatch.setattr(TriageApp, "on_draft_requested", lambda app, message: asked.append(message))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "Stack")
        await pilot.press("d")
        await until(pilot, lambda: [(item.issue_id, item.strategy) for item in asked] == [(1, "replay")])


async def test_a_disabled_action_says_why(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "Stack")
        await pilot.press("o")
        await sees(pilot, "there is no link")
        await pilot.press("r")
        await sees(pilot, "no draft yet")


async def test_resolve_assign_snooze_and_undo(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: app.me is not None)
        await pilot.press("a")
        await sees(pilot, "assigned to ana@example.org")
        await pilot.press("x")
        await sees(pilot, "resolved T-1")
        await pilot.press("z")
        await no_longer_sees(pilot, "resolved T-1")
        await pilot.press("s")
        await sees(pilot, "snoozed")
        await pilot.press("q")
        await sees(pilot, "Nothing" if "Nothing" in screen_text(app) else "unresolved")


async def test_finds_in_the_source(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("enter")
        await sees(pilot, "prices =")
        await pilot.press("2", "slash", *"return", "enter", "n", "N")
        assert issue(app).source.needle == "return"


async def test_room_to_spare_holds_the_values_of_the_chosen_frame(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app, (200, 60)) as pilot:
        await pilot.press("enter")
        await sees(pilot, "[tests 1]", "values in total when it failed")
        await pilot.press("j")
        await sees(pilot, "[tests 1]", "values in checkout when it failed")
        await pilot.press("4")
        assert issue(app).focused is issue(app).values_view
        await pilot.press("plus")
        await no_longer_sees(pilot, "[tests 1]")
        await pilot.press("escape")
        await sees(pilot, "[tests 1]", "values in checkout when it failed")
        await pilot.resize_terminal(120, 36)
        await no_longer_sees(pilot, "values in checkout when it failed")


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60), (30, 8)])
async def test_works_at_every_size(app: TriageApp, workspace: Workspace, size: tuple[int, int]) -> None:
    add(workspace, sdk_event(1))
    async with opened(app, size) as pilot:
        await pilot.press("enter")
        await sees(pilot, "KeyError")
        await pilot.press("tab", "tab", "tab", "1", "2", "3", "plus", "underscore", "1")
        if size[0] >= 60:
            await sees(pilot, "total  shop/cart.py:8")
