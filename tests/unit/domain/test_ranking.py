"""Drafts are ranked by what they proved, and what is not proven is said in words."""

from datetime import UTC, datetime

from triage.domain.draft import Draft, Strategy
from triage.domain.ranking import ranked, ticks, unproven
from triage.domain.verdict import Evidence, Isolation, RunResult, Verdict

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(verdict: Verdict) -> RunResult:
    return RunResult(verdict, "", "main", "a" * 40, Isolation.BUBBLEWRAP, 0.1, NOW)


def draft(number: int) -> Draft:
    return Draft(number, 1, Strategy.REPLAY, "tests/test_a.py", "", "test_a", NOW)


def test_a_draft_that_reproduces_and_is_fixed_comes_first() -> None:
    evidence = {
        1: Evidence(before=run(Verdict.REPRODUCED), after=run(Verdict.PASSES)),
        2: Evidence(before=run(Verdict.REPRODUCED)),
        3: Evidence(before=run(Verdict.WRONG_TYPE)),
    }
    assert [item.id for item in ranked([draft(n) for n in (4, 3, 2, 1)], evidence)] == [1, 2, 4, 3]


def test_every_missing_proof_is_named() -> None:
    assert unproven(None) == "it has not been run yet"
    assert "WRONG_FRAME" in (unproven(Evidence(before=run(Verdict.WRONG_FRAME))) or "")
    assert "VACUOUS" in (unproven(Evidence(before=run(Verdict.REPRODUCED), after=run(Verdict.VACUOUS))) or "")
    shaky = Evidence(before=run(Verdict.REPRODUCED), stable_runs=20, unstable=True)
    assert "run to run" in (unproven(shaky) or "")
    assert unproven(Evidence(before=run(Verdict.REPRODUCED))) is None


def test_a_ref_without_the_fix_says_nothing_against_a_draft() -> None:
    evidence = Evidence(before=run(Verdict.REPRODUCED), after=run(Verdict.STILL_SAME))
    assert ticks(evidence).fixed is None
    assert unproven(evidence) is None


def test_a_draft_the_sandbox_refused_something_is_not_harmless() -> None:
    assert ticks(Evidence(before=run(Verdict.DENIED))).harmless is False
    assert ticks(Evidence(before=run(Verdict.REPRODUCED))).harmless is True
