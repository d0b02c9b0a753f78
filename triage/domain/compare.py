"""Two texts side by side: which lines and which words of them differ."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

WORDS = re.compile(r"\w+|\s+|[^\w\s]")
MOST_LINES = 4_000
MOST_WORDS = 400
ALIKE = 0.4


class Change(StrEnum):
    """How a row's sides relate."""

    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Side:
    """One line of one text: its number from 1, and the half-open spans of changed characters."""

    number: int
    text: str
    spans: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the comparison; a missing side is None."""

    change: Change
    left: Side | None
    right: Side | None


def compare(left: str, right: str) -> list[Row]:
    """Rows that hold both texts whole, lines that belong together on one row.

    Past MOST_LINES lines a side, lines are compared by position only, so that a huge text
    cannot block the screen.
    """
    before, after = left.splitlines(), right.splitlines()
    if len(before) > MOST_LINES or len(after) > MOST_LINES:
        return _by_position(before, after)
    rows: list[Row] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            rows += [
                Row(Change.SAME, Side(i + 1, before[i]), Side(j + 1, after[j]))
                for i, j in zip(range(i1, i2), range(j1, j2), strict=True)
            ]
        else:
            rows += _block(before, after, (i1, i2), (j1, j2))
    return rows


def _block(before: list[str], after: list[str], old: tuple[int, int], new: tuple[int, int]) -> list[Row]:
    """A replaced block: alike lines are paired in order, the rest stands alone."""
    rows: list[Row] = []
    i, j = old[0], new[0]
    while i < old[1] and j < new[1]:
        if _alike(before[i], after[j]):
            spans = _word_spans(before[i], after[j])
            rows.append(Row(Change.CHANGED, Side(i + 1, before[i], spans[0]), Side(j + 1, after[j], spans[1])))
            i, j = i + 1, j + 1
        elif any(_alike(before[k], after[j]) for k in range(i + 1, min(old[1], i + 9))):
            rows.append(Row(Change.REMOVED, Side(i + 1, before[i]), None))
            i += 1
        elif any(_alike(before[i], after[k]) for k in range(j + 1, min(new[1], j + 9))):
            rows.append(Row(Change.ADDED, None, Side(j + 1, after[j])))
            j += 1
        else:
            rows.append(Row(Change.CHANGED, Side(i + 1, before[i]), Side(j + 1, after[j])))
            i, j = i + 1, j + 1
    rows += [Row(Change.REMOVED, Side(k + 1, before[k]), None) for k in range(i, old[1])]
    rows += [Row(Change.ADDED, None, Side(k + 1, after[k])) for k in range(j, new[1])]
    return rows


def _alike(left: str, right: str) -> bool:
    a, b = left.strip()[:MOST_WORDS], right.strip()[:MOST_WORDS]
    if not a or not b:
        return False
    matcher = SequenceMatcher(None, a, b, autojunk=False)
    return matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _word_spans(left: str, right: str) -> tuple[tuple[tuple[int, int], ...], tuple[tuple[int, int], ...]]:
    a, b = WORDS.findall(left), WORDS.findall(right)
    if len(a) > MOST_WORDS or len(b) > MOST_WORDS:
        return ((0, len(left)),), ((0, len(right)),)
    starts_a, starts_b = _starts(a), _starts(b)
    spans_a: list[tuple[int, int]] = []
    spans_b: list[tuple[int, int]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if tag != "equal":
            if i2 > i1:
                spans_a.append((starts_a[i1], starts_a[i2]))
            if j2 > j1:
                spans_b.append((starts_b[j1], starts_b[j2]))
    return tuple(spans_a), tuple(spans_b)


def _starts(words: list[str]) -> list[int]:
    """Where each word starts, and where the last one ends."""
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts


def _by_position(before: list[str], after: list[str]) -> list[Row]:
    rows = []
    for k in range(max(len(before), len(after))):
        left = Side(k + 1, before[k]) if k < len(before) else None
        right = Side(k + 1, after[k]) if k < len(after) else None
        if left is None or right is None:
            rows.append(Row(Change.ADDED if left is None else Change.REMOVED, left, right))
        else:
            rows.append(Row(Change.SAME if left.text == right.text else Change.CHANGED, left, right))
    return rows
