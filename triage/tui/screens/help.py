"""Help and palette: the actions that hold on the screen below, found by typing, done by enter."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from triage import paths
from triage.tui.actions import SCOPE_TITLES, SCREEN_SCOPES, Action, in_scope
from triage.tui.glyphs import GLYPHS
from triage.tui.screens.base import TriageScreen
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import BLANK, Line, LineView, line


class ActionSheet(Survives, ModalScreen[None]):
    """A list of actions under a search line; subclasses order and explain it."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q,f1", "close", show=False),
        Binding("down,ctrl+n,tab", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
    ]
    TITLE_TEXT: ClassVar[str] = ""
    PROMPT: ClassVar[str] = ""

    def __init__(self, below: TriageScreen) -> None:
        super().__init__()
        self.below = below
        self.search = Input(placeholder=self.PROMPT, id="search", compact=True)
        self.list = LineView(id="actions", cursor=True)
        self.list.can_focus = False
        self.list.in_charge = True

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.search
            yield self.list
        sheet.border_title = self.TITLE_TEXT
        sheet.border_subtitle = "enter does it, esc closes"

    def on_mount(self) -> None:
        self.search.focus()
        self.fill("")

    def on_resize(self) -> None:
        self.fill(self.search.value)

    @on(Input.Changed)
    def typed(self, event: Input.Changed) -> None:
        event.stop()
        self.fill(event.value)

    @on(Input.Submitted)
    def chosen(self, event: Input.Submitted) -> None:
        event.stop()
        self._do()

    @on(CursorView.Opened)
    def clicked(self) -> None:
        self._do()

    def _do(self) -> None:
        name = self.list.key
        self.app.pop_screen()
        if name in self.below.extras():
            self.below.do_extra(str(name))
        elif isinstance(name, str):
            self.below.press(name)

    def action_close(self) -> None:
        if self.is_current:
            self.app.pop_screen()

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def fill(self, wanted: str) -> None:
        """List the actions that match."""
        lines = self.lines(wanted.casefold().split())
        if not lines:
            lines = [BLANK, line((clean(f"  no action matches {wanted}", 200), "dim"))]
        first = next((item.key for item in lines if item.key is not None), None)
        self.list.show(lines, at=first, top=True)

    def lines(self, wanted: list[str]) -> list[Line]:
        """The matching actions as lines whose key is the action's id."""
        raise NotImplementedError

    def entry(self, action: Action) -> list[Line]:
        """One action: its keys, what it does, and below it why it cannot be done now."""
        reason = action.why_not(self.below.context())
        keys = fit(Clean(self.below.triage.keys.shown(action, 3)), 16)
        can = reason is None
        head = line(
            (Clean(" "), "text"),
            (keys, "key" if can else "faint"),
            (clean(action.description), "text" if can else "dim"),
            key=action.id,
        )
        if reason is None:
            return [head]
        room = max(20, self.list.scrollable_content_region.width - 20)
        why = wrap(clean(reason, 300), room, 2)
        sign = f"{GLYPHS.no} "
        return [
            head,
            *(
                line((Clean(" " * 17 + (sign if not at else "  ")), "warn"), (part, "warn"))
                for at, part in enumerate(why)
            ),
        ]

    @staticmethod
    def matches(action: Action, wanted: list[str], keys: str) -> bool:
        """Whether all wanted words are found in an action's words and keys."""
        text = f"{action.label} {action.description} {action.group} {action.id} {keys}".casefold()
        return all(word in text for word in wanted)

    def actions(self, wanted: list[str]) -> list[tuple[str, list[Action]]]:
        """The matching actions of the screen below, by scope."""
        keys = self.below.triage.keys
        found = []
        for scope in SCREEN_SCOPES[self.below.SCOPE]:
            kept = [action for action in in_scope(scope) if self.matches(action, wanted, keys.shown(action, 3))]
            if kept:
                found.append((scope, kept))
        return found


class HelpScreen(ActionSheet):
    """All keys that work on the screen below, by scope, with what they do."""

    TITLE_TEXT = "Keys that work here"
    PROMPT = "type to search"

    def lines(self, wanted: list[str]) -> list[Line]:
        lines: list[Line] = []
        for scope, actions in self.actions(wanted):
            lines += [BLANK, line((Clean(f" {SCOPE_TITLES[scope]}"), "head-sorted"))]
            for action in actions:
                lines += self.entry(action)
        return lines[1:]


class PaletteScreen(ActionSheet):
    """The same actions as one list, those that can be done now first."""

    TITLE_TEXT = "Do"
    PROMPT = "what do you want to do?"

    def lines(self, wanted: list[str]) -> list[Line]:
        context = self.below.context()
        flat = [action for _, actions in self.actions(wanted) for action in actions if action.scope != "list"]
        starts = " ".join(wanted)
        flat.sort(
            key=lambda action: (action.why_not(context) is not None, not action.label.casefold().startswith(starts))
        )
        return [*(part for action in flat for part in self.entry(action)), *self._extras(wanted)]

    def _extras(self, wanted: list[str]) -> list[Line]:
        """What the screen below offers besides actions, such as the views of the inbox."""
        return [
            line((Clean(" " * 17), "text"), (clean(text, 200), "text"), key=name)
            for name, text in self.below.extras().items()
            if all(word in text.casefold() for word in wanted)
        ]
