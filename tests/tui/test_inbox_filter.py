"""The filter as it is typed, the preview as the cursor rests, and what is done to several at once."""

from dataclasses import replace

import pytest

from tests.tui.drafts import Shop
from tests.tui.events import add, exception, sdk_event
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.screens.inbox import InboxScreen


def inbox(app: TriageApp) -> InboxScreen:
    assert isinstance(app.screen, InboxScreen)
    return app.screen


def two_releases(workspace: Workspace) -> list[int]:
    return add(
        workspace,
        sdk_event(1, [exception("KeyError", "young", [])], release="shop@1.4.2"),
        sdk_event(2, [exception("ValueError", "old", [])], release="shop@1.3.0", level="warning"),
    )


async def test_values_are_offered_from_the_store_and_taken_with_tab(app: TriageApp, workspace: Workspace) -> None:
    two_releases(workspace)
    async with opened(app) as pilot:
        await pilot.press("slash")
        await sees(pilot, "release:", "had events in this release", "tab takes it")
        await pilot.press(*"rel", "tab")
        await sees(pilot, "release:shop@1.4.2", "release:shop@1.3.0")
        await pilot.press("down", "tab", "enter")
        await sees(pilot, "  1 issue", "old")
        await no_longer_sees(pilot, "young")
        await no_longer_sees(pilot, "tab takes it")
        assert app.focused is inbox(app).issues
        await pilot.press("escape", "slash", *"release:1.4", "enter")
        await sees(pilot, "young", "  1 issue")


async def test_a_mistake_is_told_under_its_word_with_the_nearest(app: TriageApp, workspace: Workspace) -> None:
    two_releases(workspace)
    async with opened(app) as pilot:
        await pilot.press("slash", *"KeyError is:regresed ")
        await sees(pilot, "is:regresed is not known: did you mean regressed?")
        lines = screen_text(app).splitlines()
        at = next(number for number, text in enumerate(lines) if "did you mean" in text)
        assert lines[at].index("↑") == lines[at - 1].index("is:regresed")
        await pilot.press("enter")
        await sees(pilot, "young")


WORDS = (
    ("assigned:none", "old", "young"),
    ("assigned:me", "young", "old"),
    ("!assigned:me", "old", "young"),
    ("!level:warning", "young", "old"),
    ("!has:draft old", "old", "young"),
)


@pytest.mark.parametrize(("typed", "shown", "hidden"), WORDS)
async def test_what_sentry_users_type_is_understood(
    app: TriageApp, workspace: Workspace, typed: str, shown: str, hidden: str
) -> None:
    first, _ = two_releases(workspace)
    async with opened(app) as pilot:
        await until(pilot, lambda: app.me is not None)
        workspace.store.assign([first], app.me)
        await pilot.press("slash", *typed, "enter")
        await no_longer_sees(pilot, hidden)
        await sees(pilot, shown)


async def test_the_preview_asks_the_checkout_when_the_cursor_rests(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1), sdk_event(2))
    async with opened(app) as pilot:
        await sees(pilot, "tests   tests/test_cart.py::test_total", "suspect ", "by ana")
        await pilot.press("j")
        await sees(pilot, "shop/cart.py:8 in total")


async def test_an_event_that_cannot_be_read_is_said_in_the_preview(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    with workspace.store.database.write() as transaction:
        transaction.run("UPDATE payload SET raw = ?", (b"\x28\xb5\x2f\xfd broken",))
    async with opened(app) as pilot:
        await sees(pilot, "KeyError", "a stored event is damaged")
        await pilot.press("j", "k", "R")
        await sees(pilot, "KeyError")


async def test_several_drafts_are_made_one_after_the_other(shop: Shop) -> None:
    workspace = shop.workspace
    (second,) = add(workspace, sdk_event(9))
    app = TriageApp(workspace, start_ingest=False)
    async with opened(app) as pilot:
        await sees(pilot, "2 issues")
        await pilot.press("space", "space", "d")
        await sees(pilot, "drafting 2 tests, one after the other")
        assert len([job for job in app.jobs if job.kind == "draft"]) == 2
        await pilot.press("J")
        await sees(pilot, f"drafting T-{second}", "waits for its turn")
        waiting = next(job for job in app.jobs if "waits" in job.step)
        app.jobs.cancel(waiting)
        await until(pilot, lambda: not waiting.running)
        assert len(app.jobs.running) == 1
        await pilot.press("escape")
        for job in app.jobs.running:
            app.jobs.cancel(job)
        await until(pilot, lambda: not app.jobs.running)


async def test_assigning_to_somebody_and_putting_aside_for_longer(app: TriageApp, workspace: Workspace) -> None:
    first, second = two_releases(workspace)
    workspace.store.assign([second], "bo")
    async with opened(app) as pilot:
        await sees(pilot, "2 issues")
        await pilot.press("A", *"zoe", "enter")
        await sees(pilot, f"assigned T-{first} to zoe")
        await pilot.press("A", *"bo", "enter")
        await until(pilot, lambda: workspace.store.issue(first).assignee == "bo")
        await pilot.press("A", *"nobody", "enter")
        await until(pilot, lambda: workspace.store.issue(first).assignee is None)
        await pilot.press("Z", *"week", "enter")
        await sees(pilot, f"snoozed T-{first}", "  1 issue")
        await pilot.press("z", "z", "z")
        await until(pilot, lambda: workspace.store.issue(first).assignee == "zoe")


async def test_an_issue_is_unread_until_it_was_opened(app: TriageApp, workspace: Workspace) -> None:
    first, _ = two_releases(workspace)
    async with opened(app) as pilot:
        await sees(pilot, "2 issues")
        assert not workspace.store.issue(first).seen
        await pilot.press("enter")
        await until(pilot, lambda: workspace.store.issue(first).seen)
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, InboxScreen) and bool(inbox(app).issues.issue.seen))  # type: ignore[union-attr]
        await pilot.press("slash", *"is:new", "enter")
        await no_longer_sees(pilot, "young")
        await sees(pilot, "old")


def test_ascii_has_a_sign_for_all_marks(workspace: Workspace) -> None:
    from triage.tui.columns import cells, marks_of
    from triage.tui.glyphs import ASCII

    (number, _) = two_releases(workspace)
    issue = replace(
        workspace.store.issue(number), regressed=True, covered=False, draft="REPRODUCED", publication="PR #1"
    )
    assert all(sign and sign.isascii() for sign, _, _ in marks_of(issue, ASCII))
    for width in (20, 44, 78, 98, 118, 132, 200):
        runs = cells(issue, width, issue.last_seen, ASCII, marked=True)
        assert sum(len(text) for text, _ in runs) == width - 1
