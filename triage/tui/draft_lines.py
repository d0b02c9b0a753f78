"""Drafts and their evidence in words and ticks."""

from __future__ import annotations

from triage.domain.draft import Draft
from triage.domain.ranking import ticks
from triage.domain.verdict import Evidence, RunResult, Verdict
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line

TICKS = ("right reason", "passes on fix", "stable", "harmless")
GOOD = frozenset({Verdict.REPRODUCED, Verdict.PASSES})


def draft_line(draft: Draft, evidence: Evidence | None, wide: bool) -> Line:
    """One draft: number, who wrote it, its four ticks (in words when there is room), the test."""
    seen = ticks(evidence)
    runs: list[Run] = [(clean(f"{draft.id:>3} "), "dim"), (clean(f"{draft.strategy.value:<7}"), "name")]
    for name, tick in zip(TICKS, (seen.right_reason, seen.fixed, seen.stable, seen.harmless), strict=True):
        sign, ink = {True: (GLYPHS.yes, "good"), False: (GLYPHS.no, "bad"), None: (GLYPHS.unknown, "faint")}[tick]
        runs.append((clean(f"  {sign}"), ink))
        if wide:
            runs.append((clean(f" {name}"), "text" if tick else ink))
    runs.append((clean(f"  {draft.node_id}"), "text"))
    return line(*runs, key=draft.id)


def evidence_runs(evidence: Evidence | None) -> list[Run]:
    """Before and after as one line of evidence."""
    if evidence is None or (evidence.before is None and evidence.after is None):
        return [(Clean("not run yet"), "dim")]
    runs: list[Run] = []
    for word, result in (("before", evidence.before), ("after", evidence.after)):
        if result is not None:
            runs += [(clean(f"{'  ' if runs else ''}{word} "), "dim"), *verdict_runs(result)]
    if evidence.stable_runs:
        word = "unstable" if evidence.unstable else "stable"
        runs.append((clean(f"  {word} over {evidence.stable_runs} runs"), "bad" if evidence.unstable else "good"))
    return runs


def verdict_runs(result: RunResult) -> list[Run]:
    """`✓ REPRODUCED @ v1.2.0`: sign, word, where."""
    good = result.verdict in GOOD
    place = result.ref if len(result.ref) < 40 else result.commit[:8]
    return [
        (clean(f"{GLYPHS.yes if good else GLYPHS.no} {result.verdict.value}"), "good" if good else "bad"),
        (clean(f" @ {place}"), "dim"),
    ]


def result_lines(evidence: Evidence | None) -> list[Line]:
    """Each side of the evidence with why, isolation and time."""
    made: list[Line] = []
    for word, result in (("before", evidence.before), ("after", evidence.after)) if evidence else ():
        if result is None:
            continue
        facts = f"   {result.isolation.value}, {result.seconds:.2f} s"
        made.append(line((clean(f"{word:<7}"), "dim"), *verdict_runs(result), (clean(facts), "faint")))
        if result.why:
            made.append(line((Clean("       "), "dim"), (clean(result.why), "text")))
    if evidence and evidence.stable_runs:
        word = "changes from run to run" if evidence.unstable else "always the same"
        made.append(
            line(
                (Clean("stable "), "dim"),
                (clean(f"{evidence.stable_runs} runs, {word}"), "bad" if evidence.unstable else "good"),
            )
        )
    return made
