"""Bell and desktop notifications: what is told, how often, and that nothing breaks out of them."""

import re
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.events import add, exception, sdk_event
from tests.tui.stories import opened, sees, until
from triage.config import Config, NotifyConfig
from triage.domain.incoming import IncomingEvent
from triage.domain.issue import Issue, News, Status
from triage.services.workspace import Workspace
from triage.store.store import system_clock
from triage.tui.app import TriageApp
from triage.tui.notify import Notifier, sequence

ON = NotifyConfig(bell=True, desktop="osc777", every=30)


class Terminal:
    """What was written, and a clock that a test sets."""

    def __init__(self, config: NotifyConfig) -> None:
        self.written: list[str] = []
        self.now = 1_000.0
        self.notifier = Notifier(config, self.written.append, {}, lambda: self.now)

    def gets(self, *new: Issue, regressed: tuple[Issue, ...] = (), new_count: int | None = None) -> str:
        """What is written when these come."""
        before = len(self.written)
        self.notifier.take(News((0, 0), new, len(new) if new_count is None else new_count, regressed, len(regressed)))
        self.notifier.tell()
        return "".join(self.written[before:])


def issue(title: str = "KeyError: 'sku'", level: str = "error") -> Issue:
    now = system_clock()
    return Issue(7, "T-7", title, "shop/cart.py in total", level, Status.UNRESOLVED, 1, now, now)


def test_a_new_issue_rings_and_shows_its_title() -> None:
    assert Terminal(ON).gets(issue()) == "\x07\x1b]777;notify;triage: 1 new issue;T-7 KeyError: 'sku'\x07"
    assert Terminal(replace(ON, desktop="osc9", bell=False)).gets(issue()) == (
        "\x1b]9;triage: 1 new issue: T-7 KeyError: 'sku'\x07"
    )


def test_what_comes_too_soon_is_told_together_later() -> None:
    terminal = Terminal(ON)
    assert terminal.gets(issue())
    terminal.now += 5
    assert terminal.gets(issue(), issue()) == ""
    assert terminal.gets(regressed=(issue("OSError: back"),)) == ""
    terminal.now += 30
    assert "1 regressed, 2 new issues;T-7 OSError: back" in terminal.gets()
    terminal.now += 30
    assert terminal.gets() == ""


def test_what_is_not_wanted_is_not_told() -> None:
    assert Terminal(NotifyConfig()).gets(issue()) == ""
    assert Terminal(ON).gets(issue(level="warning")) == ""
    assert Terminal(replace(ON, level="warning")).gets(issue(level="warning"))
    assert Terminal(replace(ON, new=False)).gets(issue()) == ""
    assert Terminal(replace(ON, new=False)).gets(issue(), regressed=(issue(),))
    assert Terminal(replace(ON, regressed=False)).gets(regressed=(issue(),)) == ""


def test_a_flood_is_counted_though_only_its_latest_were_read() -> None:
    assert "5000 new issues" in Terminal(ON).gets(issue(), new_count=5_000).replace(",", "")


WRAPPED = re.compile(r"\x1bPtmux;\x1b\x1b\]777;notify;([^;\x00-\x1f\x7f-\x9f]*);([^;\x00-\x1f\x7f-\x9f]*)\x07\x1b\\")
PLAIN = re.compile(r"\x1b\](?:9;|777;notify;)([^;\x00-\x1f\x7f-\x9f]*;?[^;\x00-\x1f\x7f-\x9f]*)\x07")
hostile = st.text() | st.sampled_from(
    ["\x07\x1b]52;c;ZXZpbA==\x07", "\x1b\\\x1b[2J", "a;b;c",
      "\x9c\x9d0;title\x07", "\\" * 40, "\x18\x1a", "x" * 9_999, "\u202eevil"]
)  # fmt: skip


@given(hostile, hostile, st.sampled_from(["osc9", "osc777"]))
def test_no_title_breaks_out_of_the_sequence(title: str, body: str, kind: str) -> None:
    assert PLAIN.fullmatch(sequence(kind, title, body, {}))
    assert len(sequence(kind, title, body, {})) < 400
    if kind == "osc777":
        assert WRAPPED.fullmatch(sequence(kind, title, body, {"TMUX": "/tmp/tmux"}))


async def test_the_app_tells_of_new_and_regressed_issues(repo: Path, tmp_path: Path) -> None:
    config = Config(repo=repo, store=f"sqlite:///{tmp_path / 'n.db'}", notify=replace(ON, every=1))
    workspace = Workspace.open(config)
    (first,) = add(workspace, sdk_event(3, [exception("KeyError", "old", [])]))
    workspace.store.resolve([first])
    app = TriageApp(workspace, start_ingest=False)
    async with opened(app) as pilot:
        await sees(pilot, "All clear: nothing is unresolved (1 issue in all)")
        written: list[str] = []
        driver = app._driver
        assert driver is not None
        write = driver.write
        driver.write = lambda data: (written.append(data), write(data))[1]  # type: ignore[method-assign]
        inbox = app.screen_stack[0]
        inbox._notifier._write = driver.write  # type: ignore[attr-defined]
        add(workspace, sdk_event(1, [exception("OSError", "\x1b]0;evil\x07 disk", [])]))
        await until(pilot, lambda: any("1 new issue" in text for text in written))
        await pilot.press("enter")  # on another screen it is told as well
        workspace.store.add_events([same_issue(workspace, first)])
        await until(pilot, lambda: any("1 regressed" in text for text in written))
        assert "\x1b]0;" not in "".join(text for text in written if "notify" in text)


def same_issue(workspace: Workspace, number: int) -> IncomingEvent:
    """One more event of an issue."""
    fingerprint = workspace.store.database.read("SELECT fingerprint FROM issue WHERE id = ?", (number,))[0][0]
    kind = workspace.store.raw_event(number).kind
    return IncomingEvent("again", fingerprint, kind, b"{}", "t", "c", "error", system_clock())
