"""Edit: one draft in a text area; what lint and runs say stands beside the lines, saving makes a revision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Container
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import TextArea

from triage import paths
from triage.domain.places import last_place
from triage.domain.verdict import Evidence
from triage.errors import TriageError
from triage.tui import background
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.draft_lines import place, result_lines, verdict_words
from triage.tui.glyphs import GLYPHS
from triage.tui.jobs import Job
from triage.tui.messages import IssuesChanged, JobCancelled, JobFailed, JobFinished
from triage.tui.reasons import Context
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, LineView, line
from triage.tui.widgets.python_area import Note, PythonArea

if TYPE_CHECKING:
    from triage.domain.draft import Draft
    from triage.tui.editor import EditedText

PAUSE = 0.4
LOOK = 0.3
BESIDE = 110


class EditScreen(TriageScreen):
    """Nothing typed is lost: leaving keeps it as a revision, even one that does not parse.
    `line` is where to begin, counted from 1; the test itself where nobody says."""

    SCOPE = "edit"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["edit"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "TextArea"

    def __init__(self, draft: Draft, line: int | None = None) -> None:
        super().__init__()
        self.draft = draft
        self.area = PythonArea(draft.source, id="area")
        self.lint = LineView(id="lint", cursor=True)
        self.on_save: bool | None = None  # None: as configured
        self._line = line
        self._pause: Timer | None = None
        self._run: Job | None = None
        self._edited: EditedText | None = None
        self._looking: Timer | None = None

    def body(self) -> Iterable[Widget]:
        yield Container(self.area, self.lint, id="edit")

    def on_mount(self) -> None:
        from triage.services.sides import test_line

        self.lint.border_title = "Lint"
        self.go_to(self._line or test_line(self.draft) or 1)
        self._check()

    def on_screen_resume(self) -> None:
        self._check()

    def do_refresh(self) -> None:
        self._check()

    def on_resize(self) -> None:
        self.call_after_refresh(self._check)

    def panels(self) -> list[Widget]:
        return [self.area, self.lint]

    def go_to(self, row: int) -> None:
        """Put the cursor on a line, counted from 1."""
        last = self.area.document.line_count
        self.area.move_cursor((max(0, min(row, last) - 1), 0), center=True)
        self.area.focus()

    @property
    def changed(self) -> bool:
        """Whether there is something that no revision holds yet."""
        return self.area.text != self.draft.source

    @property
    def running(self) -> bool:
        """Whether what was saved runs now."""
        return self._run is not None and self._run.running

    @property
    def runs_on_save(self) -> bool:
        """Whether saving runs the test."""
        return self.triage.workspace.config.run.on_save if self.on_save is None else self.on_save

    def context(self) -> Context:
        return Context(issues=1, draft=True, editor=self.triage.editor_reason())

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [
            (Clean("edit "), "strong"),
            (clean(f"draft {self.draft.id} "), "key"),
            (clean(self.draft.path), "text"),
        ]
        if self.running:
            return left, [(Clean("running "), "accent")]
        return left, [(Clean("changed "), "warn") if self.changed else (Clean("saved "), "good")]

    @on(TextArea.Changed)
    def _typed(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._check)
        self.retell()

    # -- what is said about it

    def _check(self) -> None:
        from triage.services.drafts import findings

        found = findings(self.area.text)
        evidence = None if self.changed else self.triage.workspace.store.evidence(self.draft.id)
        self.area.note(self._notes(found, evidence))
        beside = self.size.width >= BESIDE
        cells = max(20, self.lint.scrollable_content_region.width - 2)
        lines: list[Line] = []
        for number, text in found:
            parts = wrap(clean(text), max(10, cells - 6), 4)
            lines.append(line((clean(f"{number:>4}  "), "key"), (parts[0], "warn"), key=number))
            lines += [line((Clean("      "), "text"), (part, "warn")) for part in parts[1:]]
        if not lines:
            key = "ctrl+s" if self.runs_on_save else "f5"
            lines = [line((Clean(" no complaints; "), "dim"), (clean(key), "key"), (Clean(" runs it"), "dim"))]
        if self.running:
            lines += [BLANK] * beside + [line((Clean(" running what was saved …"), "accent"))]
        if verdicts := result_lines(evidence, cells, most_why=4 if beside else 0):
            lines += [BLANK, *verdicts] if beside else verdicts
        self.lint.show(lines)
        self.lint.styles.height = "1fr" if beside else min(len(lines), 5 if self.size.height >= 20 else 2) + 1

    def _notes(self, found: Sequence[tuple[int, str]], evidence: Evidence | None) -> dict[int, list[Note]]:
        """Each finding beside its line; verdicts beside the test, and where it failed."""
        from triage.services.sides import test_line

        notes: dict[int, list[Note]] = {}
        for number, text in found:
            notes.setdefault(number, []).append(Note(clean(GLYPHS.warning), clean(text, 300), "warn"))
        at = test_line(self.draft)
        if self.running and at is not None:
            notes.setdefault(at, []).append(Note(clean(GLYPHS.live), Clean("running …"), "accent"))
        for result in (evidence.before, evidence.after) if evidence is not None else ():
            if result is None:
                continue
            words, ink = verdict_words(result)
            if at is not None:
                notes.setdefault(at, []).append(Note(clean(words[:1]), clean(f"{words} @ {place(result)}"), ink))
            if (failed := last_place(result.output, self.draft.path)) is not None and failed[1]:
                notes.setdefault(failed[0], []).append(Note(clean(words[:1]), clean(failed[1], 300), ink))
        return notes

    @on(LineView.Opened, "#lint")
    def _to_finding(self) -> None:
        if isinstance(self.lint.key, int):
            self.go_to(self.lint.key)

    @on(LineView.Left, "#lint")
    def _left_lint(self) -> None:
        self.area.focus()

    def do_next_finding(self) -> None:
        here = self.area.cursor_location[0] + 1
        noted = self.area.noted
        if noted:
            self.go_to(next((number for number in noted if number > here), noted[0]))
        else:
            self.say("nothing is said about any line")

    # -- saving and running

    def save(self, unfinished: bool = False) -> bool:
        """Keep the text as a revision; says whether there was anything to keep. Raises BadInput
        if it does not parse, unless `unfinished`."""
        from triage.services.drafts import save_revision

        if not self.changed:
            return False
        self.draft = save_revision(self.triage.workspace, self.draft.id, self.area.text, unfinished)
        self.say(f"saved as draft {self.draft.id}")
        self.app.post_message(IssuesChanged((self.draft.issue_id,)))
        self._check()
        return True

    def do_save(self) -> None:
        if not self.save():
            self.say("nothing changed since the last revision")
        elif self.runs_on_save:
            self._run_saved()

    def do_on_save(self) -> None:
        self.on_save = not self.runs_on_save
        self.say("saving runs the test" if self.on_save else "saving only saves; f5 runs the test")
        self._check()

    def _run_saved(self) -> None:
        from triage.services.verify import verify

        workspace, draft = self.triage.workspace, self.draft
        fix = self.triage.fixes.get(draft.issue_id)
        self._run = background.start(
            self, "verify", f"running draft {draft.id}", draft.issue_id, lambda: verify(workspace, draft.id, fix)
        )
        self._check()

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job is self._run:
            evidence = self.triage.workspace.store.evidence(self.draft.id)
            self.say(f"draft {self.draft.id}: {evidence.line}", warning=not evidence.reproduces)
            self._run_ended()

    def on_job_failed(self, message: JobFailed) -> None:
        if message.job is self._run:
            self.say(f"saved, but not run: {message.error}", warning=True)
            self._run_ended()

    def on_job_cancelled(self, message: JobCancelled) -> None:
        if message.job is self._run:
            self._run_ended()

    def _run_ended(self) -> None:
        self._run = None
        self._check()
        self.retell()

    def do_run(self) -> None:
        from triage.tui.screens.run import RunScreen

        self.save()
        self.app.push_screen(RunScreen(self.draft))

    async def do_editor(self) -> None:
        from triage.tui.editor import EditedText

        row, _ = self.area.cursor_location
        self._close_edited()
        self._edited = EditedText(self.area.text, ".py")
        if await self._edited.open(self.app, row + 1):
            self.say("what you save in the editor shows here")
            self._looking = self.set_interval(LOOK, self._take_over)
        else:
            self._take_over()
            self._close_edited()

    def _take_over(self) -> None:
        """What was saved in the editor, undoable here."""
        if self._edited is None:
            return
        try:
            text = self._edited.news()
        except TriageError as error:
            self._close_edited()
            self.fail(error)
            return
        if text is not None and text != self.area.text:
            self.area.replace(text, (0, 0), self.area.document.end)
            self.say("taken over from the editor; ctrl+s saves it, ctrl+z takes it back")

    def _close_edited(self) -> None:
        if self._looking is not None:
            self._looking.stop()
            self._looking = None
        if self._edited is not None:
            self._edited.close()
            self._edited = None

    def on_unmount(self) -> None:
        self._close_edited()

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
