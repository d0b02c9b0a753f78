"""Prompt: exactly what would be sent to the model, how long it is and what it costs; then y."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.containers import Vertical
from textual.widget import Widget
from textual.widgets import Input

from triage import paths
from triage.tui.actions import SCREEN_SCOPES, bindings
from triage.tui.messages import JobFailed, JobFinished
from triage.tui.python_ink import wrapped
from triage.tui.reasons import Context
from triage.tui.repeats import Repeats
from triage.tui.screens.base import TriageScreen
from triage.tui.text import Clean, clean, clean_lines, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.services.steps import PromptPreview


class PromptScreen(TriageScreen):
    """Dismissed with the instruction when the user sends it, with None otherwise."""

    SCOPE = "prompt"
    BINDINGS: ClassVar = bindings(*SCREEN_SCOPES["prompt"])
    CSS_PATH: ClassVar = paths.styles_dir() / "review.tcss"
    AUTO_FOCUS: ClassVar[str | None] = "#prompt"

    def __init__(self, issue_id: int, parent_draft: int | None = None) -> None:
        super().__init__()
        self.issue_id = issue_id
        self.parent_draft = parent_draft
        self.instruction = ""
        self.preview: PromptPreview | None = None
        self.trouble: str | None = None
        self.repeats = Repeats()
        self.text = LineView(id="prompt")
        self.input = Input(
            placeholder="What should the test make sure of? enter shows the prompt with it",
            id="instruction",
            compact=True,
        )

    def body(self) -> Iterable[Widget]:
        yield Vertical(self.text, self.input)

    def on_mount(self) -> None:
        self.text.border_title = "Nothing has been sent yet"
        self.input.display = False
        self._load()
        if self.parent_draft is not None:
            self.do_instruct()

    def context(self) -> Context:
        reason = self.triage.claude_reason or self.trouble
        if reason is None and self.preview is None:
            reason = "the prompt is still being made"
        return Context(issues=1, claude=reason)

    def standing(self) -> tuple[Sequence[Run], Sequence[Run]]:
        left: list[Run] = [(Clean("prompt "), "strong"), (clean(f"T-{self.issue_id}"), "key")]
        if self.parent_draft is not None:
            left.append((clean(f" from draft {self.parent_draft}"), "text"))
        if self.trouble is not None:
            return left, [(Clean("no prompt"), "bad")]
        if self.preview is None:
            return left, [(Clean("counting ..."), "dim")]
        tokens = f"{self.preview.tokens:,} tokens" if self.preview.tokens is not None else "tokens unknown"
        cost = f"about ${self.preview.cost:.4f}" if self.preview.cost is not None else "no price in triage.toml"
        priced = "text" if self.preview.cost is not None else "dim"
        return left, [(clean(f"{self.preview.model}  {tokens}  "), "text"), (clean(f"{cost} "), priced)]

    def _load(self) -> None:
        from triage.services.claude import preview_prompt

        workspace = self.triage.workspace
        self.preview = self.trouble = None
        self.text.show([line((Clean(" making the prompt …"), "dim"))])
        self.triage.jobs.start(
            self,
            "prompt",
            "making the prompt",
            lambda: preview_prompt(workspace, self.issue_id, self.instruction, self.parent_draft),
        )
        self.retell()

    def on_job_finished(self, message: JobFinished) -> None:
        self.preview = cast("PromptPreview", message.result)
        self.repeats.arm("send")
        self._show()
        self.retell()

    def on_job_failed(self, message: JobFailed) -> None:
        self.trouble = message.error.title
        self.text.show([line((clean(f" {message.error}"), "bad"))])
        self.fail(message.error)
        self.retell()

    def do_refresh(self) -> None:
        self._load()

    def on_resize(self) -> None:
        self.call_after_refresh(self._show)

    def _show(self) -> None:
        if self.preview is not None:
            self.text.show(self._lines(self.preview), top=True)

    def _lines(self, preview: PromptPreview) -> list[Line]:
        cells = max(20, self.text.scrollable_content_region.width - 1)
        unable = self.context().claude
        sends: list[Run] = [(Clean("y"), "key"), (Clean(" sends exactly this, "), "text")]
        made: list[Line] = []
        if unable is not None:
            sends = []
            made += [line((clean(f" {part}"), "warn")) for part in wrap(clean(f"cannot be sent: {unable}"), cells, 3)]
        made.append(
            line(
                *((Clean(" "), "text"), *sends, (Clean("i"), "key"), (Clean(" changes the instruction, "), "text")),
                *((Clean("Y"), "key"), (Clean(" copies it, "), "text")),
                *((Clean("esc"), "key"), (Clean(" sends nothing"), "text")),
            )
        )
        for title, text in (("System", preview.system), ("Message", preview.user)):
            made += [BLANK, line((clean(f" {title}"), "head-sorted"))]
            for piece in clean_lines(text):
                made += [line((Clean(" "), "text"), *part) for part in wrapped(((piece, "text"),), cells)]
        return made

    def do_send(self) -> None:
        if not self.repeats.held("send"):
            self.dismiss(self.instruction)  # type: ignore[arg-type]  # TriageScreen is Screen[None]

    def do_instruct(self) -> None:
        self.input.display = True
        self.input.value = self.instruction
        self.input.focus()

    @on(Input.Submitted, "#instruction")
    def _instructed(self, message: Input.Submitted) -> None:
        message.stop()
        self.instruction = message.value.strip()
        self.input.display = False
        self.text.focus()
        self._load()

    def do_back(self) -> None:
        if self.input.display:
            self.input.display = False
            self.text.focus()
        else:
            self.dismiss(None)

    def do_leave(self) -> None:
        self.do_back()

    def do_copy(self) -> None:
        self.do_copy_full()

    def do_copy_full(self) -> None:
        if self.preview is not None:
            self.triage.copy(f"{self.preview.system}\n\n{self.preview.user}", "the prompt")
