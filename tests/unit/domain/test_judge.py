"""What one run proves: the rules, on facts alone."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.judge import judge_after, judge_before
from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, SeenException, Verdict

CRASH = FailurePoint("shop/prices.py", "price_of", 'return PRICES[item["name"]]', 12)
CALLER = FailurePoint("shop/cart.py", "Cart.total", "return price_of(item)", 30)
OUTER = FailurePoint("shop/api.py", "checkout", "return cart.total()", 7)
EXPECTED = ExpectedFailure("KeyError", "'coffee'", (OUTER, CALLER, CRASH))


def seen(*points: FailurePoint, type: str = "KeyError", message: str = "'tea'", **more: object) -> SeenException:
    return SeenException(type, message, points or EXPECTED.points, **more)  # type: ignore[arg-type]


def failed(*exceptions: SeenException, **more: object) -> RunReport:
    return RunReport("call", "failed", exceptions, **more)  # type: ignore[arg-type]


PASSED = RunReport("call", "passed", crash_function_ran=True)


def before(report: RunReport, expected: ExpectedFailure | None = EXPECTED) -> Verdict:
    return judge_before(expected, report).verdict


def after(report: RunReport, expected: ExpectedFailure | None = EXPECTED) -> Verdict:
    return judge_after(expected, report).verdict


def test_the_same_failure() -> None:
    judged = judge_before(EXPECTED, failed(seen()))
    assert judged.verdict is Verdict.REPRODUCED
    assert judged.frames_matched == 3
    assert judged.message_same is True


def test_line_numbers_and_spacing_do_not_matter() -> None:
    moved = replace(CRASH, lineno=99, line='return  PRICES[item["name"]]  ')
    assert before(failed(seen(CALLER, moved))) is Verdict.REPRODUCED


def test_another_line_of_the_same_function_is_another_failure() -> None:
    other = replace(CRASH, line='return ALIASES[item["name"]]')
    judged = judge_before(EXPECTED, failed(seen(CALLER, other)))
    assert judged.verdict is Verdict.WRONG_FRAME
    assert "ALIASES" in judged.why


def test_without_source_text_the_line_number_decides() -> None:
    blank = replace(EXPECTED, points=(CALLER, replace(CRASH, line="")))
    assert before(failed(seen(CALLER, CRASH)), blank) is Verdict.REPRODUCED
    assert before(failed(seen(CALLER, replace(CRASH, lineno=13))), blank) is Verdict.WRONG_FRAME


@pytest.mark.parametrize(
    "points",
    [
        pytest.param((CRASH,), id="called straight from the test"),
        pytest.param((replace(CALLER, qualname="Cart.other"), CRASH), id="through another caller"),
        pytest.param((CALLER, CRASH, FailurePoint("shop/db.py", "get", "x", 1)), id="failed deeper"),
        pytest.param((OUTER, CALLER), id="failed earlier"),
        pytest.param((CALLER, replace(CRASH, path="lib/prices.py")), id="same name in another file"),
    ],
)
def test_frames_that_differ(points: tuple[FailurePoint, ...]) -> None:
    assert before(failed(seen(*points))) is Verdict.WRONG_FRAME


def test_one_caller_is_enough_and_a_lone_frame_needs_none() -> None:
    assert before(failed(seen(CALLER, CRASH))) is Verdict.REPRODUCED
    alone = replace(EXPECTED, points=(CRASH,))
    assert before(failed(seen(CRASH)), alone) is Verdict.REPRODUCED
    assert before(failed(seen(CALLER, CRASH)), alone) is Verdict.REPRODUCED


def test_a_caller_reached_from_another_line_is_noted() -> None:
    judged = judge_before(EXPECTED, failed(seen(replace(CALLER, line="yield price_of(item)"), CRASH)))
    assert judged.verdict is Verdict.REPRODUCED
    assert any("called from another line" in note for note in judged.notes)


def test_comprehensions_are_part_of_their_function() -> None:
    """Python 3.12 gives list comprehensions no frame of their own."""
    inner = replace(CALLER, qualname="Cart.total.<locals>.<listcomp>")
    old = replace(EXPECTED, points=(OUTER, CALLER, inner, CRASH))
    assert before(failed(seen(OUTER, CALLER, CRASH)), old) is Verdict.REPRODUCED
    assert before(failed(seen(OUTER, CALLER, inner, CRASH))) is Verdict.REPRODUCED


def test_bare_function_names_of_old_pythons_match() -> None:
    old = replace(EXPECTED, points=(replace(CALLER, qualname="total"), CRASH))
    assert before(failed(seen(CALLER, CRASH)), old) is Verdict.REPRODUCED


@pytest.mark.parametrize(
    ("expected", "raised", "verdict"),
    [
        ("KeyError", "LookupError", Verdict.WRONG_TYPE),
        ("shop.errors.OutOfStock", "shop.errors.OutOfStock", Verdict.REPRODUCED),
        ("shop.errors.OutOfStock", "other.errors.OutOfStock", Verdict.WRONG_TYPE),
        ("src.shop.errors.OutOfStock", "shop.errors.OutOfStock", Verdict.REPRODUCED),
        ("__main__.OutOfStock", "shop.app.OutOfStock", Verdict.REPRODUCED),
        ("OutOfStock", "shop.errors.OutOfStock", Verdict.REPRODUCED),
        ("KeyError", "shop.errors.KeyError", Verdict.WRONG_TYPE),
        ("json.decoder.JSONDecodeError", "ValueError", Verdict.WRONG_TYPE),
    ],
)
def test_types(expected: str, raised: str, verdict: Verdict) -> None:
    assert before(failed(seen(type=raised)), replace(EXPECTED, type=expected)) is verdict


def test_a_subclass_is_another_type_and_says_so() -> None:
    judged = judge_before(EXPECTED, failed(seen(type="shop.errors.NoPrice", mro=("shop.errors.NoPrice", "KeyError"))))
    assert judged.verdict is Verdict.WRONG_TYPE
    assert "base class" in judged.why


@pytest.mark.parametrize(
    ("expected", "raised", "same"),
    [
        ("'coffee'", "'tea'", True),
        ("no row 17 in /srv/app/data.db", "no row 4 in /tmp/x/y.db", True),
        ("<Cart object at 0x7f001122>", "<Cart object at 0x55aa>", True),
        ("division by zero", "float division by zero", False),
        ("", "whatever", None),
    ],
)
def test_messages_are_compared_and_never_decide(expected: str, raised: str, same: bool | None) -> None:
    judged = judge_before(replace(EXPECTED, message=expected), failed(seen(message=raised)))
    assert judged.verdict is Verdict.REPRODUCED
    assert judged.message_same is same
    assert any("message differs" in note for note in judged.notes) is (same is False)


def test_the_error_only_as_cause() -> None:
    outer = seen(OUTER, type="ValueError")
    for link in ("cause", "context"):
        judged = judge_before(EXPECTED, failed(outer, seen(link=link)))
        assert judged.verdict is Verdict.CHAIN_ONLY
        assert link in judged.why


def test_a_leaf_of_a_group_counts() -> None:
    group = seen(OUTER, type="ExceptionGroup")
    assert before(failed(group, seen(link="group"))) is Verdict.REPRODUCED
    whole = ExpectedFailure("ExceptionGroup", "", (OUTER,), alternatives=(EXPECTED,))
    assert before(failed(seen()), whole) is Verdict.REPRODUCED


def test_the_cause_alone_is_not_the_failure() -> None:
    wrapped = ExpectedFailure("ValueError", "bad", (OUTER,), alternatives=(replace(EXPECTED, link="chain"),))
    judged = judge_before(wrapped, failed(seen()))
    assert judged.verdict is Verdict.WRONG_TYPE
    assert "only the cause" in judged.why


@pytest.mark.parametrize("injected", ["test", "mock"])
def test_what_the_draft_itself_raises_counts_only_in_place_of_a_library(injected: str) -> None:
    report = failed(seen(injected=injected))
    assert before(report) is Verdict.WRONG_FRAME
    assert before(report, replace(EXPECTED, raised_outside=False)) is Verdict.WRONG_FRAME
    judged = judge_before(replace(EXPECTED, raised_outside=True), report)
    assert judged.verdict is Verdict.REPRODUCED
    assert any("stands in" in note for note in judged.notes)


def points(*names: str) -> tuple[FailurePoint, ...]:
    return tuple(FailurePoint("shop/tree.py", name, f"return {name}()", 1) for name in names)


def test_recursion_is_compared_by_what_recurses() -> None:
    deep = ExpectedFailure("RecursionError", "maximum recursion depth", points("run", "walk", "visit", "walk", "visit"))

    def ending(*names: str) -> Verdict:
        return before(failed(seen(*points(*names), type="RecursionError")), deep)

    assert ending("run", *["walk", "visit"] * 40, "walk", "leave") is Verdict.REPRODUCED
    assert ending("run", *["walk", "visit"] * 40, "walk") is Verdict.REPRODUCED
    assert ending("run", *["climb"] * 80) is Verdict.WRONG_FRAME
    assert ending("run", "walk", "visit") is Verdict.WRONG_FRAME
    other = (*points(*["walk", "visit"] * 40), FailurePoint("shop/other.py", "helper", "x", 1))
    assert before(failed(seen(*other, type="RecursionError")), deep) is Verdict.WRONG_FRAME


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (RunReport("collect", "none", (seen(type="SyntaxError"),), trouble="syntax"), Verdict.SYNTAX),
        (RunReport("collect", "none", (seen(type="SyntaxError"),)), Verdict.COLLECT_ERROR),
        (RunReport("collect", "none", (seen(type="ImportError"),)), Verdict.COLLECT_ERROR),
        (RunReport("", "none", trouble="pytest is not installed"), Verdict.COLLECT_ERROR),
        (RunReport("setup", "failed", (seen(),)), Verdict.SETUP_ERROR),
        (RunReport("setup", "skipped", (seen(),)), Verdict.SETUP_ERROR),
        (RunReport("teardown", "failed", (seen(),)), Verdict.SETUP_ERROR),
        (RunReport("call", "skipped"), Verdict.PASSED),
        (PASSED, Verdict.PASSED),
        (failed(seen(CRASH, type="TypeError", signature=True, deepest_in_test=True)), Verdict.SIGNATURE),
        (failed(SeenException("AssertionError", "assert 1 == 2", (), deepest_in_test=True)), Verdict.ASSERT_ONLY),
        (failed(SeenException("_pytest.outcomes.Failed", "DID NOT RAISE", ())), Verdict.ASSERT_ONLY),
        (failed(SeenException("KeyError", "'x'", (), deepest_in_test=True)), Verdict.WRONG_FRAME),
        (failed(seen(), denied=("connect to 10.0.0.1",)), Verdict.DENIED),
        (failed(seen(refused="write /etc/x: read-only")), Verdict.DENIED),
        (failed(seen(), changed_files=("conftest.py",)), Verdict.DENIED),
        (failed(seen(), foreign_modules=("shop (/venv/shop.py)",)), Verdict.COLLECT_ERROR),
        (RunReport("call", "none", timed_out=True), Verdict.TIMEOUT),
        (RunReport("call", "none", killed=True), Verdict.KILLED),
    ],
)
def test_runs_that_prove_nothing(report: RunReport, verdict: Verdict) -> None:
    assert before(report) is verdict
    if verdict not in (Verdict.PASSED,):
        assert after(report) is not Verdict.PASSES


def test_without_anything_expected_nothing_reproduces() -> None:
    assert before(failed(seen()), None) is Verdict.WRONG_FRAME


def test_after_the_fix() -> None:
    assert after(PASSED) is Verdict.PASSES
    assert after(failed(seen())) is Verdict.STILL_SAME
    assert after(failed(seen(OUTER, type="ValueError"))) is Verdict.FAILS_OTHER
    assert after(failed(seen(OUTER, type="ValueError"), seen(link="cause"))) is Verdict.STILL_SAME
    assert after(RunReport("call", "skipped")) is Verdict.FAILS_OTHER
    assert after(RunReport("call", "passed")) is Verdict.VACUOUS
    assert after(RunReport("setup", "failed", (seen(),))) is Verdict.SETUP_ERROR


def test_a_crash_function_that_the_fix_removed() -> None:
    gone = RunReport("call", "passed", functions_missing=(2,))
    assert after(gone) is Verdict.VACUOUS
    assert after(replace(gone, functions_ran=(0,))) is Verdict.VACUOUS
    judged = judge_after(EXPECTED, replace(gone, functions_ran=(0, 1)))
    assert judged.verdict is Verdict.PASSES
    assert "is gone after the fix" in judged.why


def test_a_crash_function_that_is_not_reached_any_more() -> None:
    stopped = RunReport("call", "passed", functions_ran=(0, 1))
    assert after(stopped) is Verdict.VACUOUS
    judged = judge_after(EXPECTED, stopped, mended=("Cart.total",))
    assert judged.verdict is Verdict.PASSES
    assert "the fix ran (Cart.total)" in judged.why
    assert judge_after(EXPECTED, RunReport("call", "passed"), mended=("other",)).verdict is Verdict.VACUOUS
    lone = replace(EXPECTED, points=(CRASH,))
    assert after(RunReport("call", "passed"), lone) is Verdict.VACUOUS
    assert judge_after(lone, RunReport("call", "passed"), mended=("Plugin.register",)).verdict is Verdict.PASSES


def test_a_group_around_another_failure_is_not_the_failure() -> None:
    wrapping = ExpectedFailure("ExceptionGroup", "1 sub-exception", (OUTER,), link="group")
    grouped = replace(EXPECTED, alternatives=(wrapping,))
    group = SeenException("ExceptionGroup", "1 sub-exception", (OUTER,))
    stray = SeenException("KeyError", "'x'", (), "group", deepest_in_test=True)
    assert before(failed(group, stray), grouped) is not Verdict.REPRODUCED
    assert before(failed(group, seen(link="group")), grouped) is Verdict.REPRODUCED
    assert before(failed(group), replace(wrapping, alternatives=(EXPECTED,))) is Verdict.REPRODUCED


def test_frames_that_are_not_believed() -> None:
    judged = judge_before(EXPECTED, failed(seen(forged="it was never seen leaving price_of")))
    assert judged.verdict is Verdict.WRONG_FRAME
    assert "never seen leaving" in judged.why
    assert before(failed(seen(), tampered=("searches memory",))) is Verdict.DENIED
    assert before(failed(seen(injected="C code in place of int"))) is Verdict.WRONG_FRAME


FRAMES = st.builds(
    FailurePoint,
    st.sampled_from(["a.py", "b.py"]),
    st.sampled_from(["f", "g", "C.f", "f.<locals>.<listcomp>"]),
    st.sampled_from(["x()", "y()", ""]),
    st.integers(1, 3),
)
STACKS = st.lists(FRAMES, min_size=1, max_size=5).map(tuple)


@given(stack=STACKS)
def test_every_failure_reproduces_itself(stack: tuple[FailurePoint, ...]) -> None:
    assert before(failed(seen(*stack)), ExpectedFailure("KeyError", "", stack)) is Verdict.REPRODUCED


@given(wanted=STACKS, found=STACKS, type=st.sampled_from(["KeyError", "ValueError", "RecursionError"]))
def test_reproduced_only_with_same_type_file_and_function(
    wanted: tuple[FailurePoint, ...], found: tuple[FailurePoint, ...], type: str
) -> None:
    if before(failed(seen(*found, type=type)), ExpectedFailure("KeyError", "", wanted)) is Verdict.REPRODUCED:
        assert type == "KeyError"
        assert found[-1].path == wanted[-1].path
        assert found[-1].qualname.split(".<")[0].split(".")[-1] == wanted[-1].qualname.split(".<")[0].split(".")[-1]
