"""The columns of the inbox: which fit into a width, and what an issue says in each."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from triage.domain.issue import Issue, Status
from triage.tui.glyphs import Glyphs
from triage.tui.text import Clean, clean, fit, fit_end, right
from triage.tui.widgets.inked import Run
from triage.tui.wording import PROVEN, SKELETON, age, amount, bars

TITLE_MIN = 30
MARKS = 5


@dataclass(frozen=True, slots=True)
class Column:
    """`width` in cells without the gap of two before it."""

    name: str
    heading: str
    width: int
    align_right: bool = False


# In the order in which they are given room; the screen's order is ORDER.
_WANTED = (
    (Column("age", "seen", 4, True), 0),
    (Column("count", "events", 6, True), 44),
    (Column("marks", "marks", MARKS), 56),
    (Column("trend", "trend", 12), 72),
    (Column("users", "users", 5, True), 88),
    (Column("release", "release", 9), 96),
    (Column("assignee", "owner", 8), 112),
)
ORDER = ("level", "title", "trend", "count", "users", "age", "release", "assignee", "marks")
WORDY = Column("marks", "marks", 22)
SHORT_TREND = Column("trend", "trend", 6)
ROOMY = 150
PLACED = 36
"""From this width on a title has the place beside it."""
CRAMPED = 110
"""Below this width a trend's buckets are drawn two in a cell, and the title gets the room."""


@lru_cache(32)
def layout(width: int) -> tuple[Column, ...]:
    """The columns for a list of `width` cells; the title takes what the others leave."""
    chosen = [column for column, least in _WANTED if width >= least]
    if width < CRAMPED:
        chosen = [SHORT_TREND if column.name == "trend" else column for column in chosen]
    if width >= ROOMY:
        chosen = [WORDY if column.name == "marks" else column for column in chosen]
    lead = 4  # cursor, mark, unseen, gap
    taken = lead + 2 + sum(column.width + 2 for column in chosen)
    title = Column("title", "error", max(8, width - taken))
    level = Column("level", "", 2)
    by_name = {column.name: column for column in (*chosen, title, level)}
    return tuple(by_name[name] for name in ORDER if name in by_name)


def heading(width: int, sort: str) -> list[Run]:
    """The line above the list; the sorted column carries a sign in its heading."""
    sorted_by = {"last_seen": "age", "first_seen": "age", "owner": "assignee"}.get(sort, sort)
    runs: list[Run] = [(Clean("    "), "head")]
    for column in layout(width):
        text = Clean(column.heading)
        if sort == "first_seen" and column.name == "age":
            text = Clean("born")
        here = column.name == sorted_by
        text = right(text, column.width) if column.align_right else fit(text, column.width)
        if column.name not in ("level", "title"):
            runs.append((Clean("  "), "head"))
        runs.append((text, "head-sorted" if here else "head"))
    return runs


SORT_OF = {
    "level": "level", "title": "title", "count": "count", "users": "users", "age": "last_seen", "release": "release",
    "assignee": "owner",
}  # fmt: skip
"""What clicking a column's heading sorts by."""

UNSORTED = {
    "trend": "a trend moves as time goes by and has no order: sort by events, or ] to what regressed",
    "marks": "marks have no order: filter by them (is:new is:regressed has:draft has:pr), or ] to a view",
}


def column_at(width: int, x: int) -> str | None:
    """The name of the column whose heading stands at cell `x` of a list of `width`; None between them."""
    at = 4
    for column in layout(width):
        if column.name not in ("level", "title"):
            at += 2
        if at <= x < at + column.width:
            return column.name
        at += column.width
    return None


def cells(
    issue: Issue, width: int, now: datetime, glyphs: Glyphs, *, marked: bool, sort: str = "last_seen"
) -> list[Run]:
    """One issue as a line of exactly `width` cells, without the cursor's sign at its start."""
    done = issue.status is not Status.UNRESOLVED
    runs: list[Run] = [
        (Clean(glyphs.marked if marked else " "), "accent"),
        (Clean(" " if issue.seen else glyphs.unseen), "trend"),
        (Clean(" "), "text"),
    ]
    for column in layout(width):
        if column.name not in ("level", "title"):
            runs.append((Clean("  "), "text"))
        runs += _cell(column, issue, now, glyphs, done, sort)
    return runs


def _cell(column: Column, issue: Issue, now: datetime, glyphs: Glyphs, done: bool, sort: str) -> list[Run]:
    match column.name:
        case "level":
            sign, ink = level_sign(issue.level, glyphs)
            return [(fit(Clean(sign), column.width), "faint" if done else ink)]
        case "title":
            return _title(issue, column.width, done)
        case "trend":
            drawn = Clean(bars(_merged(issue.trend, column.width), glyphs.bars, column.width))
            return [(drawn, "faint" if done else "trend")]
        case "count":
            # What happened once says little, and one ink less is bytes saved on slow links.
            return [(right(Clean(amount(issue.count)), column.width), "dim" if done or issue.count < 2 else "strong")]
        case "users":
            return [(right(Clean(amount(issue.users) if issue.users else ""), column.width), "dim")]
        case "age":
            then = issue.first_seen if sort == "first_seen" else issue.last_seen
            return [(right(Clean(age(then, now)), column.width), "dim")]
        case "release":
            release = clean(issue.first_release or "", 200)
            if len(release) > column.width:
                release = Clean(release.rpartition("@")[2])  # package@version
            return [(fit(release, column.width), "dim")]
        case "assignee":
            return [(fit(clean((issue.assignee or "").partition("@")[0], 200), column.width), "dim")]
        case _:
            return _marks(issue, column.width, glyphs, done)


def _merged(trend: tuple[int, ...], cells: int) -> tuple[int, ...]:
    """The trend in half as many buckets, where there are half as many cells."""
    if len(trend) != 2 * cells:
        return trend
    return tuple(trend[at] + trend[at + 1] for at in range(0, len(trend), 2))


def _title(issue: Issue, cells: int, done: bool) -> list[Run]:
    """The title at the left, where it happened at the right. The place takes what the title leaves, a
    third of the room at least: many errors have the same words."""
    title = clean(issue.title, 400)
    kind, colon, message = title.partition(": ")
    inks = ("dim", "dim") if done else ("strong" if not issue.seen else "name", "text")
    from triage.tui.text import width

    culprit = clean(issue.culprit, 400)
    most = max(cells - width(title) - 2, cells // 3)
    if width(culprit) > most:
        culprit = Clean(culprit.rpartition(" in ")[2])  # the function says more than half a path
    place = fit_end(culprit, min(most, width(culprit))) if cells >= PLACED else Clean("")
    room = cells - width(place) - 2 if place else cells
    runs: list[Run] = []
    if width(Clean(kind)) + 2 <= room and colon:
        runs.append((Clean(kind + colon), inks[0]))
        runs.append((fit(Clean(message), room - width(Clean(kind + colon))), inks[1]))
    else:
        runs.append((fit(title, room), inks[0]))
    return [*runs, (Clean("  "), "text"), (place, "faint")] if place else runs


def level_sign(level: str, glyphs: Glyphs) -> tuple[str, str]:
    """The sign and ink of a level."""
    return {
        "fatal": (glyphs.fatal, "bad"),
        "error": (glyphs.error, "bad"),
        "warning": (glyphs.warning, "warn"),
        "info": (glyphs.info, "accent"),
        "debug": (glyphs.debug, "dim"),
    }.get(level, (glyphs.unknown, "dim"))


def marks_of(issue: Issue, glyphs: Glyphs) -> list[tuple[str, str, str]]:
    """The marks of an issue as (sign, word, ink), in fixed places; "" where there is none."""
    draft = issue.draft or ""
    pull = issue.publication or ""
    if draft in PROVEN:
        drafted = (glyphs.proven, "proven", "good")
    elif draft == SKELETON:
        drafted = (glyphs.skeleton, "skeleton", "faint")
    else:
        drafted = (glyphs.draft, "draft", "warn") if draft else ("", "", "")
    return [
        (glyphs.regressed, "regressed", "bad") if issue.regressed else ("", "", ""),
        (glyphs.uncovered, "uncovered", "warn") if issue.covered is False else ("", "", ""),
        drafted,
        (glyphs.pull, pull if pull != "branch" else "pushed", "accent") if pull else ("", "", ""),
    ]


def _marks(issue: Issue, cells: int, glyphs: Glyphs, done: bool) -> list[Run]:
    marks = marks_of(issue, glyphs)
    if cells < WORDY.width:
        runs: list[Run] = [(Clean(sign or " "), "faint" if done else ink or "text") for sign, _, ink in marks]
        runs.append((Clean(" " * (cells - len(runs))), "text"))
        return runs
    runs = []
    room = cells
    for _, word, ink in marks:
        text = clean(word, 12)
        if word and len(text) + 1 <= room:
            runs.append((Clean(text + " "), "faint" if done else ink))
            room -= len(text) + 1
    runs.append((Clean(" " * room), "text"))
    return runs
