"""What repetitions show: whether they agree, and what it hangs on when they don't."""

import json

from triage.execution.stability import LATER, ZONES, Stability, _Turn, judged

RAISED = json.dumps(["KeyError", [["a.py", "f", "x()", 3]], False])
FAILED = json.dumps([["setup", "passed"], ["call", RAISED], ["call", "failed"]])
PASSED = json.dumps([["setup", "passed"], ["call", "passed"]])
DAY = min(LATER)
ZONE = next(iter(ZONES))


def turns(count: int, ending: str = FAILED, seed: int = 1) -> list[_Turn]:
    return [_Turn(seed, "", None, "", ending) for _ in range(count)]


def seen(*more: _Turn, asked: int = 4) -> Stability:
    return judged([*turns(2), *turns(2, seed=2), *more], asked, failing=True)


def test_all_agree() -> None:
    assert seen() == Stability(4, False, "", True, ())
    assert not seen(asked=170).complete


def test_the_hash_seed() -> None:
    found = judged([*turns(3), *turns(3, PASSED, seed=2)], 6, failing=True)
    assert found.unstable
    assert found.why == "it depends on the hash seed: it passed with PYTHONHASHSEED=2"


def test_chance() -> None:
    found = judged([*turns(3), *turns(1, PASSED)], 4, failing=True)
    assert found.why == "1 of 4 repetitions ended otherwise: it passed"


def test_never_again() -> None:
    found = judged(turns(4, PASSED), 4, failing=True)
    assert found.unstable
    assert "in none of 4 repetitions" in found.why
    assert not judged(turns(4, PASSED), 4, failing=False).unstable


def test_order_zone_and_date() -> None:
    assert "after the other tests" in seen(_Turn(1, "forward", None, "", PASSED)).why
    assert "tests reversed" in seen(_Turn(1, "reversed", None, "", PASSED)).why
    assert "time zone" in seen(_Turn(1, "", None, ZONE, PASSED)).why
    assert "a day later" in seen(_Turn(1, "", 0.0, "", FAILED), _Turn(1, "", DAY, "", PASSED)).why
    assert not seen(_Turn(1, "forward", None, "", '["timeout"]')).unstable


def test_a_clock_that_cannot_be_moved_says_so_and_judges_nothing() -> None:
    broken = json.dumps([["call", json.dumps(["TypeError", [], True])], ["call", "failed"]])
    found = seen(_Turn(1, "", 0.0, "", broken), _Turn(1, "", DAY, "", broken))
    assert not found.unstable
    assert "could not be moved" in found.notes[0]


def test_no_repetition_at_all_is_not_stable() -> None:
    assert judged([], 170, failing=True) == Stability(0, False, complete=False)
