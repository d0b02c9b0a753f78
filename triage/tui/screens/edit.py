"""Edit: one draft in a text area, with what the lint says of it; saving makes a revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Vertical
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from triage import paths
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.messages import IssuesChanged
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.draft import Draft

PAUSE = 0.4


class EditScreen(TriageScreen):
    """Nothing typed is lost: leaving keeps it as a revision."""

    SCOPE = "edit"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["edit"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "TextArea"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.area = TextArea.code_editor(draft.source, language="python", id="area")
        self.lint = LineView(id="lint", cursor=True)
        self._pause: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.area, self.lint)

    def on_mount(self) -> None:
        dark = self.app.current_theme.dark
        self.area.theme = "vscode_dark" if dark else "github_light"
        if self.app.current_theme.name.startswith("ansi"):
            self.area.theme = "css"
        self.lint.border_title = "Lint"
        super().on_mount()
        self._check()

    @property
    def changed(self) -> bool:
        """Whether there is something that no revision holds yet."""
        return self.area.text != self.draft.source

    def context(self) -> Context:
        from triage.tui.editor import unavailable

        return Context(issues=1, draft=True, editor=unavailable(self.app))

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("edit "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.node_id), "text"),
        ]
        return left, [(Clean("changed"), "warn") if self.changed else (Clean("saved"), "good")]

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._check)
        self.retell()

    def _check(self) -> None:
        from triage.services.drafts import findings

        found = findings(self.area.text)
        lines: list[Line] = [
            line((clean(f"{number:>4}  "), "gutter"), (clean(text), "warn"), key=number) for number, text in found
        ]
        if not lines:
            lines = [line((Clean(" nothing to complain about; f5 runs it"), "dim"))]
        self.lint.show(lines)
        self.lint.styles.height = min(len(lines), 5) + 1

    @on(LineView.Opened, "#lint")
    def _to_finding(self) -> None:
        if isinstance(self.lint.key, int):
            self.area.move_cursor((self.lint.key - 1, 0))
            self.area.focus()

    def save(self) -> bool:
        """Keep the text as a revision; says whether there is one now."""
        from triage.services.drafts import save_revision

        if not self.changed:
            self.say("nothing changed since the last revision")
            return True
        try:
            self.draft = save_revision(self.triage.workspace, self.draft.id, self.area.text)
        except TriageError as error:
            self.fail(error)
            return False
        self.say(f"saved as draft {self.draft.id}")
        self.app.post_message(IssuesChanged((self.draft.issue_id,)))
        self.retell()
        return True

    def do_save(self) -> None:
        self.save()

    def do_run(self) -> None:
        from triage.tui.screens.run import RunScreen

        if self.save():
            self.app.push_screen(RunScreen(self.draft))

    async def do_editor(self) -> None:
        from triage.tui.editor import edit_text

        row, _ = self.area.cursor_location
        try:
            text = await edit_text(self.app, self.area.text, ".py", row + 1)
        except TriageError as error:
            self.fail(error)
            return
        if text != self.area.text:
            self.area.text = text
            self.say("taken over from the editor; ctrl+s saves it")

    def do_back(self) -> None:
        if self.focused is self.lint:
            self.area.focus()
            return
        if self.changed and not self.save():
            self.say("it does not parse yet: mend it, or undo with ctrl+z", warning=True)
            return
        super().do_back()

    def do_leave(self) -> None:
        self.do_back()
