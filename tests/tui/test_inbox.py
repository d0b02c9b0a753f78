"""The inbox, as somebody on call uses it."""

from tests.tui.events import add, exception, sdk_event
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.screens.inbox import InboxScreen


def inbox(app: TriageApp) -> InboxScreen:
    assert isinstance(app.screen, InboxScreen)
    return app.screen


def many(workspace: Workspace, number: int) -> list[int]:
    events = [sdk_event(at, [exception("KeyError", f"'sku-{at}'", [])]) for at in range(1, number + 1)]
    return add(workspace, *events)


async def test_an_empty_inbox_says_what_to_do_next(app: TriageApp) -> None:
    async with opened(app) as pilot:
        await sees(pilot, "No errors yet", "triage import FILE", "triage demo")


async def test_shows_issues_with_the_newest_first_and_a_preview(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(3), sdk_event(1, [exception("ValueError", "bad price", [])]))
    async with opened(app) as pilot:
        await sees(pilot, "KeyError: 'sku'", "ValueError: bad price", "2 issues")
        lines = screen_text(app).splitlines()
        assert "ValueError" in lines[2]
        await pilot.press("j")
        await sees(pilot, "shop/cart.py:8 in total", 'prices[item["sku"]]', "prices =", "d drafts a test")


async def test_moves_to_both_ends_and_by_pages(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 500)
    async with opened(app) as pilot:
        await sees(pilot, "500 issues")
        await pilot.press("G")
        await sees(pilot, "'sku-500'")
        assert inbox(app).issues.index == 499
        await pilot.press("g")
        await sees(pilot, "'sku-1'")
        await pilot.press("ctrl+d", "pagedown", "k", "up")
        assert 10 < inbox(app).issues.index < 60
        assert len(inbox(app).issues.window.rows) <= 500  # type: ignore[union-attr]


async def test_filters_as_one_types_and_clears_with_escape(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(2), sdk_event(1, [exception("ValueError", "bad price", [])], level="warning"))
    async with opened(app) as pilot:
        await pilot.press("slash", *"level:warning")
        await no_longer_sees(pilot, "KeyError")
        await sees(pilot, "ValueError")
        await pilot.press("enter")
        assert app.focused is inbox(app).issues
        await pilot.press("escape")
        await sees(pilot, "KeyError", "ValueError")


async def test_a_filter_that_matches_nothing_says_how_to_clear_it(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("slash", *"nonsense")
        await sees(pilot, "Nothing matches nonsense", "clears the filter")
        await pilot.press("escape")
        await sees(pilot, "KeyError")


async def test_an_unknown_word_of_the_filter_is_named(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("slash", *"is:broken", "enter")
        await sees(pilot, "is:broken is not known")


async def test_resolve_takes_the_issue_away_and_undo_brings_it_back(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 5)
    async with opened(app) as pilot:
        await sees(pilot, "'sku-1'")
        await pilot.press("j", "x")
        await sees(pilot, "z takes it back", "4 issues")
        assert "'sku-2'" not in screen_text(app)
        under = inbox(app).issues.issue
        assert under is not None
        assert "sku-3" in under.title, "the cursor is on what follows"
        await pilot.press("z")
        await sees(pilot, "'sku-2'", "undone")


async def test_marked_issues_are_resolved_together(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 8)
    async with opened(app) as pilot:
        await sees(pilot, "8 issues")
        await pilot.press("space", "j", "j", "v")
        await sees(pilot, "4 marked")
        await pilot.press("x")
        await sees(pilot, "resolved 4 issues", "4 issues")


async def test_views_turn_with_brackets(app: TriageApp, workspace: Workspace) -> None:
    ids = many(workspace, 3)
    workspace.store.resolve([ids[0]])
    async with opened(app) as pilot:
        await sees(pilot, "2 issues")
        await until(pilot, lambda: app.me is not None)
        await pilot.press("right_square_bracket")
        await sees(pilot, "Nothing is assigned to you")
        await pilot.press("left_square_bracket", "a")
        await sees(pilot, "assigned")
        await pilot.press("right_square_bracket")
        await sees(pilot, "1 issue")
        await pilot.press("right_square_bracket")
        await sees(pilot, "Nothing has come back")
        await pilot.press("right_square_bracket")
        await sees(pilot, "uncovered code")
        await pilot.press("right_square_bracket", "right_square_bracket")
        await sees(pilot, "'sku-1'")
        await pilot.press("right_square_bracket")
        await sees(pilot, "3 issues")


async def test_arrivals_never_move_the_cursor_and_one_key_shows_them(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 40)
    async with opened(app) as pilot:
        await sees(pilot, "40 issues")
        await pilot.press("j", "j")
        before = inbox(app).issues.issue
        lines = screen_text(app).splitlines()[2:6]
        add(workspace, sdk_event(0, [exception("OSError", "fresh", [])]))
        await sees(pilot, "1 newer")
        assert inbox(app).issues.issue == before
        assert screen_text(app).splitlines()[2:6] == lines
        await pilot.press("R")
        await sees(pilot, "OSError: fresh")
        assert inbox(app).issues.index == 0


async def test_the_first_error_appears_by_itself(app: TriageApp, workspace: Workspace) -> None:
    async with opened(app) as pilot:
        await sees(pilot, "No errors yet")
        add(workspace, sdk_event(1))
        await sees(pilot, "KeyError: 'sku'")


async def test_counts_of_issues_on_screen_follow_in_place(app: TriageApp, workspace: Workspace) -> None:
    number = many(workspace, 3)[2]
    async with opened(app) as pilot:
        await sees(pilot, "'sku-3'")
        event = sdk_event(3, [exception("KeyError", "'sku-3'", [])])
        for at in range(4):
            add_same(workspace, event, f"{at:031x}f")
        await until(pilot, lambda: workspace.store.issue(number).count == 5)
        await until(pilot, lambda: any(issue.count == 5 for issue in inbox(app).issues.window.rows))  # type: ignore[union-attr]
        assert inbox(app).issues.index == 0


def add_same(workspace: Workspace, event: dict[str, object], event_id: str) -> None:
    """Another event of the same issue."""
    import json

    from triage.domain.incoming import IncomingEvent, Kind
    from triage.sources import parse_event
    from triage.sources.incoming import incoming

    raw = json.dumps({**event, "event_id": event_id}).encode()
    item = incoming(parse_event(raw, Kind.SDK), raw, Kind.SDK)
    same = {name: getattr(item, name) for name in IncomingEvent.__annotations__}
    workspace.store.add_events([IncomingEvent(**{**same, "fingerprint": f"{item.fingerprint}-{event['event_id']}"})])


async def test_a_panel_can_have_the_whole_screen(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 40)
    async with opened(app) as pilot:
        await sees(pilot, "40 issues", "Preview")
        await pilot.press("plus")
        await no_longer_sees(pilot, "Preview")
        await sees(pilot, "'sku-30'")
        await pilot.press("underscore")
        await sees(pilot, "Preview")
        await pilot.press("2", "plus")
        await no_longer_sees(pilot, "'sku-2'")
        await sees(pilot, "d drafts a test")
        await pilot.press("escape")
        await sees(pilot, "'sku-2'")


async def test_a_store_that_cannot_be_read_is_explained(tmp_path: object, workspace: Workspace) -> None:
    from dataclasses import replace
    from pathlib import Path

    assert isinstance(tmp_path, Path)
    file = tmp_path / "not-a-store.db"
    file.write_bytes(b"this is not a database, whatever its name says" * 100)
    broken = Workspace.open(replace(workspace.config, store=f"sqlite:///{file}"))
    app = TriageApp(broken, start_ingest=False)
    async with opened(app) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "not-a-store" in text or "database" in text
        await pilot.press("j", "x", "slash", "escape", "d", "question_mark", "escape")


async def test_works_at_every_size(app: TriageApp, workspace: Workspace) -> None:
    many(workspace, 50)
    async with opened(app) as pilot:
        for size in ((60, 15), (80, 24), (120, 36), (200, 60), (20, 5), (300, 80), (1, 1), (100, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.press("j", "G", "g")
        await sees(pilot, "'sku-1'")
