"""The tab of an issue that tells which tests run its code: this line, and the whole code path."""

from __future__ import annotations

from triage.domain.code_path import Coverage, CoveringTest
from triage.tui.glyphs import GLYPHS
from triage.tui.issue_facts import MOST, Facts, TestKey, heading, told
from triage.tui.text import Clean, clean, fit, fit_end, width
from triage.tui.widgets.line_view import BLANK, Line, line

MOST_OF_LINE = 12


def tests(facts: Facts, cells: int, rows: int) -> list[Line]:
    """The tests of the line under the cursor, then those of the code path, and how we know."""
    lines = _of_line(facts, cells)
    if facts.case is None:
        return [*lines, *([BLANK] if lines else []), told("looking for tests that run this code …")]
    covering = facts.case.covering
    if not covering:
        if facts.case.code_path.crash is None:
            return [*lines, told("no frame is in this checkout, so no test can be found for it")]
        return [
            *lines,
            line((Clean(f" {GLYPHS.uncovered} no existing test runs this code path."), "warn")),
            line((Clean(" d "), "key"), (Clean("drafts one that fails as production did"), "text")),
        ]
    told_already = {test.node_id for test in facts.line.tests[:MOST_OF_LINE]} if facts.line else set()
    others = [test for test in covering if test.node_id not in told_already]
    if lines and others:
        lines += [
            BLANK,
            heading(
                "also on the code path, nearest to the crash first"
                if told_already
                else "on the code path, nearest to the crash first"
            ),
        ]
    lines += [_test(test, facts, cells, "path") for test in others[:MOST]]
    if all(test.source is Coverage.STATIC for test in covering):
        lines += [BLANK, told("found by names and imports; `triage index` would know for sure")]
    keys = [("T", "runs one "), ("enter", "shows it "), ("e", "in $EDITOR "), ("space", "takes its style")]
    hints = [run for key, words in keys for run in ((Clean(f" {key} "), "key"), (Clean(words), "dim"))]
    return [*lines, BLANK, line(*hints)]


def _of_line(facts: Facts, cells: int) -> list[Line]:
    found = facts.line
    if found is None:
        return []
    name = clean(f"{found.path.rpartition('/')[2]}:{found.line}", 80)
    if not found.tests:
        words = found.how if not found.known or "no test" in found.how else "no test runs this line"
        ink = "dim" if not found.known else "warn"
        sign = "" if not found.known else f"{GLYPHS.uncovered} "
        return [line((Clean(f" {sign}"), ink), (name, "name"), (clean(f"  {words}", 200), ink))]
    number = max(len(found.tests), found.total)
    more = f", {MOST_OF_LINE} of them shown" if number > MOST_OF_LINE else ""
    guessed = found.how.startswith("by names")
    one, many = ("seems to run", "seem to run") if guessed else ("runs", "run")
    count = f"1 test {one}" if number == 1 else f"{number:,} tests {many}"
    lines = [line((Clean(f" {count} "), "good"), (name, "name"), (clean(f"  {found.how}{more}", 200), "faint"))]
    lines += [_test(test, facts, cells, "line") for test in found.tests[:MOST_OF_LINE]]
    return lines


def _test(test: CoveringTest, facts: Facts, cells: int, place: str) -> Line:
    """One test: how sure, its name, how near it comes, how it ended when it was run here."""
    sure = test.source is Coverage.CONTEXT
    ended = dict(facts.ran).get(test.node_id, "")
    tail = "" if place == "line" else _reach(test)
    how = _how(test)
    model = "model for the next draft" if test.node_id == facts.model else ""
    notes = [(text, ink) for text, ink in ((model, "accent"), (ended, _ended_ink(ended)), (tail, "dim"), how) if text]
    room = cells - 4 - sum(len(text) + 2 for text, _ in notes)
    while room < 24 and len(notes) > 1:
        room += len(notes.pop()[0]) + 2
    name = clean(test.node_id, 400)
    shown = name if width(name) <= room else fit_end(name, max(10, room))
    sign = f"{GLYPHS.marked} " if model else f"{GLYPHS.yes} "
    return line(
        (Clean(f" {sign}"), "accent" if model else ("good" if sure else "dim")),
        (fit(shown, max(10, room)), "text"),
        *((clean(f"  {text}", 120), ink) for text, ink in notes),
        key=TestKey(test.node_id, place),
    )


def _ended_ink(ended: str) -> str:
    return {"passed": "good", "failed": "bad", "running": "accent"}.get(ended.partition(" ")[0], "warn")


def _reach(test: CoveringTest) -> str:
    return "runs it" if test.depth == 0 else f"{test.depth} above"


def _how(test: CoveringTest) -> tuple[str, str]:
    if test.stale:
        return "file changed since", "warn"
    return (f"{test.source}", "warn" if test.source is Coverage.STATIC else "faint")
