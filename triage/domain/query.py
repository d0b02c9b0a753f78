"""The words of the filter line: `is:unresolved level:error release:1.4 assigned:me !has:draft text`."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.filter_words import (
    ALIASES,
    HAS,
    KEYS,
    LISTED,
    ME,
    NOBODY,
    SORTED_BY,
    Known,
    begins,
    key_of,
    nearest,
    quoted,
)
from triage.domain.issue import GROUPS, LEVELS, NONE, SORTS, IssueQuery, Status

LONGEST = 1_000
MOST_VALUES = 200

_WORD = re.compile(
    r'(?P<not>!)?(?P<key>[A-Za-z_]+):(?:"(?P<quoted>[^"]*)"?|(?P<value>\S*))|"(?P<phrase>[^"]*)"?|(?P<text>\S+)'
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """What of the line was not understood, in words, and the half-open span of it.

    `passed_over` words change nothing; the others were searched for as they stand.
    """

    text: str
    start: int
    end: int
    passed_over: bool = True


@dataclass(frozen=True, slots=True)
class Parsed:
    """A query and what of the line was not understood."""

    query: IssueQuery
    mistakes: tuple[Mistake, ...] = ()

    @property
    def troubles(self) -> tuple[str, ...]:
        """The mistakes in words for people."""
        return tuple(mistake.text for mistake in self.mistakes)


@dataclass(frozen=True, slots=True)
class Word:
    """One word of the line: `key` is "" for plain text. `quoted` values are taken as they are."""

    key: str
    value: str
    negated: bool = False
    start: int = 0
    end: int = 0
    quoted: bool = False

    @property
    def values(self) -> tuple[str, ...]:
        """The value cut at its commas, as in `level:error,fatal` or Sentry's `level:[error,fatal]`."""
        if self.quoted:
            return (self.value,)
        return tuple(part for part in self.value.removeprefix("[").removesuffix("]").split(",") if part)


@dataclass(frozen=True, slots=True)
class _Scene:
    """What a word is read with: who `me` is, and the values that issues have (None: not known)."""

    me: str | None
    known: Known | None


def words(line: str) -> list[Word]:
    """The line cut into words. Quotes keep blanks together; an open quote ends with the line."""
    cut = []
    for match in _WORD.finditer(line[:LONGEST]):
        start, end = match.span()
        key = key_of(match["key"] or "")
        if key in KEYS:
            value = match["quoted"] if match["quoted"] is not None else match["value"]
            cut.append(Word(key, value, bool(match["not"]), start, end, match["quoted"] is not None))
        else:
            cut.append(Word("", match["phrase"] if match["phrase"] is not None else match[0], False, start, end))
    return cut


def parse(line: str, base: IssueQuery, me: str | None = None, known: Known | None = None) -> Parsed:
    """The query that `line` asks for, on top of `base` (the view's own filter).

    `me` is who `assigned:me` means. With `known` values, the beginning of a name is enough, and
    one that no issue has is named. Never raises; an unfinished word (`level:`) is passed over.
    """
    query = base
    scene = _Scene(me, known)
    text: list[str] = []
    mistakes: list[Mistake] = []
    for word in words(line):
        if not word.key:
            text.append(word.value)
            if said := _unknown_key(line[word.start : word.end]):
                mistakes.append(Mistake(said, word.start, word.end, passed_over=False))
            continue
        if not word.value or not word.values:
            continue
        changed = _HANDLERS[word.key](query, word, scene)
        if isinstance(changed, str):
            mistakes.append(Mistake(changed, word.start, word.end))
            continue
        query = changed
        if said := _nowhere(word, scene):
            mistakes.append(Mistake(said, word.start, word.end, passed_over=False))
    joined = " ".join(part for part in text if part).strip()
    whole = " ".join(part for part in (base.text, joined) if part)
    return Parsed(dataclasses.replace(query, text=whole), tuple(mistakes))


def show(query: IssueQuery) -> str:
    """The line that asks for this query when put over a base without filters (`is:any`)."""
    parts = [f"is:{query.status.value}" if query.status else "is:any"]
    for key, value in (("level", query.level), ("release", query.release), ("first_release", query.first_release)):
        if value is not None:
            parts.append(f"{key}:{quoted(value or NOBODY)}")
    for key, value in (("service", query.service), ("assigned", query.assignee)):
        if value is not None:
            parts.append(f"{key}:{quoted(value or NOBODY)}")
    for word, flag in (("is:regressed", query.regressed), ("has:draft", query.has_draft), ("has:pr", query.published)):
        if flag is not None:
            parts.append(word if flag else f"!{word}")
    if query.covered is not None:
        parts.append("is:covered" if query.covered else "is:uncovered")
    if query.seen is not None:
        parts.append("is:seen" if query.seen else "is:new")
    for sign, several in (("", query.among), ("!", query.excluded)):
        for name, values in several:
            key = {"assignee": "assigned", "status": "is"}.get(name, name)
            parts.append(f"{sign}{key}:{','.join(value or NOBODY for value in values)}")
    if query.sort != SORTS[0]:
        parts.append(f"sort:{query.sort}")
    if query.group:
        parts.append(f"group:{query.group}")
    if query.text:
        parts.append(query.text)
    return " ".join(parts)


def _unknown_key(word: str) -> str:
    """What to say of a word that looks like a filter and is none; "" for other text."""
    found = re.fullmatch(r"!?([a-z_]{2,20}):(?!//|:)(\S+)", word)
    if not found:
        return ""
    near = nearest(found[1], (*KEYS, *ALIASES))
    hint = f"did you mean {near}:?" if near else f"known: {', '.join(KEYS)}"
    return f"{found[1]}: is not a filter, so it is searched as text; {hint}"


def _not_known(word: Word, value: str, among: Sequence[str]) -> str:
    near = nearest(value, among)
    shown = value[:60]
    return f"{word.key}:{shown} is not known: " + (f"did you mean {near}?" if near else ", ".join(among[:12]))


def _is(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
    statuses = {status.value: status for status in Status}
    wanted: list[str] = []
    yes = not word.negated
    for given in word.values:
        value = {"archived": "snoozed", "ignored": "snoozed", "unseen": "new", "all": "any"}.get(given.lower(), "")
        value = value or given.lower()
        if value in statuses:
            wanted.append(value)
        elif value == "any":
            query = _without(dataclasses.replace(query, status=None), "status")
        elif value == "regressed":
            query = dataclasses.replace(query, regressed=yes)
        elif value in ("covered", "uncovered"):
            query = dataclasses.replace(query, covered=(value == "covered") is yes)
        elif value in ("new", "seen"):
            query = dataclasses.replace(query, seen=(value == "seen") is yes)
        elif value in ("assigned", "unassigned"):
            query = _having(query, "assignee", (value == "assigned") is yes)
        else:
            return _not_known(word, value, KEYS["is"])
    if not wanted:
        return query
    query = _without(query, "status")
    if word.negated:
        return dataclasses.replace(query, status=None, excluded=(*query.excluded, ("status", tuple(wanted))))
    if len(wanted) == 1:
        return dataclasses.replace(query, status=statuses[wanted[0]])
    return dataclasses.replace(query, status=None, among=(*query.among, ("status", tuple(wanted))))


def _level(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
    short = {"warn": "warning", "err": "error", "critical": "fatal"}
    values = tuple(short.get(value.lower(), value.lower()) for value in word.values)
    for value in values:
        if value not in LEVELS:
            return _not_known(word, value, LEVELS)
    return _with(query, "level", values, word.negated)


def _named(name: str) -> Callable[[IssueQuery, Word, _Scene], IssueQuery | str]:
    """A handler for filters whose values come from the issues; `name` is the query's field."""

    def handle(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
        found: list[str] = []
        for value in word.values:
            if value == NOBODY and name != "release" and not word.quoted:
                found.append(NONE)
            elif value == ME and name == "assignee":
                if not scene.me:
                    return "assigned:me: git does not say who you are (git config user.email)"
                found.append(scene.me)
            else:
                found += _meant(value, _listed(word, scene)) or [value]
        return _with(query, name, tuple(dict.fromkeys(found))[:MOST_VALUES], word.negated)

    return handle


def _listed(word: Word, scene: _Scene) -> Sequence[str]:
    return scene.known.get(LISTED[word.key], ()) if scene.known is not None and word.key in LISTED else ()


def _nowhere(word: Word, scene: _Scene) -> str:
    """What to say of a value that no issue has; "" where all is well or nothing is known of values."""
    listed = _listed(word, scene)
    for value in word.values if listed else ():
        if value not in (ME, NOBODY) and not _meant(value, listed):
            return f"no issue has {_not_known(word, value, listed).replace(' is not known:', ':')}"
    return ""


def _meant(value: str, listed: Sequence[str]) -> list[str]:
    """The values that are called so or begin so; the value itself where nothing is known of them."""
    if not listed or value in listed:
        return [value]
    typed = value.casefold()
    return [item for item in listed if begins(item, typed)]


def _with(query: IssueQuery, name: str, values: tuple[str, ...], negated: bool) -> IssueQuery:
    """The query with a filter in place of what it had under that name."""
    if negated:
        return dataclasses.replace(query, excluded=(*query.excluded, (name, values)))
    query = _set(_without(query, name), name, values[0] if len(values) == 1 else None)
    return query if len(values) == 1 else dataclasses.replace(query, among=(*query.among, (name, values)))


def _having(query: IssueQuery, name: str, has: bool) -> IssueQuery:
    return _with(query, name, (NONE,), negated=has)


def _without(query: IssueQuery, name: str) -> IssueQuery:
    if not query.among:
        return query
    return dataclasses.replace(query, among=tuple(item for item in query.among if item[0] != name))


def _set(query: IssueQuery, name: str, value: str | None) -> IssueQuery:
    match name:
        case "level":
            return dataclasses.replace(query, level=value)
        case "release":
            return dataclasses.replace(query, release=value)
        case "first_release":
            return dataclasses.replace(query, first_release=value)
        case "service":
            return dataclasses.replace(query, service=value)
        case _:
            return dataclasses.replace(query, assignee=value)


def _has(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
    for given in word.values:
        value = {"pull": "pr", "branch": "pr", "assignee": "owner"}.get(given.lower(), given.lower())
        match value:
            case "draft":
                query = dataclasses.replace(query, has_draft=not word.negated)
            case "pr":
                query = dataclasses.replace(query, published=not word.negated)
            case "owner" | "service" | "release":
                field = {"owner": "assignee", "release": "first_release"}.get(value, value)
                query = _having(query, field, not word.negated)
            case _:
                return _not_known(word, given, tuple(HAS))
    return query


def _sort(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
    other = {"seen": "last_seen", "events": "count", "new": "first_seen", "born": "first_seen", "assigned": "owner"}
    value = other.get(word.value.lower(), word.value.lower())
    if value not in SORTED_BY:
        return _not_known(word, value, tuple(SORTED_BY))
    return dataclasses.replace(query, sort=value)


def _group(query: IssueQuery, word: Word, scene: _Scene) -> IssueQuery | str:
    value = {"assigned": "owner", "first_release": "release"}.get(word.value.lower(), word.value.lower())
    if value == NOBODY:
        return dataclasses.replace(query, group="")
    if value not in GROUPS:
        return _not_known(word, value, KEYS["group"])
    return dataclasses.replace(query, group=value)


_HANDLERS: Mapping[str, Callable[[IssueQuery, Word, _Scene], IssueQuery | str]] = {
    "is": _is,
    "level": _level,
    "release": _named("release"),
    "first_release": _named("first_release"),
    "service": _named("service"),
    "assigned": _named("assignee"),
    "has": _has,
    "sort": _sort,
    "group": _group,
}
