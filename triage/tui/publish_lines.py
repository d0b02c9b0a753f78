"""What is sent, and what became of it, as lines of the publish screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from triage.domain.following import CheckState, Following, in_words
from triage.tui.glyphs import GLYPHS
from triage.tui.python_ink import plain_source, wrapped
from triage.tui.text import Clean, clean, clean_lines, wrap
from triage.tui.widgets.line_view import BLANK, Line, line

if TYPE_CHECKING:
    from triage.domain.publication import Publication
    from triage.services.steps import PublicationPlan

SIGNS = {
    CheckState.PASSED: (GLYPHS.yes, "good"),
    CheckState.FAILED: (GLYPHS.no, "bad"),
    CheckState.RUNNING: (GLYPHS.ellipsis, "warn"),
    CheckState.SKIPPED: (GLYPHS.dot, "dim"),
}
REVIEW_INKS = {"approved": "good", "changes requested": "bad"}


def standing_lines(sent: Publication | None, trouble: str, cells: int) -> list[Line]:
    """How the pull request stands now: nothing before it was looked at."""
    if sent is None or sent.undone or (sent.following is None and not trouble):
        return []
    made = [line((clean(f" {sent.name} now"), "head-sorted"))]
    if sent.following is not None:
        made += _following_lines(sent.following, cells)
    if trouble:
        made += [line((Clean(" "), "text"), (piece, "warn")) for piece in wrap(clean(f"as it was: {trouble}"), cells)]
    return [*made, BLANK]


def _following_lines(seen: Following, cells: int) -> list[Line]:
    ink = "bad" if seen.failed or seen.conflicts else "good" if seen.green or seen.state == "merged" else "text"
    made = [line((Clean(" "), "text"), (piece, ink)) for piece in wrap(clean(in_words(seen)), cells)]
    for check in seen.checks:
        sign, ink = SIGNS[check.state]
        link = clean(f"  {check.url}") if check.state is CheckState.FAILED and check.url else Clean("")
        made.append(
            line(
                (clean(f"   {sign} "), ink), (clean(check.name), "text"), (clean(f" {check.state}"), ink), (link, "dim")
            )
        )
    for review in seen.reviews:
        ink = REVIEW_INKS.get(review.state, "dim")
        made.append(
            line((clean(f"   {GLYPHS.arrow} "), ink), (clean(review.who), "text"), (clean(f" {review.state}"), ink))
        )
    if seen.note:
        made += [line((Clean("   "), "text"), (piece, "dim")) for piece in wrap(clean(seen.note), cells - 3)]
    return made


def plan_lines(plan: PublicationPlan, cells: int, pull_request: bool) -> list[Line]:
    """Exactly what would be sent, or what was."""
    made = [
        line((Clean(" branch  "), "dim"), (clean(plan.branch), "key")),
        line((Clean(" remote  "), "dim"), (clean(plan.remote), "text")),
        line((Clean(" base    "), "dim"), (clean(f"{plan.base} ({plan.forge})"), "text")),
    ]
    for caution in plan.cautions:
        for place, piece in enumerate(wrap(clean(caution), cells - 9, 4)):
            made.append(line((Clean("         " if place else " note    "), "dim"), (piece, "warn")))
    made.append(BLANK)
    if pull_request:
        made.append(line((Clean(" Pull request"), "head-sorted")))
        made += [line((Clean(" "), "text"), (piece, "strong")) for piece in wrap(clean(plan.title), cells)]
        made.append(BLANK)
        for piece in clean_lines(plan.body):
            made += [line((Clean(" "), "text"), *part) for part in wrapped(((piece, "text"),), cells)]
        made.append(BLANK)
    made.append(line((Clean(" Commit"), "head-sorted")))
    for piece in clean_lines(plan.commit_message):
        made += [line((Clean(" "), "text"), *part) for part in wrapped(((piece, "text"),), cells)]
    made += [BLANK, line((Clean(" Change"), "head-sorted"))]
    for row in plain_source(plan.diff).split("\n"):
        piece = clean(row)
        ground = {"+": "added", "-": "removed"}.get(piece[:1], "")
        ink = "dim" if piece.startswith(("diff ", "index ", "--- ", "+++ ", "@@", "new file")) else "text"
        for part in wrapped(((piece, ink),), cells):
            made.append(line((Clean(" "), "text"), *part, ground="" if ink == "dim" else ground))
    return made


# -- actions
