"""What can be written in the filter line, and how a word that was begun may end."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.domain.issue import GROUPS, LEVELS

ME = "me"
NOBODY = "none"

Known = Mapping[str, Sequence[str]]
"""The values that issues have: of "release", "service" and "owner"."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to finish the last word: the whole line then, that word, and what it means."""

    line: str
    word: str
    meaning: str = ""


IS: Mapping[str, str] = {
    "unresolved": "open issues",
    "resolved": "closed ones",
    "snoozed": "put aside for a while (archived)",
    "any": "whatever their status",
    "new": "not looked at yet",
    "seen": "looked at",
    "regressed": "came back after they were resolved",
    "covered": "existing tests run the code",
    "uncovered": "no test runs the code",
    "assigned": "somebody's",
    "unassigned": "nobody's",
}
HAS: Mapping[str, str] = {
    "draft": "a drafted test",
    "pr": "a pushed branch or pull request",
    "owner": "somebody it is assigned to",
    "service": "a service it came from",
    "release": "a release it came from",
}
SORTED_BY: Mapping[str, str] = {
    "last_seen": "the latest first",
    "first_seen": "the youngest issue first",
    "count": "most events first",
    "users": "most users first",
    "title": "by the error's name",
    "level": "worst first",
    "service": "by service",
    "release": "by first release, the newest first",
    "owner": "by owner",
}
MEANINGS: Mapping[str, str] = {
    "is": "status and marks",
    "level": "fatal to debug",
    "release": "had events in this release: 1.4 finds shop@1.4.2",
    "first_release": "was first seen in this release",
    "service": "came from this service",
    "assigned": "belongs to: me, none or a name",
    "has": "has a draft, a PR, an owner",
    "sort": "order",
    "group": "one heading for each value",
}
KEYS: Mapping[str, tuple[str, ...]] = {
    "is": tuple(IS),
    "level": LEVELS,
    "release": (),
    "first_release": (),
    "service": (),
    "assigned": (ME, NOBODY),
    "has": tuple(HAS),
    "sort": tuple(SORTED_BY),
    "group": (*GROUPS, NOBODY),
}
"""The keys, and the values of those that have a fixed set."""

ALIASES: Mapping[str, str] = {
    "status": "is",
    "assignee": "assigned",
    "assigned_to": "assigned",
    "owner": "assigned",
    "firstrelease": "first_release",
}
"""Other names of keys, some of them Sentry's."""

LISTED: Mapping[str, str] = {
    "release": "release", "first_release": "release", "service": "service", "assigned": "owner",
}  # fmt: skip
"""The keys whose values come from the issues, by their name in Known."""


def completions(line: str, known: Known | None = None) -> list[str]:
    """Lines that finish the last word of `line`, keys first, then values."""
    return [offer.line for offer in offers(line, known)]


def offers(line: str, known: Known | None = None, most: int = 200) -> list[Offer]:
    """Ways to finish the last word of `line`; none while nothing of it is typed."""
    head, _, last = line.rpartition(" ")
    start = f"{head} " if head else ""
    sign = "!" if last.startswith("!") else ""
    body = last[len(sign) :]
    name, colon, value = body.partition(":")
    if not body or line.count('"') % 2:
        return []
    if not colon:
        found = [key for key in KEYS if key.startswith(name.lower()) and key != name]
        return [Offer(f"{start}{sign}{key}:", f"{sign}{key}:", MEANINGS[key]) for key in found]
    key = key_of(name)
    before, comma, tail = value.rpartition(",")
    typed = tail.casefold()
    matching = [item for item in _values(key, known) if begins(item, typed) and item != tail]
    made = []
    for item in matching[:most]:
        word = f"{sign}{name}:{before}{comma}{quoted(item)}"
        made.append(Offer(f"{start}{word}", word, _meaning(key, item)))
    return made


def nearest(word: str, among: Sequence[str]) -> str | None:
    """The value that was probably meant."""
    lowered = {item.casefold(): item for item in among}
    found = difflib.get_close_matches(word.casefold()[:80], list(lowered), 1, 0.55)
    return lowered[found[0]] if found else None


def key_of(name: str) -> str:
    return ALIASES.get(name.lower(), name.lower())


def _values(key: str, known: Known | None) -> list[str]:
    found = list(KEYS.get(key, ()))
    if key in LISTED and known is not None:
        listed = list(known.get(LISTED[key], ()))
        found += listed[::-1] if LISTED[key] == "release" else listed
        if key in ("service", "first_release"):
            found.append(NOBODY)
    return found


def _meaning(key: str, value: str) -> str:
    meanings = {"is": IS, "has": HAS, "sort": SORTED_BY}.get(key, {})
    if key == "assigned" and value in (ME, NOBODY):
        return "you" if value == ME else "nobody"
    return meanings.get(value, "")


def begins(value: str, typed: str) -> bool:
    """Whether a value is called so: from its start, or for `shop@1.4.2` from its version."""
    folded = value.casefold()
    return folded.startswith(typed) or folded.rpartition("@")[2].startswith(typed)


def quoted(value: str) -> str:
    return f'"{value}"' if " " in value or "," in value else value
