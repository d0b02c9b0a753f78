"""Choose the ref that has the fix of an issue: branches to pick from, or any commit by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input

from triage import paths
from triage.errors import TriageError
from triage.tui.messages import JobFailed, JobFinished
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.cursor_view import CursorView
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.services.fixes import FixRef
    from triage.tui.app import TriageApp

NONE = ""


class FixScreen(Survives, ModalScreen[str | None]):
    """Dismissed with a ref, "" for none, or None when nothing was chosen."""

    CSS_PATH: ClassVar = [paths.styles_dir() / "help.tcss", paths.styles_dir() / "review.tcss"]
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,ctrl+q", "close", show=False),
        Binding("down,ctrl+n", "step(1)", show=False, priority=True),
        Binding("up,ctrl+p", "step(-1)", show=False, priority=True),
        Binding("pagedown", "step(10)", show=False, priority=True),
        Binding("pageup", "step(-10)", show=False, priority=True),
        Binding("tab", "complete", show=False, priority=True),
    ]

    def __init__(self, issue_id: int, now: str | None) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.now = now
        self.refs: list[FixRef] | None = None
        self.search = Input(placeholder="a branch, a tag or a commit", id="search", compact=True)
        self.list = LineView(id="actions", cursor=True)
        self.list.can_focus = False
        self.list.in_charge = True

    @property
    def triage(self) -> TriageApp:
        """The app, with its type."""
        return cast("TriageApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet") as sheet:
            yield self.search
            yield self.list
        sheet.border_title = clean(f"Which ref has the fix of T-{self.issue_id}?")
        sheet.border_subtitle = "tab completes, enter chooses, esc leaves it"

    def on_mount(self) -> None:
        from triage.services.fixes import fix_refs
        from triage.services.inspect import load_case

        workspace, issue = self.triage.workspace, self.issue_id

        async def look() -> list[FixRef]:
            return await fix_refs(workspace, await load_case(workspace, issue))

        self.search.focus()
        self.triage.jobs.start(self, "refs", "reading the branches", look)
        self.fill()

    def on_resize(self) -> None:
        self.fill()

    def on_job_finished(self, message: JobFinished) -> None:
        if message.job.kind == "refs":
            self.refs = cast("list[FixRef]", message.result)
            self.fill()
        elif message.result is None:
            self.tell(f"no commit {self.search.value.strip()!r} here; git fetch may help")
        else:
            self.dismiss(self.search.value.strip())

    def on_job_failed(self, message: JobFailed) -> None:
        self.refs = self.refs or []
        self.tell(str(message.error))

    def tell(self, text: str) -> None:
        """Say what is wrong, above the branches."""
        self.list.show([line((clean(f"  {text}"), "warn")), BLANK, *self._lines()])

    @on(Input.Changed)
    def fill(self, event: Input.Changed | None = None) -> None:
        """List the branches that match what is typed."""
        if event is not None:
            event.stop()
        lines = self._lines()
        first = next((item.key for item in lines if item.key is not None), None)
        self.list.show(lines, at=first, top=True)

    def _lines(self) -> list[Line]:
        if self.refs is None:
            return [line((Clean("  reading the branches …"), "dim"))]
        wanted = self.search.value.casefold().split()
        cells = max(20, self.list.scrollable_content_region.width - 1)
        named = [ref for ref in self.refs if all(word in f"{ref.name} {ref.subject}".casefold() for word in wanted)]
        name_cells = min(max((len(ref.name) for ref in named), default=10) + 2, cells // 2)
        lines = []
        for ref in named:
            fact = f"changes {ref.changes}" if ref.changes else ref.subject
            lines.append(
                line(
                    (Clean(" "), "text"),
                    (fit(clean(ref.name), name_cells), "strong" if ref.name == self.now else "text"),
                    (fit(clean(fact), max(0, cells - name_cells - 18)), "good" if ref.changes else "dim"),
                    (clean(f"  {ref.age}"), "faint"),
                    key=ref.name,
                )
            )
        if wanted and not named:
            lines.append(line((clean(f" enter takes {self.search.value.strip()}, if it names a commit"), "dim")))
        if self.now and not wanted:
            lines.append(line((Clean(" no fix: run only where production failed"), "dim"), key=NONE))
        return lines or [BLANK, line((Clean("  no branch but this one; type a tag or a commit"), "dim"))]

    @on(Input.Submitted)
    def chosen(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    @on(CursorView.Opened)
    def clicked(self) -> None:
        self._choose()

    def _choose(self) -> None:
        typed = self.search.value.strip()
        if isinstance(self.list.key, str):
            self.dismiss(self.list.key)
        elif typed:
            from triage.services.verify import resolve

            workspace = self.triage.workspace

            async def look() -> str | None:
                try:
                    return await resolve(workspace, typed)
                except TriageError:
                    return None

            self.triage.jobs.start(self, "ref", f"looking for {typed}", look)

    def action_step(self, by: int) -> None:
        self.list.move(self.list.index + by)

    def action_complete(self) -> None:
        if isinstance(self.list.key, str) and self.list.key:
            self.search.value = self.list.key
            self.search.cursor_position = len(self.search.value)

    def action_close(self) -> None:
        self.dismiss(None)
