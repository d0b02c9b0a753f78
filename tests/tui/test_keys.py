"""The registry of actions and what is made from it."""

import pytest

from tests.tui.events import add, sdk_event
from tests.tui.stories import no_longer_sees, opened, screen_text, sees
from triage.errors import UsageError
from triage.services.workspace import Workspace
from triage.tui import keydocs
from triage.tui.actions import ACTIONS, BY_ID, SCREEN_SCOPES, footer, on_screen
from triage.tui.app import TriageApp
from triage.tui.keymap import RESERVED, build_keymap
from triage.tui.reasons import Context
from triage.tui.screens.base import TriageScreen
from triage.tui.screens.inbox import InboxScreen
from triage.tui.screens.issue import IssueScreen
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import LineView


def test_ids_are_unique_and_no_default_key_is_reserved() -> None:
    assert len(BY_ID) == len(ACTIONS)
    for action in ACTIONS:
        assert not set(action.keys) & set(RESERVED), action.id
        assert action.description
        assert action.label


def test_within_a_scope_every_key_means_one_thing() -> None:
    for screen, scopes in SCREEN_SCOPES.items():
        for scope in scopes:
            keys = [key for action in on_screen(screen) if action.scope == scope for key in action.keys]
            assert len(keys) == len(set(keys)), scope


def test_footers_show_six_at_most_and_end_in_help() -> None:
    for screen in SCREEN_SCOPES:
        shown = footer(screen)
        assert len(shown) <= 6
        assert shown[-1].id == "app.help"


def test_every_reason_is_a_sentence_or_none() -> None:
    for context in (Context(), Context(issues=1, draft=True, drafts=2, running=True, published=True, has_link=True)):
        for action in ACTIONS:
            reason = action.why_not(context)
            assert reason is None or len(reason) > 5, action.id


@pytest.mark.parametrize("kind", [InboxScreen, IssueScreen])
def test_every_action_has_somebody_who_does_it(kind: type[TriageScreen]) -> None:
    for action in on_screen(kind.SCOPE):
        method = f"do_{action.name}"
        owners: list[type] = [kind, TriageApp]
        if action.scope == "list":
            owners = [CursorView]
        if action.scope == "find":
            owners = [LineView, kind]
        assert any(hasattr(owner, method) for owner in owners), action.id


def test_the_documentation_of_keys_is_up_to_date() -> None:
    assert keydocs.FILE.read_text(encoding="utf-8") == keydocs.markdown(), "run python -m triage.tui.keydocs"


@pytest.mark.parametrize(
    ("configured", "words"),
    [
        ({"inbox.resolv": "X"}, "did you mean inbox.resolve"),
        ({"inbox.resolve": "a"}, "inbox.assign"),
        ({"inbox.resolve": "ctrl+i"}, "tab"),
        ({"inbox.resolve": "ctrl+b"}, "tmux"),
        ({"inbox.resolve": "ctrl+["}, "escape"),
        ({"inbox.resolve": "qqq"}, "unknown key"),
        ({"inbox.resolve": "hyper+x"}, "unknown key"),
        ({"inbox.resolve": "entre"}, "did you mean enter?"),
        ({"inbox.resolve": "Ctrl+X"}, "did you mean ctrl+x?"),
        ({"inbox.resolve": "ctrl+enter"}, "the same byte"),
        ({"edit.save": "x"}, "typed into the text"),
        ({"inbox.resolve": ""}, "no key"),
        ({"app.help": "j"}, "list.down"),
    ],
)
def test_keys_that_cannot_work_are_refused_with_the_fix(configured: dict[str, str], words: str) -> None:
    with pytest.raises(UsageError) as caught:
        build_keymap(configured)
    assert words in str(caught.value)


def test_keys_may_be_swapped() -> None:
    keymap = build_keymap({"inbox.resolve": "a", "inbox.assign": "x"})
    assert keymap.of(BY_ID["inbox.resolve"]) == ("a",)


async def test_a_configured_key_works_and_is_shown(workspace: Workspace) -> None:
    from dataclasses import replace

    add(workspace, sdk_event(1), sdk_event(2))
    keys = {"inbox.resolve": "X, ctrl+r", "list.down": "j,down,ctrl+n"}
    app = TriageApp(Workspace.open(replace(workspace.config, keys=keys)), start_ingest=False)
    async with opened(app) as pilot:
        await sees(pilot, "2 issues", "X resolve")
        await pilot.press("ctrl+n")
        assert isinstance(app.screen, InboxScreen)
        assert app.screen.issues.index == 1
        await pilot.press("x")
        await sees(pilot, "2 issues")
        await pilot.press("ctrl+r")
        await sees(pilot, "1 issue")


async def test_help_is_about_this_screen_and_can_be_searched(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("question_mark")
        await sees(pilot, "Keys that work here", "Mark as resolved", "One down")
        await pilot.press(*"snooze")
        await no_longer_sees(pilot, "One down")
        await sees(pilot, "Put aside for a day")
        await pilot.press(*["backspace"] * 6, *"browser")
        await sees(pilot, "there is no link")
        await pilot.press("escape")
        await no_longer_sees(pilot, "Keys that work here")


async def test_the_palette_does_what_it_finds(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("colon", *"resolve")
        await sees(pilot, "Mark as resolved")
        await pilot.press("enter")
        await sees(pilot, "resolved T-1")


async def test_a_click_on_the_footer_and_on_rows_works(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1), sdk_event(2), sdk_event(3))
    async with opened(app) as pilot:
        await sees(pilot, "3 issues")
        assert isinstance(app.screen, InboxScreen)
        await pilot.click(app.screen.issues, offset=(20, 2))
        assert app.screen.issues.index == 2
        line = screen_text(app).splitlines()[-1]
        await pilot.click(app.screen.footer_bar, offset=(line.index("resolve"), 0))
        await sees(pilot, "resolved T-3")


async def test_f1_works_while_typing_a_filter(app: TriageApp, workspace: Workspace) -> None:
    add(workspace, sdk_event(1))
    async with opened(app) as pilot:
        await pilot.press("slash", "q", "question_mark")
        assert isinstance(app.screen, InboxScreen)
        assert app.screen.filter == "q?"
        await pilot.press("f1")
        await sees(pilot, "Keys that work here")


async def test_themes_turn_and_an_unknown_one_is_named(workspace: Workspace) -> None:
    from dataclasses import replace

    app = TriageApp(Workspace.open(replace(workspace.config, theme="triage-darkk")), start_ingest=False)
    async with opened(app) as pilot:
        await sees(pilot, "did you mean triage-dark")
        for _ in range(8):
            await pilot.press("f9")
        assert app.is_running
