"""Whatever strangers write, the screen shows it as plain text and the app lives on."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tests.tui.events import add, exception, frame, sdk_event
from tests.tui.stories import opened, screen_text, sees
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.text import clean, fit, fit_end, wrap
from triage.tui.text import width as cells_of

HOSTILE = (
    "[/api/v1] list[int] [b]bold[/b] [@click=app.quit]x[/]",
    "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b]52;c;aGk=\x07 \x9b31m \x1bP+q\x1b\\",
    "safe\u202etxt.exe\u2066 \u200b\u200d\ufeff \u2028 \u2029 \x85",
    "nul\x00 bell\x07 back\x08 del\x7f \r\n\t tab",
    "x" * 10_000,
    "日本語" * 200 + "👩‍👩‍👧‍👦" * 50 + "e" + "\u0301" * 300,
    "\ud800 lone surrogate \udfff",
    "{{7*7}} %s %d {0} $(rm -rf) `id`",
    "",
    "\n\n\n",
)

FORBIDDEN = [chr(code) for code in range(32)] + ["\x7f", "\x9b", "\x85", "\u202e", "\u2066", "\u2028", "\u200b"]


def hostile_event(number: int, text: str) -> dict[str, object]:
    """An event with `text` in every field."""
    crash = frame(text, text, number, text, value=text, nested=[text, {text: text}])
    return sdk_event(
        number,
        [exception(text or "Error", text, [crash, frame("shop/cart.py", text, 8, text)])],
        release=text[:200],
        environment=text[:60],
        transaction=text,
        server_name=text,
        logger=text,
        message=text,
        tags={text[:200] or "tag": text},
        user={"id": text, "email": text},
        extra={"extra": text},
        contexts={"runtime": {"name": text, text[:100]: text}},
        request={
            "method": text[:20],
            "url": text,
            "headers": [[text, text]],
            "cookies": {"a": text},
            "data": {"body": text},
        },
        breadcrumbs={"values": [{"message": text, "category": text, "level": text, "data": {text: text}}]},
    )


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
async def test_hostile_text_in_every_field(app: TriageApp, workspace: Workspace, text: str) -> None:
    add(workspace, hostile_event(1, text))
    async with opened(app) as pilot:
        await sees(pilot, "1 issue")
        await pilot.press("enter")
        await sees(pilot, "Stack")
        for _ in range(6):
            await pilot.press("right_square_bracket")
            await pilot.pause()
            for line in screen_text(app).splitlines():
                assert not [sign for sign in FORBIDDEN if sign in line], repr(line)
        await pilot.press("j", "f", "2", "G", "3", "G", "1", "question_mark", "escape", "colon", "escape", "q")
        await pilot.press("slash", *"x[/b] is:[", "enter", "escape")
        assert app.is_running


KEYS = (
    *"jkgGhlnNaxszvy12345+_[]/?:dDcterfoRSwqJY| ",
    *("enter", "escape", "tab", "shift+tab", "up", "down", "left", "right", "pageup", "pagedown", "home", "end"),
    *("ctrl+d", "ctrl+u", "ctrl+p", "f1", "f9", "ctrl+s", "ctrl+x", "f5", "space", "backspace", "delete"),
)


@pytest.mark.parametrize("seed", range(3))
async def test_random_keys_never_crash(
    app: TriageApp, workspace: Workspace, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from triage.tui import editor

    monkeypatch.setattr(editor, "command", list)
    monkeypatch.setattr(TriageApp, "exit", lambda *args, **more: None)
    monkeypatch.setattr(TriageApp, "on_draft_requested", lambda app, message: None)
    add(
        workspace, *(sdk_event(at) for at in range(1, 30)), hostile_event(40, HOSTILE[0]), hostile_event(41, HOSTILE[2])
    )
    choose = random.Random(seed)
    async with opened(app, choose.choice([(60, 15), (80, 24), (120, 36), (200, 60)])) as pilot:
        for _ in range(60):
            await pilot.press(choose.choice(KEYS))
        assert app.is_running


@given(st.text(alphabet=st.characters(exclude_categories=())), st.integers(1, 40))
def test_clean_text_is_one_plain_line_of_known_width(text: str, cells: int) -> None:
    shown = clean(text)
    assert not [sign for sign in FORBIDDEN if sign in shown]
    shown.encode("utf-8")
    assert clean(shown) == shown
    assert cell_len(fit(shown, cells)) == cells
    assert cell_len(fit_end(shown, cells)) == cells
    assert all(cells_of(part) <= max(cells, 2) for part in wrap(shown, cells))


def test_long_text_is_cut_before_anything_looks_at_it() -> None:
    assert len(clean("\x1b[" * 1_000_000)) <= 2_000
    assert clean("a" * 5_000).endswith("…")
