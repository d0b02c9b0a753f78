"""What comes over the probe's channel is believed only when it is signed and in order."""

import json
from hashlib import blake2b

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.verdict import RunReport
from triage.execution.report import Facts, make_report, read_facts

KEY = b"k" * 32
RAISED = {
    "type": "KeyError",
    "message": "'x'",
    "mro": ["KeyError"],
    "link": "raised",
    "points": [["a.py", "f", "x()", 3]],
    "deepest_in_test": False,
    "signature": False,
    "injected": "",
    "refused": "",
}


def line(seq: int, kind: str, key: bytes = KEY, **facts: object) -> bytes:
    body = json.dumps({**facts, "kind": kind, "seq": seq}).encode()
    return b"triage-probe " + blake2b(body, key=key, digest_size=16).hexdigest().encode() + b" " + body + b"\n"


def report(facts: Facts, code: int = 0, **more: object) -> RunReport:
    options: dict[str, object] = {
        "changed_files": (),
        "timed_out": False,
        "flooded": False,
        "seconds": 1.0,
        "output": "",
    }
    return make_report(facts, code=code, **{**options, **more})  # type: ignore[arg-type]


def test_signed_lines_in_order() -> None:
    data = (
        line(0, "started") + line(1, "phase", phase="call", outcome="failed", exceptions=[RAISED]) + line(2, "finished")
    )
    facts = read_facts(data, KEY)
    assert [item["kind"] for item in facts.items] == ["started", "phase", "finished"]
    seen = report(facts)
    assert (seen.phase, seen.outcome, seen.exceptions[0].points[0].qualname) == ("call", "failed", "f")
    assert not seen.killed


def test_forged_and_repeated_lines_are_refused() -> None:
    good = line(0, "started")
    for bad in (
        line(1, "finished", key=b"z" * 32),
        good,
        line(5, "finished"),
        b"triage-probe\n",
        b"\xff\n",
        b"noise\n",
    ):
        facts = read_facts(good + bad, KEY)
        assert len(facts.items) == 1
        assert facts.forged == 1
        assert report(facts).denied == ("the draft wrote to the probe's report channel",)


def test_how_a_process_ended() -> None:
    begun = read_facts(line(0, "started") + line(1, "at", phase="call"), KEY)
    assert report(begun, code=139).trouble == "signal 11"
    assert report(begun, code=139).phase == "call"
    assert report(begun, code=0).killed
    assert report(begun, code=-9, timed_out=True).timed_out
    assert not report(begun, timed_out=True).killed
    assert "32 MB" in report(begun, flooded=True).trouble


def test_the_first_phase_that_did_not_pass_counts() -> None:
    passed = line(0, "phase", phase="setup", outcome="passed", exceptions=[])
    called = line(1, "phase", phase="call", outcome="passed", exceptions=[])
    torn = line(2, "phase", phase="teardown", outcome="failed", exceptions=[RAISED])
    assert report(read_facts(passed + called, KEY)).outcome == "passed"
    assert report(read_facts(passed + called + torn, KEY)).phase == "teardown"


def test_which_functions_ran() -> None:
    data = line(0, "functions", ran=[0, 1], missing=[], count=2) + line(1, "finished")
    assert report(read_facts(data, KEY)).crash_function_ran
    data = line(0, "functions", ran=[0], missing=[1], count=2) + line(1, "finished")
    seen = report(read_facts(data, KEY))
    assert (seen.crash_function_ran, seen.functions_ran, seen.functions_missing) == (False, (0,), (1,))


@given(st.binary(max_size=400))
def test_any_bytes_are_survived(data: bytes) -> None:
    assert not read_facts(data, KEY).items
