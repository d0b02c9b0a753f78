"""Edit: one draft in a text area, beside it what the lint says; saving makes a revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from triage import paths
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, Context, bindings
from triage.tui.draft_lines import result_lines
from triage.tui.messages import IssuesChanged
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, LineView, line
from triage.tui.widgets.python_area import PythonArea

if TYPE_CHECKING:
    from triage.domain.draft import Draft

PAUSE = 0.4
BESIDE = 110


class EditScreen(TriageScreen):
    """Nothing typed is lost: leaving keeps it as a revision, even one that does not parse."""

    SCOPE = "edit"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["edit"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "TextArea"

    def __init__(self, draft: Draft) -> None:
        super().__init__()
        self.draft = draft
        self.area = PythonArea(draft.source, id="area")
        self.lint = LineView(id="lint", cursor=True)
        self._pause: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield Container(self.area, self.lint, id="edit")

    def on_mount(self) -> None:
        from triage.services.sides import test_line

        self.lint.border_title = "Lint"
        self.area.move_cursor((max(0, (test_line(self.draft) or 1) - 1), 0))
        self._check()

    def on_screen_resume(self) -> None:
        self._check()

    def do_refresh(self) -> None:
        self._check()

    def on_resize(self) -> None:
        self.call_after_refresh(self._check)

    def panels(self) -> list[Widget]:
        return [self.area, self.lint]

    @property
    def changed(self) -> bool:
        """Whether there is something that no revision holds yet."""
        return self.area.text != self.draft.source

    def context(self) -> Context:
        return Context(issues=1, draft=True, editor=self.triage.editor_reason())

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("edit "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.path), "text"),
        ]
        return left, [(Clean("changed "), "warn") if self.changed else (Clean("saved "), "good")]

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._check)
        self.retell()

    def _check(self) -> None:
        from triage.services.drafts import findings

        beside = self.size.width >= BESIDE
        cells = max(20, self.lint.scrollable_content_region.width - 2)
        lines: list[Line] = []
        for number, text in findings(self.area.text):
            parts = wrap(clean(text), max(10, cells - 6), 4)
            lines.append(line((clean(f"{number:>4}  "), "key"), (parts[0], "warn"), key=number))
            lines += [line((Clean("      "), "text"), (part, "warn")) for part in parts[1:]]
        if not lines:
            lines = [
                line((Clean(" nothing to complain about; "), "dim"), (Clean("f5"), "key"), (Clean(" runs it"), "dim"))
            ]
        if not self.changed:
            evidence = self.triage.workspace.store.evidence(self.draft.id)
            if verdicts := result_lines(evidence, cells, most_why=4 if beside else 0):
                lines += [BLANK, *verdicts] if beside else verdicts
        self.lint.show(lines)
        self.lint.styles.height = "1fr" if beside else min(len(lines), 5 if self.size.height >= 20 else 2) + 1

    @on(LineView.Opened, "#lint")
    def _to_finding(self) -> None:
        if isinstance(self.lint.key, int):
            self.area.move_cursor((self.lint.key - 1, 0), center=True)
            self.area.focus()

    @on(LineView.Left, "#lint")
    def _left_lint(self) -> None:
        self.area.focus()

    def save(self, unfinished: bool = False) -> None:
        """Keep the text as a revision. Raises BadInput if it does not parse, unless `unfinished`."""
        from triage.services.drafts import save_revision

        if not self.changed:
            self.say("nothing changed since the last revision")
            return
        self.draft = save_revision(self.triage.workspace, self.draft.id, self.area.text, unfinished)
        self.say(f"saved as draft {self.draft.id}")
        self.app.post_message(IssuesChanged((self.draft.issue_id,)))
        self._check()

    def do_save(self) -> None:
        self.save()

    def do_run(self) -> None:
        from triage.tui.screens.run import RunScreen

        if self.changed:
            self.save()
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
            self.area.replace(text, (0, 0), self.area.document.end)
            self.say("taken over from the editor; ctrl+s saves it, ctrl+z takes it back")

    def do_back(self) -> None:
        if self.focused is self.lint:
            self.area.focus()
            return
        if self.changed:
            try:
                self.save(unfinished=True)
            except TriageError as error:
                self.fail(error)
                return
        super().do_back()

    def do_leave(self) -> None:
        self.do_back()

    def do_copy(self) -> None:
        self.triage.copy(self.area.selected_text or self.draft.node_id, "the test's node id")

    def do_copy_full(self) -> None:
        self.triage.copy(self.area.text, "the test")
