"""Random keys on every screen, with hostile text in every field: nothing crashes, and the app still answers.

`TRIAGE_RANDOM_KEYS=200 TRIAGE_RANDOM_SEEDS=5 pytest tests/tui/test_random_keys.py` does it at length.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.drafts import CRASH_LINE, FAILS, Shop
from tests.tui.events import add, exception, frame, sdk_event
from tests.tui.stories import opened, sees, until
from triage.domain.draft import Draft
from triage.domain.verdict import Verdict
from triage.tui.actions import ACTIONS
from triage.tui.app import TriageApp
from triage.tui.screens.base import TriageScreen
from triage.tui.screens.edit import EditScreen
from triage.tui.screens.fix import FixScreen
from triage.tui.screens.help import HelpScreen, PaletteScreen
from triage.tui.screens.help_jobs import JobsScreen, QuitScreen
from triage.tui.screens.issue import IssueScreen
from triage.tui.screens.jump import JumpScreen
from triage.tui.screens.prompt import PromptScreen
from triage.tui.screens.publish import PublishScreen
from triage.tui.screens.review import ReviewScreen
from triage.tui.screens.run import RunScreen

HOW_MANY = int(os.environ.get("TRIAGE_RANDOM_KEYS", "48"))
SEEDS = int(os.environ.get("TRIAGE_RANDOM_SEEDS", "1"))
BATCH = 6
EVIL = (
    "[/b][red]\x1b[31m\x1b]52;c;aGk=\x07\u202eevil\u2066\x9b2J[@click=app.bell]x[/]{x!r:>{y}}"
    "日本\u0301\u0301\u0301\u0301\ud800'"
)
EVIL_TEST = f'"""{EVIL[:-2]}"""\n\n\ndef test_evil():\n    print("[/b]")\n    assert False\n'.replace("\ud800", "")
KEYS = [
    *sorted({key for action in ACTIONS for key in action.keys} - {"ctrl+q"}),
    *"abcxyz019[]{}()<>'\"\\%$^&~",
    *("backspace", "delete", "ctrl+c", "ctrl+z", "ctrl+a", "alt+x", "f12", "insert"),
]

Make = Callable[[TriageApp, Shop, Draft], Screen[Any] | None]


def below(app: TriageApp) -> TriageScreen:
    assert isinstance(app.screen, TriageScreen)
    return app.screen


SCREENS: dict[str, Make] = {
    "inbox": lambda app, shop, draft: None,
    "issue": lambda app, shop, draft: IssueScreen(shop.issue + 1),
    "review": lambda app, shop, draft: ReviewScreen(shop.issue),
    "edit": lambda app, shop, draft: EditScreen(draft),
    "run": lambda app, shop, draft: RunScreen(draft),
    "publish": lambda app, shop, draft: PublishScreen(draft, pull_request=True),
    "prompt": lambda app, shop, draft: PromptScreen(shop.issue),
    "fix": lambda app, shop, draft: FixScreen(shop.issue, None),
    "help": lambda app, shop, draft: HelpScreen(below(app)),
    "palette": lambda app, shop, draft: PaletteScreen(below(app)),
    "jobs": lambda app, shop, draft: JobsScreen(),
    "quit": lambda app, shop, draft: QuitScreen(),
    "jump": lambda app, shop, draft: JumpScreen(below(app).panels()),
}


def hostile(shop: Shop) -> Draft:
    """Strangers' text wherever strangers can put some."""
    variables: dict[str, Any] = {EVIL: EVIL, "cart": [EVIL, {EVIL: EVIL}], "none": None}
    path, function, line, _ = CRASH_LINE
    frames = [frame(path, function, line, EVIL, **variables), frame(EVIL, EVIL, 2**31, EVIL, **variables)]
    event = sdk_event(2, [exception(EVIL, EVIL * 50, [*frames, frame(*CRASH_LINE, **variables)])])
    event["release"] = event["environment"] = event["transaction"] = event["server_name"] = EVIL
    event["tags"] = {EVIL: EVIL}
    event["user"] = {"id": EVIL, "email": EVIL}
    event["breadcrumbs"] = {"values": [{"message": EVIL, "category": EVIL, "data": {EVIL: EVIL}, "level": EVIL}]}
    event["request"] = {"url": EVIL, "method": EVIL, "headers": [[EVIL, EVIL]], "data": EVIL, "query_string": EVIL}
    add(shop.workspace, event)
    shop.workspace.store.assign([shop.issue], EVIL.replace("\ud800", ""))
    first = shop.draft()
    shop.ran(first)
    shop.draft(EVIL_TEST, "test_evil", parent=first.id)
    shop.ran(shop.draft(FAILS + "# more\n"), Verdict.PASSED)
    return first


@pytest.mark.parametrize("seed", range(SEEDS))
@pytest.mark.parametrize("screen", SCREENS)
async def test_random_keys_on_every_screen(shop: Shop, screen: str, seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    from triage.tui import editor

    monkeypatch.setattr(editor, "command", list)
    monkeypatch.setattr(TriageApp, "exit", lambda *args, **more: None)
    monkeypatch.setattr(TriageApp, "open_link", lambda app, issue: None)
    monkeypatch.setattr(TriageApp, "copy", lambda app, text, what: None)
    monkeypatch.setattr(TriageApp, "action_suspend_process", lambda app: None)
    choose = random.Random(f"{screen} {seed}")
    draft = hostile(shop)
    app = shop.app()
    async with opened(app, choose.choice([(20, 5), (60, 15), (80, 24), (120, 36), (200, 60)])) as pilot:
        for at in range(0, HOW_MANY, BATCH):
            if at % (BATCH * 4) == 0:  # random keys leave soon
                await back_to_the_inbox(app, pilot)
                made = SCREENS[screen](app, shop, draft)
                if made is not None:
                    app.push_screen(made)
                await pilot.pause()
            for _ in range(BATCH):  # typed without waiting
                key = choose.choice(KEYS)
                app.post_message(events.Key(key, key if len(key) == 1 else None))
            await pilot.pause()
            assert app._exception is None
        await back_to_the_inbox(app, pilot)
        await pilot.resize_terminal(120, 36)
        await pilot.press("escape", "escape", "question_mark")
        await sees(pilot, "Keys that work here")


async def back_to_the_inbox(app: TriageApp, pilot: Pilot[None]) -> None:
    """Close what is open, as `esc` and `q` would."""
    while len(app.screen_stack) > 1:
        await app.pop_screen()

    def stopped() -> bool:
        for job in app.jobs.running:  # a key may have started one just now
            app.jobs.cancel(job)
        return not app.jobs.running

    await until(pilot, stopped, "jobs end")
