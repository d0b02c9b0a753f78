"""Which draft proves most: four ticks each, and the order they give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from triage.domain.draft import Draft, Strategy
from triage.domain.verdict import Evidence, Verdict

REFUSED = frozenset({Verdict.DENIED, Verdict.KILLED, Verdict.TIMEOUT})


@dataclass(frozen=True, slots=True)
class Ticks:
    """What a draft has shown; None: not tried yet.

    `right_reason`: fails as production did. `fixed`: passes on the fix, having run the crash
    function; a ref where it still fails the same way does not have the fix, which says nothing
    against the draft. `stable`: repeated runs agree. `harmless`: the sandbox refused it nothing.
    """

    right_reason: bool | None
    fixed: bool | None
    stable: bool | None
    harmless: bool | None

    @property
    def score(self) -> tuple[int, int, int, int]:
        """Sorts better evidence higher; an untried tick lies between no and yes."""
        order = {False: 0, None: 1, True: 2}
        return (order[self.right_reason], order[self.fixed], order[self.stable], order[self.harmless])


def ticks(evidence: Evidence | None) -> Ticks:
    """The four ticks of one draft's evidence."""
    after = evidence.after if evidence is not None else None
    fixed = None if after is None or after.verdict is Verdict.STILL_SAME else after.verdict is Verdict.PASSES
    if evidence is None or evidence.before is None:
        return Ticks(None, fixed, None, None)
    runs = [run for run in (evidence.before, evidence.after) if run is not None]
    return Ticks(
        right_reason=evidence.reproduces,
        fixed=fixed,
        stable=not evidence.unstable if evidence.stable_runs else None,
        harmless=not any(run.verdict in REFUSED for run in runs),
    )


def ranked(drafts: Sequence[Draft], evidence: Mapping[int, Evidence]) -> list[Draft]:
    """Drafts by what they have proven, newest first among equals."""
    return sorted(drafts, key=lambda draft: (ticks(evidence.get(draft.id)).score, draft.id), reverse=True)


def unproven(evidence: Evidence | None) -> str | None:
    """Why this is not good enough to send with one key; None when it is."""
    seen = ticks(evidence)
    if seen.right_reason is None:
        return "it has not been run yet"
    if not seen.right_reason:
        assert evidence is not None
        assert evidence.before is not None
        return f"it does not fail as production did ({evidence.before.verdict})"
    if seen.fixed is False:
        assert evidence is not None
        assert evidence.after is not None
        return f"it does not pass on the fix ({evidence.after.verdict})"
    if seen.stable is False:
        return "its result changes from run to run"
    return None


@dataclass(frozen=True, slots=True)
class Contender:
    """What one strategy came to: its best draft, of how many, and what all of them cost.

    `cost` is in US dollars and `seconds` how long the drafts took to write; None where nobody knows.
    """

    strategy: Strategy
    best: Draft
    evidence: Evidence
    drafts: int
    cost: float | None
    seconds: float | None


def contenders(drafts: Sequence[Draft], evidence: Mapping[int, Evidence]) -> list[Contender]:
    """One for each strategy that drafted something, the best evidence first."""
    found: dict[Strategy, list[Draft]] = {}
    order = ranked(drafts, evidence)
    for draft in order:
        found.setdefault(draft.strategy, []).append(draft)
    return [
        Contender(
            strategy,
            own[0],
            evidence.get(own[0].id, Evidence()),
            len(own),
            _total(draft.cost for draft in own),
            _total(draft.seconds for draft in own),
        )
        for strategy, own in found.items()
    ]


def _total(amounts: Iterable[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
