"""Hostile drafts, output and keys on the screens from review to publish; the texts in their panes."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.drafts import FAILS, Shop
from tests.tui.stories import opened, screen_text, sees, until
from triage.domain.verdict import Verdict
from triage.services.workspace import Workspace
from triage.tui.actions import SCREEN_SCOPES, on_screen
from triage.tui.app import TriageApp
from triage.tui.messages import ReviewRequested
from triage.tui.python_ink import inked_source, plain_source, wrapped
from triage.tui.screens.base import TriageScreen
from triage.tui.screens.edit import EditScreen
from triage.tui.screens.prompt import PromptScreen
from triage.tui.screens.publish import PublishScreen
from triage.tui.screens.review import ReviewScreen
from triage.tui.screens.run import RunScreen
from triage.tui.text import clean
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import LineView

EVIL = (
    'X = "[/b][red]\x1b[31m\x1b]52;c;aGk=\x07\u202eevil\u2066\x9b2J"\n\n\ndef test_evil():\n'
    '    print("\x1b]0;owned\x07[/b]" + X)\n    assert not X  # \u202e tcartbus\n'
)
UNSEEABLE = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066")
KEYS = [
    *"jkhlgGcCxzrApPuyYdDmFioefwnN123+_|?/:[]R",
    *("enter", "escape", "tab", "shift+tab", "down", "up", "left", "right", "pagedown", "home", "end"),
    *("ctrl+s", "ctrl+x", "ctrl+d", "ctrl+u", "f5", "f9", "f1", "ctrl+p", "space", "backspace", "q"),
]


async def test_what_hides_in_a_draft_is_seen_on_every_screen(shop: Shop) -> None:
    shop.draft()
    shop.ran(shop.draft(EVIL, "test_evil", parent=1))
    app = shop.app()
    async with opened(app) as pilot:
        app.post_message(ReviewRequested(shop.issue))
        await sees(pilot, "[/b][red]�[31m�]52;c;aGk=��evil��2J", "revision 1")
        await pilot.press("enter")
        await sees(pilot, "edit draft 2", "[/b][red]�[31m")
        held = [screen_text(app)]
        await pilot.press("f5")
        await sees(pilot, "run draft 2", "not proven", "[/b]")
        held.append(screen_text(app))
        await pilot.press("p")
        await sees(pilot, "What w")
        held.append(screen_text(app))
        for text in held:
            assert not [sign for sign in UNSEEABLE if sign in text]


@pytest.mark.parametrize("seed", range(3))
async def test_random_keys_kill_nothing(shop: Shop, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from triage.tui import editor

    monkeypatch.setattr(editor, "command", list)
    monkeypatch.setattr(TriageApp, "exit", lambda *args, **more: None)
    monkeypatch.setattr(TriageApp, "open_link", lambda app, issue: None)
    first = shop.draft()
    shop.ran(first)
    shop.draft(EVIL, "test_evil", parent=first.id)
    shop.ran(shop.draft(FAILS + "# more\n"), Verdict.PASSED)
    choose = random.Random(seed)
    app = shop.app()
    async with opened(app, choose.choice([(60, 15), (80, 24), (120, 36), (200, 60)])) as pilot:
        for kind in (lambda: ReviewScreen(shop.issue), lambda: EditScreen(first), lambda: RunScreen(first)):
            app.push_screen(kind())
            await pilot.pause()
            for _ in range(25):
                await pilot.press(choose.choice(KEYS))
        assert app.is_running
        assert app._exception is None


@pytest.mark.parametrize("kind", [ReviewScreen, EditScreen, RunScreen, PublishScreen, PromptScreen])
def test_every_action_has_somebody_who_does_it(kind: type[TriageScreen]) -> None:
    for action in on_screen(kind.SCOPE):
        method = f"do_{action.name}"
        owners: list[type] = [kind, TriageApp]
        if action.scope == "list":
            owners = [CursorView]
        if action.scope == "find":
            owners = [LineView, kind]
        never = action.id == "app.open_link" and kind not in (ReviewScreen, PublishScreen)  # and says so
        assert never or any(hasattr(owner, method) for owner in owners), action.id
    assert kind.SCOPE in SCREEN_SCOPES


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
async def test_texts_fit_every_size_and_the_crash_is_in_sight(shop: Shop, size: tuple[int, int]) -> None:
    shop.ran(shop.draft())
    app = shop.app()
    async with opened(app, size) as pilot:
        app.post_message(ReviewRequested(shop.issue))
        await sees(pilot, "review T-1", "def test_checkout")
        screen = app.screen
        assert isinstance(screen, ReviewScreen)
        await until(pilot, lambda: bool(screen.sides), "texts to compare with")
        for name in ("c", "c", "enter", "C", "c", "enter", "|", "|", "|", "c", "escape"):
            await pilot.press(name)
        await until(pilot, lambda: screen.compare.right is not None)
        assert all(cell_len(row) <= size[0] for row in screen_text(app).splitlines())
        if size[0] == 200:
            await sees(pilot, "▶", "def total(items, prices):")


async def test_a_long_file_opens_at_once_and_scrolls_to_its_mark(workspace: Workspace) -> None:
    from triage.tui.widgets.compare_view import CompareView, Pane

    app = TriageApp(workspace, start_ingest=False)
    long = "\n".join(f"value_{at} = {at}" for at in range(20_000))
    async with opened(app) as pilot:
        view = CompareView(id="compare")
        await app.screen.mount(view)
        view.styles.height = 20
        await pilot.pause()
        view.show_pair(Pane("short", FAILS, "drafts", 6), Pane("long", long, "source", 15_000))
        await pilot.pause()
        assert view.row_count() >= 20_000
        await until(pilot, lambda: view.scroll_offset.y > 14_900)
        shown = "\n".join(view.render_line(y).text for y in range(view.page))
        assert "value_14999" in shown
        assert "def test_checkout" in shown


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(8, 60))
def test_source_can_be_shown_whole_line_by_line(text: str, room: int) -> None:
    plain = plain_source(text)
    lines = inked_source(plain)
    assert len(lines) >= len(plain.splitlines())
    for runs in lines:
        parts = wrapped(runs, room)
        assert "".join(piece for piece, _ in runs).replace(" ", "") == "".join(
            piece for part in parts for piece, _ in part
        ).replace(" ", "")
        assert all(cell_len("".join(piece for piece, _ in part)) <= max(room, 2) for part in parts)
        for piece, _ in runs:
            assert clean(piece) == piece
    assert plain.count("\n") == text.replace("\r\n", "\n").count("\n")
