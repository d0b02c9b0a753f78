"""The kinds of entry that replay tries. To add one: a module here with `sites`, and its name below
(docs/entries.md); a module of another package registers itself in the group `triage.entries`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.stack.scene import Scene
from triage.errors import TriageError

GROUP = "triage.entries"
KINDS = (
    "caller", "direct", "http", "aiohttp", "routed", "websocket", "command", "management", "tasks", "view", "recorded",
    "each", "faults", "examples", "importing",
)  # fmt: skip


@dataclass(frozen=True)
class Site:
    """One place to call the code from. `build` makes a candidate with the builder it is given."""

    key: str
    cost: float
    build: Callable[[Builder], Candidate]


class Kind(Protocol):
    """A module of this folder, or one that a package registers: it says where the code could be called from."""

    def sites(self, scene: Scene) -> Iterable[Site]: ...


def all_sites(scene: Scene) -> list[Site]:
    """Every site of every kind, cheapest first. Raises TriageError when a registered kind cannot be loaded."""
    own = [cast(Kind, import_module(f"{__name__}.{name}")) for name in KINDS]
    return sorted((site for kind in (*own, *registered()) for site in kind.sites(scene)), key=lambda site: site.cost)


@cache
def registered() -> tuple[Kind, ...]:
    """The kinds that installed packages bring."""
    found: list[Kind] = []
    for point in entry_points(group=GROUP):
        try:
            kind = point.load()
        except Exception as error:
            raise TriageError(
                f"the entry kind {point.name} cannot be loaded", f"{point.value}: {error}", "repair or uninstall it"
            ) from error
        if not callable(getattr(kind, "sites", None)):
            raise TriageError(f"the entry kind {point.name} has no sites()", point.value, "see docs/entries.md")
        found.append(kind)
    return tuple(found)
