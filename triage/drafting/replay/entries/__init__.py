"""The kinds of entry that replay tries. To add one: a module here with `sites`, and its line below."""

from collections.abc import Callable
from dataclasses import dataclass

from triage.drafting.replay.builder import Builder
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.scene import Scene


@dataclass(frozen=True)
class Site:
    """One place to call the code from. `build` makes a candidate with the builder it is given."""

    key: str
    cost: float
    build: Callable[[Builder], Candidate]


def all_sites(scene: Scene) -> list[Site]:
    """Every site of every kind, cheapest first."""
    from triage.drafting.replay.entries import (
        caller,
        command,
        direct,
        examples,
        faults,
        http,
        importing,
        management,
        recorded,
        tasks,
        view,
    )

    kinds = (caller, direct, http, command, management, tasks, view, recorded, faults, examples, importing)
    return sorted((site for kind in kinds for site in kind.sites(scene)), key=lambda site: site.cost)
