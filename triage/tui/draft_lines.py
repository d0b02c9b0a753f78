"""Drafts and their evidence in words and ticks."""

from __future__ import annotations

from triage.domain.draft import Draft
from triage.domain.publication import Publication
from triage.domain.ranking import ticks
from triage.domain.verdict import Evidence, RunResult, Verdict
from triage.tui.glyphs import GLYPHS
from triage.tui.text import Clean, clean, fit, wrap
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import Line, line

TICKS = (("fails right", "fails"), ("passes on fix", "fixed"), ("stable", "stable"), ("harmless", "harmless"))
"""The four ticks in words: as they are where there is room, and short."""
GOOD = frozenset({Verdict.REPRODUCED, Verdict.PASSES})
ROOMY, NARROW = 130, 72


def draft_line(draft: Draft, evidence: Evidence | None, cells: int) -> Line:
    """One draft: number, who wrote it, its four ticks (in words where there is room), the test."""
    seen = ticks(evidence)
    origin = f"{draft.strategy.value} of {draft.parent}" if draft.parent else draft.strategy.value
    if draft.is_skeleton:
        origin = "skeleton"
    runs: list[Run] = [(clean(f"{draft.id:>3} "), "key"), (fit(clean(origin), 12), "name")]
    for words, tick in zip(TICKS, (seen.right_reason, seen.fixed, seen.stable, seen.harmless), strict=True):
        sign, ink = {True: (GLYPHS.yes, "good"), False: (GLYPHS.no, "bad"), None: (GLYPHS.unknown, "faint")}[tick]
        runs.append((clean(f" {sign}"), ink))
        if cells >= NARROW:
            word = words[0] if cells >= ROOMY else words[1]
            runs.append((clean(f" {word} "), "text" if tick else "bad" if tick is False else "faint"))
    runs.append((clean(f"  {draft.test_name.rpartition('::')[2]}"), "dim"))
    return line(*runs, key=draft.id)


def evidence_runs(evidence: Evidence | None, brief: bool = False) -> list[Run]:
    """Before and after as one line of evidence; `brief` leaves out where and how often."""
    if evidence is None or (evidence.before is None and evidence.after is None):
        return [(Clean("not run yet"), "dim")]
    runs: list[Run] = []
    if brief:
        for result in (evidence.before, evidence.after):
            runs += [(Clean(" "), "dim"), verdict_words(result), (Clean(" "), "dim")] if result is not None else []
        return runs
    for word, result in (("before", evidence.before), ("after", evidence.after)):
        if result is not None:
            runs += [(clean(f"{'  ' if runs else ''}{word} "), "dim"), *verdict_runs(result)]
    if evidence.stable_runs:
        word = "unstable" if evidence.unstable else "stable"
        runs.append((clean(f"  {word} over {evidence.stable_runs} runs"), "bad" if evidence.unstable else "good"))
    return runs


def verdict_words(result: RunResult) -> Run:
    """Sign and word. Where the fix is not, STILL_SAME is what should happen: no cross."""
    if result.verdict in GOOD:
        return clean(f"{GLYPHS.yes} {result.verdict.value}"), "good"
    if result.verdict is Verdict.STILL_SAME:
        return clean(f"{GLYPHS.unknown} {result.verdict.value}"), "warn"
    return clean(f"{GLYPHS.no} {result.verdict.value}"), "bad"


def place(result: RunResult) -> str:
    """Where it ran: the ref as somebody named it, else the commit."""
    return result.ref if result.ref and len(result.ref) < 40 else result.commit[:8]


def verdict_runs(result: RunResult) -> list[Run]:
    """`✓ REPRODUCED @ v1.2.0`: sign, word, where."""
    more = ", which has no fix for it" if result.verdict is Verdict.STILL_SAME else ""
    return [verdict_words(result), (clean(f" @ {place(result)}{more}"), "dim")]


def result_lines(evidence: Evidence | None, cells: int, most_why: int = 3) -> list[Line]:
    """Each side of the evidence with isolation and time, and why below it on `most_why` lines
    at most (0: on the same line, where it fits)."""
    made: list[Line] = []
    for word, result in (("before", evidence.before), ("after", evidence.after)) if evidence else ():
        if result is None:
            continue
        facts = f"  {result.isolation.value}, {result.seconds:.2f} s"
        runs: list[Run] = [(clean(f" {word:<7}"), "dim"), *verdict_runs(result), (clean(facts), "faint")]
        if result.why and not most_why:
            runs.append((clean(f"  {result.why}"), "dim"))
        made.append(line(*runs))
        if result.why and most_why:
            for piece in wrap(clean(result.why), max(20, cells - 10), most_why):
                made.append(line((Clean("        "), "dim"), (piece, "text")))
    if evidence and evidence.stable_runs:
        word = "changes from run to run" if evidence.unstable else "always the same"
        made.append(
            line(
                (Clean(" stable "), "dim"),
                (clean(f"{evidence.stable_runs} runs, {word}"), "bad" if evidence.unstable else "good"),
            )
        )
    return made


def next_line(
    draft: Draft, evidence: Evidence | None, fix: str | None, sent: Publication | None = None, edit: str = "enter"
) -> Line:
    """What to do next with a draft: `fix` is the ref that has the fix as somebody said, `sent` what
    is published of the issue, `edit` the key that edits here."""
    words = _next(draft, evidence, fix, sent, edit).split("`")
    runs: list[Run] = [(clean(word), "key" if place % 2 else "dim") for place, word in enumerate(words)]
    return line((Clean(f" {GLYPHS.arrow} "), "key"), *runs)


def _next(draft: Draft, evidence: Evidence | None, fix: str | None, sent: Publication | None, edit: str) -> str:
    """The sentence, with its keys in backticks."""
    before, after = (evidence.before, evidence.after) if evidence else (None, None)
    if sent is not None:
        return f"{f'`o` opens {sent.name}' if sent.url else '`P` opens a pull request of it'}, `u` takes it back"
    if before is None:
        return (
            f"`{edit}` fills the holes of this skeleton, then `r` runs it"
            if draft.is_skeleton
            else "not run yet: `r` runs it"
        )
    if evidence is None or not evidence.reproduces:
        return f"`{edit}` edits it: it does not fail as production did"
    if after is None or (fix and after.ref != fix):
        what = f"`r` runs it on {fix}" if fix else "`F` says which ref has the fix"
        return f"{what}, `P` opens a draft PR"
    if after.verdict is Verdict.STILL_SAME:
        return "`P` opens a draft PR, `F` names another ref for the fix"
    if after.verdict is not Verdict.PASSES:
        return f"`{edit}` edits it: it does not pass on the fix"
    if evidence.unstable:
        return f"`{edit}` edits it: it does not end the same way each time"
    return f"`P` opens a draft PR{'' if evidence.stable_runs else ', `r` repeats it first'}"
