"""Named queries: the inbox's own and those a user keeps in the configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from triage.domain.issue import IssueQuery
from triage.errors import NotFound, UsageError

if TYPE_CHECKING:
    from triage.domain.filter_words import Known
    from triage.domain.query import Parsed

LONGEST_NAME = 24
MOST = 40


@dataclass(frozen=True, slots=True)
class View:
    """A name and the line of the filter that it stands for; `own` ones are the user's."""

    name: str
    line: str
    own: bool = False

    def parsed(self, me: str | None = None, known: Known | None = None) -> Parsed:
        """Its query. `assigned:me` finds nothing while nobody knows who that is."""
        from triage.domain.query import parse  # the inbox names its views before it needs the parser

        return parse(self.line, IssueQuery(), me or "?", known)


PRESETS = (
    View("unresolved", "is:unresolved"),
    View("mine", "is:unresolved assigned:me"),
    View("regressed", "is:unresolved is:regressed"),
    View("uncovered", "is:unresolved is:uncovered"),
    View("snoozed", "is:snoozed"),
    View("resolved", "is:resolved"),
    View("all", "is:any"),
)
"""The views that are always there, in their order."""


def views_of(configured: Mapping[str, str]) -> tuple[View, ...]:
    """The presets with the user's own behind them; one of the same name takes a preset's place.

    Raises UsageError for a name that cannot be shown or typed, and for a line with mistakes,
    naming the view, the word and what was probably meant.
    """
    where = "in [views] of the configuration"
    if len(configured) > MOST:
        raise UsageError(f"too many views: {len(configured)}", where, f"keep {MOST} at most")
    own = {}
    for name, line in configured.items():
        if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
            hint = f"1 to {LONGEST_NAME} printable characters"
            raise UsageError(f"{name[:40]!r} cannot be the name of a view", where, hint)
        view = View(name.strip(), line, own=True)
        for mistake in view.parsed("me").mistakes:
            word = line[mistake.start : mistake.end]
            raise UsageError(f"view {view.name!r} is wrong at {word!r}", mistake.text, f"mend it {where}")
        own[view.name] = view
    presets = [own.pop(preset.name, preset) for preset in PRESETS]
    return (*presets, *own.values())


def view_named(name: str, views: Sequence[View]) -> View:
    """The view of that name. Raises NotFound with the nearest one."""
    for view in views:
        if view.name.casefold() == name.strip().casefold():
            return view
    import difflib

    near = difflib.get_close_matches(name, [view.name for view in views], 1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(view.name for view in views)}"
    raise NotFound(f"no view {name[:40]!r}", "", hint)
