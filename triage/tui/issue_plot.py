"""The tab of an issue that plots its events over time and over releases, in bars of text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from triage.domain.occurrence import Occurrences, SeenIn, width_in_words
from triage.tui.glyphs import GLYPHS
from triage.tui.issue_facts import Facts, heading, told
from triage.tui.text import Clean, clean, fit, right, width
from triage.tui.widgets.inked import Run
from triage.tui.widgets.line_view import BLANK, Line, line
from triage.tui.wording import amount, plural

AXIS = 6
"""Cells left of the bars: the numbers of the axis, and its line."""
LEAST_HEIGHT, MOST_HEIGHT = 3, 8
MOST_RELEASES = 40


def releases(facts: Facts, cells: int, rows: int) -> list[Line]:
    """Events over time with the releases they came in, then each release with its count."""
    seen = facts.seen
    if seen is None:
        return [told("counting …")]
    if not seen.counts:
        return [told("no event of it is kept"), BLANK, *_table(seen, cells)]
    height = max(LEAST_HEIGHT, min(MOST_HEIGHT, rows - 5 - min(len(seen.releases), 4)))
    return [*_plot(seen, cells, height), BLANK, *_table(seen, cells)]


def _plot(seen: Occurrences, cells: int, height: int) -> list[Line]:
    """Columns from zero up to the highest, each as wide as fits, one for each bucket of time."""
    counts = seen.counts
    wide = max(1, min(3, (cells - AXIS - 1) // max(1, len(counts))))
    fits = max(1, (cells - AXIS - 1) // wide)
    shown, hidden = counts[-fits:], len(counts) - fits
    top = max(shown, default=0) or 1
    words = f" {plural(seen.total, 'event')}; each bar is {width_in_words(seen.seconds)}, the axis starts at 0"
    if hidden > 0:
        words += f"; {sum(counts[:hidden]):,} earlier ones are not shown"
    lines = [line((clean(words, 200), "head"))]
    signs = GLYPHS.bars
    steps = len(signs) - 1
    levels = [0 if not number else max(1, round(number / top * height * steps)) for number in shown]
    for row in range(height, 0, -1):
        label = amount(top) if row == height else ""
        drawn = "".join(signs[max(0, min(steps, level - (row - 1) * steps))] * wide for level in levels)
        lines.append(
            line(
                (right(Clean(label), AXIS - 1), "faint"), (Clean(GLYPHS.bar), "faint"), (Clean(drawn.rstrip()), "trend")
            )
        )
    start = seen.start + timedelta(seconds=seen.seconds * max(0, hidden))
    room = len(shown) * wide
    lines.append(
        line(
            (right(Clean("0"), AXIS - 1), "faint"),
            (Clean(GLYPHS.corner), "faint"),
            (Clean(GLYPHS.rule * room), "faint"),
        )
    )
    lines.append(line((Clean(" " * AXIS), "text"), *_times(start, seen.seconds, len(shown), wide)))
    marks = _marks(seen.releases, start, seen.seconds, len(shown), wide)
    if marks:
        lines.append(line((Clean(" " * AXIS), "text"), (marks, "accent")))
    return lines


def _times(start: datetime, seconds: int, buckets: int, wide: int) -> list[Run]:
    """When the first bar begins, and when the last one ends or now is."""
    end = start + timedelta(seconds=seconds * buckets)
    days = seconds * buckets >= 3 * 86_400
    form = "%Y-%m-%d" if days else "%m-%d %H:%M"
    first, last = f"{start:{form}}", f"{end:{form}}"
    room = buckets * wide
    if room < len(first) + len(last) + 3:
        return [(clean(f"{first} to {last} UTC", 60), "faint")]
    return [(clean(first + (last + " UTC").rjust(room - len(first) + 4), 400), "faint")]


def _marks(found: Sequence[SeenIn], start: datetime, seconds: int, buckets: int, wide: int) -> Clean:
    """Under the bars: where each release was first seen, as far as the names have room."""
    row = [" "] * (buckets * wide + 24)
    free = 0
    for release in found:
        at = int((release.first_seen - start).total_seconds() // seconds) * wide
        name = clean(f"{GLYPHS.up}{short(release.release)}", 24)
        if at < free or at < 0 or at + width(name) > len(row) or width(name) != len(name):
            continue
        row[at : at + len(name)] = name
        free = at + len(name) + 1
    return Clean("".join(row).rstrip())


def short(release: str) -> str:
    """A release without its package: `1.4.2` of `shop@1.4.2`."""
    return release.rpartition("@")[2] or release


def _table(seen: Occurrences, cells: int) -> list[Line]:
    if not seen.releases:
        return [told("no release was sent with these events")]
    top = max(item.count for item in seen.releases)
    names = min(max(len(item.release) for item in seen.releases), max(12, cells // 4))
    room = max(4, cells - names - 6 - 28 - 4)
    lines = [heading(f"{plural(len(seen.releases), 'release')}, the newest first")]
    for item in reversed(seen.releases[-MOST_RELEASES:]):
        span = f"{_day(item.first_seen)}"
        if item.last_seen.date() != item.first_seen.date():
            span += f" to {_day(item.last_seen)}"
        lines.append(
            line(
                (Clean(" "), "text"),
                (fit(clean(item.release, 200), names), "name"),
                (right(Clean(amount(item.count)), 6), "strong"),
                (Clean(" "), "text"),
                (fit(_bar(item.count, top, room), room), "trend"),
                (clean(f" {span}", 60), "dim"),
            )
        )
    if len(seen.releases) > MOST_RELEASES:
        lines.append(told(f"{len(seen.releases) - MOST_RELEASES} older ones"))
    named = sum(item.count for item in seen.releases)
    if named < seen.total:
        lines.append(told(f"{plural(seen.total - named, 'event')} named no release"))
    return lines


def _bar(count: int, top: int, room: int) -> Clean:
    """From zero; whatever happened at all is seen."""
    return Clean(GLYPHS.bars[-1] * max(1, round(count / top * room)))


def _day(when: datetime) -> str:
    return f"{when.astimezone(UTC):%Y-%m-%d}"
