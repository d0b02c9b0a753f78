"""One file at the line that a traceback names."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.widget import Widget

from triage import paths
from triage.errors import TriageError
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.glyphs import GLYPHS
from triage.tui.messages import JobFailed, JobFinished
from triage.tui.reasons import Context
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.draft import Draft
    from triage.domain.places import Place
    from triage.services.places import PlacedSource


class SourceScreen(TriageScreen):
    """The file as it was at the commit that ran."""

    SCOPE = "source"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["source"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#placed"

    def __init__(self, draft: Draft, place: Place, commit: str) -> None:
        super().__init__()
        self.draft = draft
        self.place = place
        self.commit = commit
        self.source: PlacedSource | None = None
        self.trouble: TriageError | None = None
        self.view = LineView(id="placed", cursor=True)

    def body(self) -> Iterable[Widget]:
        yield self.view

    def on_mount(self) -> None:
        self.do_refresh()

    def do_refresh(self) -> None:
        from triage.services.places import source_of
        from triage.tui.python_ink import inked_source, plain_source

        workspace = self.triage.workspace

        async def look() -> tuple[PlacedSource, list[Line]]:
            found = await source_of(workspace, self.draft, self.place, self.commit)
            inked = await asyncio.to_thread(inked_source, plain_source(found.text))
            return found, _lines(inked, found.line)

        self.view.show([line((Clean(" reading the source …"), "dim"))])
        self.triage.jobs.start(self, "source", f"reading {self.place.path}", look)

    def on_job_finished(self, message: JobFinished) -> None:
        self.source, lines = cast("tuple[PlacedSource, list[Line]]", message.result)
        self.view.show(lines, at=min(self.source.line, len(lines)))
        page = self.view.page
        top = max(0, self.source.line - 1 - page // 3)
        self.view.scroll_to(y=top, animate=False, force=True)
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self.trouble = message.error
        self.view.show([line((clean(f" {message.error}"), "warn"))])
        self.fail(message.error)
        self.retell()

    def context(self) -> Context:
        return Context(draft=self.source is not None, editor=self._no_editor())

    def _no_editor(self) -> str | None:
        if self.source is None or self.source.of_draft:
            return None
        if self.source.file is None:
            return f"{self.source.path} is not in the checkout now"
        return self.triage.editor_reason()

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        if self.source is None:
            return [(Clean("source "), "strong"), (clean(self.place.path), "text")], []
        left: list[Run] = [(Clean("source "), "strong"), (clean(self.source.title), "text")]
        return left, [(clean(f"line {self.view.key or self.source.line} "), "dim")]

    async def do_editor(self) -> None:
        from triage.tui.editor import open_file

        found = self.source
        if found is None:
            return
        row = self.view.key if isinstance(self.view.key, int) else found.line
        if found.of_draft:
            from triage.tui.screens.edit import EditScreen

            self.app.push_screen(EditScreen(self.draft, line=row))
        elif found.file is not None:
            await open_file(self.app, found.file, row)

    def do_copy(self) -> None:
        if self.source is not None:
            self.triage.copy(f"{self.source.path}:{self.view.key or self.source.line}", "the place")

    def do_copy_full(self) -> None:
        if self.source is not None:
            self.triage.copy(self.source.text, "the file")


def _lines(inked: Sequence[tuple[Run, ...]], marked: int) -> list[Line]:
    cells = len(str(len(inked)))
    made = []
    for number, runs in enumerate(inked, 1):
        sign = GLYPHS.crash if number == marked else " "
        gutter: Run = (clean(f"{number:>{cells}} "), "gutter")
        made.append(line(gutter, (clean(f"{sign} "), "bad"), *runs, key=number, ground="band" if sign.strip() else ""))
    return made
