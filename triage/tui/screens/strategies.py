"""The best draft of each strategy side by side in one small table: what it proves, what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from triage import paths
from triage.domain.draft import Strategy
from triage.tui.draft_lines import verdict_words
from triage.tui.glyphs import GLYPHS
from triage.tui.survive import Survives
from triage.tui.text import Clean, clean, fit
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, LineView, line

if TYPE_CHECKING:
    from triage.domain.ranking import Contender

LABEL = 12
ADVICE = {
    Strategy.REPLAY: "d drafts by replay",
    Strategy.CLAUDE: "D drafts with Claude",
    Strategy.HUMAN: "enter edits a draft",
}
NOTHING: Run = (Clean("-"), "faint")


class StrategiesScreen(Survives, ModalScreen[int | None]):
    """Dismissed with the draft to go to, None when one just looked."""

    CSS_PATH: ClassVar = paths.styles_dir() / "help.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,ctrl+q", "close", show=False),
        Binding("l,right,tab,j,down", "step(1)", show=False),
        Binding("h,left,shift+tab,k,up", "step(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]

    def __init__(self, contenders: Sequence[Contender]) -> None:
        super().__init__()
        self.contenders = contenders
        self.at = 0
        self.table = LineView(id="question")

    def compose(self) -> ComposeResult:
        with Vertical(id="sheet", classes="-small -table") as sheet:
            yield self.table
        sheet.border_title = "The best of each strategy"
        sheet.border_subtitle = clean(f"{GLYPHS.arrow} and enter go to one, esc closes")

    def on_mount(self) -> None:
        self.table.focus()
        self.call_after_refresh(self.fill)

    def on_resize(self) -> None:
        self.fill()

    def fill(self) -> None:
        """One column a strategy, the best evidence first; then those that drafted nothing."""
        cells = self.table.scrollable_content_region.width
        if not cells:
            return
        room = max(12, (cells - LABEL - 1) // max(2, len(self.contenders)) - 1)
        columns = [_column(contender) for contender in self.contenders]
        rows: list[Line] = []
        for place, label in enumerate(("", *(name for name, _ in columns[0][1:]))):
            runs: list[Run] = [(fit(clean(f" {label}"), LABEL), "dim")]
            for at, column in enumerate(columns):
                text, ink = column[place][1]
                ground = "/cursor" if at == self.at else ""
                runs += [(fit(clean(f" {text}"), room), f"{ink}{ground}"), (Clean(" "), "text")]
            rows.append(line(*runs))
        tried = {contender.strategy for contender in self.contenders}
        rows.append(BLANK)
        for strategy in Strategy:
            if strategy not in tried:
                rows.append(line((clean(f" {strategy.value} drafted nothing yet: {ADVICE[strategy]}"), "dim")))
        self.table.show(rows)

    def action_step(self, by: int) -> None:
        self.at = (self.at + by) % len(self.contenders)
        self.fill()

    def action_choose(self) -> None:
        self.dismiss(self.contenders[self.at].best.id)

    def action_close(self) -> None:
        self.dismiss(None)


def _column(contender: Contender) -> list[tuple[str, Run]]:
    """(label, what stands there) from top to bottom."""
    from triage.services.sides import lines_of_test

    best, evidence = contender.best, contender.evidence
    ran = [run.seconds for run in (evidence.before, evidence.after) if run is not None]
    more = f", best of {contender.drafts}" if contender.drafts > 1 else ""
    stable: Run = NOTHING
    if evidence.stable_runs:
        stable = (clean(f"over {evidence.stable_runs} runs"), "good")
        if evidence.unstable:
            stable = (Clean("changes"), "bad")
    cost = contender.cost
    return [
        ("", (clean(contender.strategy.value), "strong")),
        ("draft", (clean(f"{best.id}{more}"), "text")),
        ("before", verdict_words(evidence.before) if evidence.before else (Clean("not run"), "faint")),
        ("after", verdict_words(evidence.after) if evidence.after else NOTHING),
        ("stable", stable),
        ("cost", (clean(f"${cost:.4f}"), "text") if cost is not None else (Clean("nothing"), "text")),
        ("written in", (clean(f"{contender.seconds:.1f} s"), "text") if contender.seconds is not None else NOTHING),
        ("runs in", (clean(f"{sum(ran) / len(ran):.2f} s"), "text") if ran else NOTHING),
        ("entry", (clean(best.entry), "text") if best.entry else NOTHING),
        ("test", (clean(f"{lines_of_test(best)} lines"), "text")),
        ("file", (clean(best.path), "dim")),
    ]
