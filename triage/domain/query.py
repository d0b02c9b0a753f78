"""The words of the filter line: `is:unresolved level:error release:1.4 assigned:me text`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from triage.domain.issue import SORTS, IssueQuery, Status

ME = "me"
LONGEST = 1_000

_WORD = re.compile(
    r'(?P<not>!)?(?P<key>[A-Za-z_]+):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*))|"(?P<phrase>[^"]*)"?|(?P<text>\S+)'
)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query and, in words for people, what of the line was not understood."""

    query: IssueQuery
    troubles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the line: `key` is "" for plain text."""

    key: str
    value: str
    negated: bool = False


KEYS: Mapping[str, tuple[str, ...]] = {
    "is": ("unresolved", "resolved", "snoozed", "regressed", "covered", "uncovered", "any"),
    "level": ("fatal", "error", "warning", "info", "debug"),  # Level's; the inbox starts without the events
    "release": (),
    "service": (),
    "assigned": (ME,),
    "has": ("draft",),
    "sort": SORTS,
}
"""The keys, and the values of those that have a fixed set."""


def words(line: str) -> list[Word]:
    """The line cut into words. Quotes keep blanks together; an open quote ends with the line."""
    cut = []
    for match in _WORD.finditer(line[:LONGEST]):
        key = (match["key"] or "").lower()
        if key in KEYS:
            value = match["quoted"] if match["quoted"] is not None else match["value"]
            cut.append(Word(key, value, bool(match["not"])))
        else:
            cut.append(Word("", match["phrase"] if match["phrase"] is not None else match[0]))
    return cut


def parse(line: str, base: IssueQuery, me: str | None = None) -> Parsed:
    """The query that `line` asks for, on top of `base` (the view's own filter).

    `me` is who `assigned:me` means. Never raises; an unfinished word (`level:`) is passed over.
    """
    query = base
    text: list[str] = []
    troubles: list[str] = []
    for word in words(line):
        if not word.key:
            text.append(word.value)
            continue
        if not word.value:
            continue
        changed = _HANDLERS[word.key](query, word.value, word.negated, me)
        if isinstance(changed, str):
            troubles.append(changed)
        else:
            query = changed
    joined = " ".join(part for part in text if part).strip()
    return Parsed(dataclasses.replace(query, text=joined), tuple(troubles))


def show(query: IssueQuery) -> str:
    """The line that asks for this query when put over a base without filters (`is:any`)."""
    parts = [f"is:{query.status.value}" if query.status else "is:any"]
    for key, value in (("level", query.level), ("release", query.release), ("service", query.service)):
        if value is not None:
            parts.append(f"{key}:{_quoted(value)}")
    if query.assignee is not None:
        parts.append(f"assigned:{_quoted(query.assignee)}")
    if query.regressed is not None:
        parts.append("is:regressed" if query.regressed else "!is:regressed")
    if query.covered is not None:
        parts.append("is:covered" if query.covered else "is:uncovered")
    if query.has_draft is not None:
        parts.append("has:draft" if query.has_draft else "!has:draft")
    if query.sort != SORTS[0]:
        parts.append(f"sort:{query.sort}")
    if query.text:
        parts.append(query.text)
    return " ".join(parts)


def completions(line: str) -> list[str]:
    """Lines that finish the last word of `line`, keys first, then values."""
    head, _, last = line.rpartition(" ")
    start = f"{head} " if head else ""
    sign = "!" if last.startswith("!") else ""
    body = last[len(sign) :]
    key, colon, value = body.partition(":")
    if not body:
        return []
    if not colon:
        return [f"{start}{sign}{name}:" for name in KEYS if name.startswith(body.lower()) and name != body]
    return [
        f"{start}{sign}{key}:{known}"
        for known in KEYS.get(key.lower(), ())
        if known.startswith(value.lower()) and known != value
    ]


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value


def _is(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
    value = value.lower()
    yes = not negated
    if value in ("any", "all"):
        return dataclasses.replace(query, status=None)
    if value == "regressed":
        return dataclasses.replace(query, regressed=yes)
    if value in ("covered", "uncovered"):
        return dataclasses.replace(query, covered=(value == "covered") is yes)
    if value in ("archived", "ignored"):
        value = Status.SNOOZED.value
    if value in (status.value for status in Status):
        if negated:
            return f"!is:{value} cannot be asked for: name the status you want"
        return dataclasses.replace(query, status=Status(value))
    return f"is:{value} is not known: {', '.join(KEYS['is'])}"


def _level(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
    if negated:
        return "!level: cannot be asked for"
    value = {"warn": "warning", "err": "error", "critical": "fatal"}.get(value.lower(), value.lower())
    if value not in KEYS["level"]:
        return f"level:{value} is not known: {', '.join(KEYS['level'])}"
    return dataclasses.replace(query, level=value)


def _exact(
    name: str, replaced: Callable[[IssueQuery, str], IssueQuery]
) -> Callable[[IssueQuery, str, bool, str | None], IssueQuery | str]:
    def handle(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
        if negated:
            return f"!{name}: cannot be asked for"
        return replaced(query, value)

    return handle


def _assigned(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
    if negated:
        return "!assigned: cannot be asked for"
    if value == ME:
        if not me:
            return "assigned:me: git does not say who you are (git config user.email)"
        return dataclasses.replace(query, assignee=me)
    return dataclasses.replace(query, assignee=value)


def _has(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
    if value != "draft":
        return f"has:{value} is not known: has:draft"
    return dataclasses.replace(query, has_draft=not negated)


def _sort(query: IssueQuery, value: str, negated: bool, me: str | None) -> IssueQuery | str:
    value = {"seen": "last_seen", "events": "count", "new": "first_seen", "born": "first_seen"}.get(value, value)
    if value not in SORTS:
        return f"sort:{value} is not known: {', '.join(SORTS)}"
    return dataclasses.replace(query, sort=value)


_HANDLERS: Mapping[str, Callable[[IssueQuery, str, bool, str | None], IssueQuery | str]] = {
    "is": _is,
    "level": _level,
    "release": _exact("release", lambda query, value: dataclasses.replace(query, release=value)),
    "service": _exact("service", lambda query, value: dataclasses.replace(query, service=value)),
    "assigned": _assigned,
    "has": _has,
    "sort": _sort,
}
