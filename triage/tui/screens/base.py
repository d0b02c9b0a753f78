"""What all screens share: title and footer lines, dispatch of actions, reasons, panels.

How a screen plugs in (see also `triage.tui.actions`):

1. Add its actions to the registry and its scopes to `SCREEN_SCOPES`.
2. Subclass `TriageScreen`; set `SCOPE` to its key in `SCREEN_SCOPES`, `BINDINGS =
   bindings(*SCREEN_SCOPES["..."])`, and `CSS_PATH` to `paths.styles_dir() / "x.tcss"`.
3. `body()` yields the widgets between title and footer. Lists subclass `CursorView`
   (`LineView` for prepared lines); all of the scope `list` then works on whichever has focus.
4. Each action `x.name` calls `do_name()` (sync or async) on the screen; `app.*` actions are
   looked for on the screen first, then on the app. `context()` feeds the reasons.
5. Slow work: `self.app.jobs.start(self, kind, label, lambda: service(...))`, then handle
   `on_job_progressed/finished/failed/cancelled`, telling jobs apart by `message.job.kind`.
   Short blocking queries: `await self.app.lane.run(lambda: ...)`.
6. `say()` puts one sentence on the bottom line, `fail()` shows a TriageError.
7. Textual calls the `on_...` handlers of every class itself, a subclass's before its base's:
   a handler never calls `super()`, or the base's would run twice.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.worker import Worker

from triage.errors import TriageError
from triage.tui.actions import BY_ID, Action, footer
from triage.tui.jobs import unforeseen
from triage.tui.messages import JobFailed
from triage.tui.reasons import Context
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean
from triage.tui.widgets.bars import FooterBar, TitleBar
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.inked import Run

if TYPE_CHECKING:
    from triage.tui.app import TriageApp

KEYS_WAIT = ("reload", "drafts")
"""Groups of work (see `soon`) after which a list holds other rows: keys typed ahead are meant for those."""

LOG = logging.getLogger("triage.tui")


class TriageScreen(Survives, Screen[None]):
    """One screen of the app."""

    SCOPE: ClassVar[str] = "sheet"
    AUTO_FOCUS: ClassVar[str | None] = "CursorView"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide"), (150, "-roomy")]  # noqa: RUF012  # as Screen has it
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-medium"), (30, "-tall")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__()
        self._failed = ("", "")
        self.keys_wait: Worker[object] | None = None
        """What the next key has to wait for."""
        self.title_bar = TitleBar()
        self.footer_bar = FooterBar(self.press)

    @property
    def triage(self) -> TriageApp:
        """The app, with its type."""
        from triage.tui.app import TriageApp

        return cast(TriageApp, self.app)

    # -- what a screen says

    def body(self) -> Iterable[Widget]:
        """The widgets between title and footer."""
        raise NotImplementedError

    def context(self) -> Context:
        """What the reasons of disabled actions look at."""
        return Context()

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        """Left and right side of the title line."""
        return [(Clean(self.SCOPE), "strong")], []

    # -- shell

    def compose(self) -> ComposeResult:
        yield self.title_bar
        yield from self.body()
        yield self.footer_bar

    def on_mount(self) -> None:
        self.retell()

    def on_screen_resume(self) -> None:
        self.retell()

    def retell(self) -> None:
        """Bring title and footer up to date."""
        left, right = self.standing()
        self.title_bar.say([(Clean("triage "), "accent"), *left], right)
        context = self.context()
        keymap = self.triage.keys
        self.footer_bar.offer(
            [
                (action.id, keymap.shown(action), action.label, action.why_not(context) is None)
                for action in footer(self.SCOPE)
            ]
        )
        self.tell_jobs()

    def tell_jobs(self) -> None:
        """What runs, on the bottom line."""
        running = self.triage.jobs.running
        if running:
            more = f" +{len(running) - 1}" if len(running) > 1 else ""
            self.footer_bar.working(f"{running[0].step or running[0].label}{more}")
        else:
            self.footer_bar.working(None)

    def on_key(self, event: events.Key) -> None:
        self.footer_bar.hush()

    # -- actions

    async def action_do(self, name: str) -> None:
        """Do an action by its id, or say why it cannot be done."""
        self.footer_bar.hush()
        action = BY_ID[name]
        if (reason := action.why_not(self.context())) is not None:
            self.say(f"{action.label}: {reason}", warning=True)
            return
        handler = self.handler(action)
        if handler is None:
            self.say(f"{action.label}: not on this screen", warning=True)
            return
        try:
            result = handler()
            if inspect.isawaitable(result):
                await result
        except TriageError as error:
            self.fail(error)
        except Exception as error:
            LOG.exception("%s failed", name)
            self.fail(unforeseen(error))
        if action.scope != "list":
            self.retell()
        if name == "app.refresh":
            self.triage.redraw()

    def press(self, name: str) -> None:
        """Do an action from code or a click."""
        self.soon(lambda: self.action_do(name))

    def extras(self) -> Mapping[str, str]:
        """What the palette offers here besides actions: a name, and what choosing it does."""
        return {}

    def do_extra(self, name: str) -> None:
        """Do one of `extras`."""

    def soon(self, work: Callable[[], Awaitable[object]], group: str | None = None) -> None:
        """Await `work()` without holding up the screen; what it raises is shown, never lost.

        Of one `group` only the latest runs: an earlier one is cancelled.
        """

        async def guarded() -> None:
            try:
                await work()
            except TriageError as error:
                self.fail(error)
            except Exception as error:
                LOG.exception("on screen %s", self.SCOPE)
                self.fail(unforeseen(error))

        # The function, not its coroutine: one that is cancelled before it starts would warn.
        worker: Worker[object] = self.run_worker(
            guarded,
            group=group or "default",
            exclusive=group is not None,
            exit_on_error=False,
        )
        if group in KEYS_WAIT:
            self.keys_wait = worker

    def handler(self, action: Action) -> Callable[[], object] | None:
        """The method that does an action here, None when there is none."""
        method = f"do_{action.name}"
        if action.scope in ("list", "find"):
            view = self.list_view()
            return getattr(view, method, None) or (getattr(self, method, None) if action.scope == "find" else None)
        return getattr(self, method, None) or getattr(self.app, method, None)

    def list_view(self) -> CursorView | None:
        """The list that the keys of lists move in: the focused one, else the first."""
        if isinstance(self.focused, CursorView):
            return self.focused
        views = self.query(CursorView)
        return views.first() if views else None

    # -- saying things

    def say(self, text: str, warning: bool = False) -> None:
        """One sentence on the bottom line, until the next key."""
        self.footer_bar.say(text, warning)

    def fail(self, error: TriageError) -> None:
        """Show an error: title, detail, what to do next."""
        if (error.title, error.detail) == self._failed and self.footer_bar.said:
            return
        self._failed = (error.title, error.detail)
        body = "\n".join(part for part in (error.detail, error.hint) if part) or error.title
        self.app.notify(
            literal_message(body), title=clean(error.title, 200), severity="error", timeout=12, markup=False
        )
        self.say(f"{error.title}{': ' + error.hint if error.hint else ''}", warning=True)

    def on_job_failed(self, message: JobFailed) -> None:
        self.fail(message.error)

    # -- panels

    def panels(self) -> list[Widget]:
        """The panels that tab and the digits go through."""
        return [view for view in self.query(CursorView) if view.display]

    def do_next_panel(self) -> None:
        self._step(1)

    def do_previous_panel(self) -> None:
        self._step(-1)

    def _step(self, by: int) -> None:
        panels = self.panels()
        if panels:
            at = panels.index(self.focused) if self.focused in panels else -by
            panels[(at + by) % len(panels)].focus()

    def _panel(self, number: int) -> None:
        panels = self.panels()
        if number <= len(panels):
            panels[number - 1].focus()
        else:
            self.say(f"there are {len(panels)} panels here", warning=True)

    def do_panel_1(self) -> None:
        self._panel(1)

    def do_panel_2(self) -> None:
        self._panel(2)

    def do_panel_3(self) -> None:
        self._panel(3)

    def do_panel_4(self) -> None:
        self._panel(4)

    def do_jump(self) -> None:
        """Letters on the panels; the next key goes to one."""
        from triage.tui.screens.jump import JumpScreen

        panels = self.panels()
        if len(panels) < 2:
            self.say("there is one panel here", warning=True)
            return

        def go(panel: Widget | None) -> None:
            if panel is not None and panel.is_mounted:
                panel.focus()

        self.app.push_screen(JumpScreen(panels), go)

    def do_enlarge(self) -> None:
        """The focused panel alone (Textual's own way, without its key hint)."""
        if self.focused is not None:
            self.add_class("-enlarged")
            for panel in self.panels():
                panel.set_class(panel is self.focused, "-grown")

    def do_shrink(self) -> None:
        self.remove_class("-enlarged")
        for panel in self.query(CursorView):
            panel.remove_class("-grown")

    def do_start(self) -> None:
        """Find in the focused panel of lines."""
        from triage.tui.widgets.find_line import ask_needle
        from triage.tui.widgets.line_view import LineView

        view = self.list_view()
        if isinstance(view, LineView):
            ask_needle(self, view)

    # -- leaving

    def do_back(self) -> None:
        """One step back."""
        if self.has_class("-enlarged"):
            self.do_shrink()
        elif len(self.app.screen_stack) > 1 and self.is_current:
            self.app.pop_screen()

    def do_leave(self) -> None:
        """Leave the screen."""
        if not self.is_current:
            return
        if len(self.app.screen_stack) > 1:
            self.app.pop_screen()
        else:
            self.triage.do_quit()


def literal_message(text: str) -> str:
    """Outside text for `notify(markup=False)`, which takes strings only."""
    return "\n".join(clean(item, 400) for item in text.splitlines()[:8])
