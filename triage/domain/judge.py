"""Says what one run of a draft proves; rules of DESIGN section 3, on the probe's facts alone."""

import builtins
import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.domain.verdict import ExpectedFailure, FailurePoint, RunReport, SeenException, Verdict

_COMPREHENSIONS = frozenset({"<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"})
_ASSERTIONS = frozenset({"AssertionError", "_pytest.outcomes.Failed", "Failed"})
_SYNTAX = frozenset({"SyntaxError", "IndentationError", "TabError"})
_RECURSION_TAIL = 60


@dataclass(frozen=True, slots=True)
class Judgement:
    """`frames_matched` counts the points, from the crash outward, that are as in production.

    `message_same` compares messages with numbers, paths and quoted values masked; None without
    one to compare. `notes` qualify the verdict and belong beside it.
    """

    verdict: Verdict
    why: str
    frames_matched: int = 0
    message_same: bool | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Comparison:
    """How one seen exception compares with the expected one."""

    type_same: bool
    frames_matched: int
    frames_same: bool
    why: str
    message_same: bool | None
    notes: tuple[str, ...] = ()

    @property
    def same(self) -> bool:
        return self.type_same and self.frames_same


def judge_before(expected: ExpectedFailure | None, report: RunReport) -> Judgement:
    """The verdict of a run on the code that still has the bug. Without `expected` nothing reproduces."""
    if early := _unfit(report):
        return early
    if report.outcome == "passed":
        reached = "" if not report.crash_function_ran else ", though the crash function ran"
        return Judgement(
            Verdict.PASSED, f"the test passed: it does not bring the failure about{reached}", notes=report.notes
        )
    if report.outcome == "skipped":
        return Judgement(Verdict.PASSED, "the test was skipped or is marked as expected to fail", notes=report.notes)
    if not report.exceptions:
        return Judgement(
            Verdict.SETUP_ERROR, f"the test failed in {report.phase or 'an unknown phase'} without an exception"
        )
    return _judge_failure(expected, report)


def judge_after(expected: ExpectedFailure | None, report: RunReport, mended: Sequence[str] = ()) -> Judgement:
    """The verdict of a run on the code with the fix: PASSES, STILL_SAME, FAILS_OTHER, VACUOUS,
    or what kept the run from counting. `mended` names functions that the fix changed and that ran."""
    early = _unfit(report)
    if early:
        return early
    if report.outcome == "passed":
        return _judge_pass(expected, report, mended)
    if report.outcome == "skipped":
        return Judgement(
            Verdict.FAILS_OTHER, "the test was skipped or is marked as expected to fail, which proves nothing"
        )
    before = _judge_failure(expected, report) if report.exceptions else None
    if before is not None and before.verdict in (Verdict.REPRODUCED, Verdict.CHAIN_ONLY):
        return Judgement(
            Verdict.STILL_SAME, f"still fails the same way: {before.why}", before.frames_matched, before.message_same
        )
    if before is not None and before.verdict is Verdict.DENIED:
        return before
    what = _shown(report.exceptions[0]) if report.exceptions else f"in {report.phase}"
    return Judgement(Verdict.FAILS_OTHER, f"fails in another way: {what}", notes=report.notes)


def _unfit(report: RunReport) -> Judgement | None:
    """The runs that prove nothing either way, most serious first."""
    if report.tampered:
        return Judgement(Verdict.DENIED, f"the draft tampers with its judge: {'; '.join(report.tampered[:3])}")
    changed = ", ".join(report.changed_files[:5])
    if report.changed_files:
        return Judgement(Verdict.DENIED, f"the run changed more than its own test file: {changed}")
    if report.timed_out:
        return Judgement(Verdict.TIMEOUT, f"stopped after {report.seconds:.0f} s in {report.phase or 'collection'}")
    if report.foreign_modules:
        return Judgement(
            Verdict.COLLECT_ERROR,
            f"the code under test did not come from the worktree: {', '.join(report.foreign_modules[:3])}",
        )
    if report.killed:
        return Judgement(
            Verdict.KILLED, f"the process ended in {report.phase or 'collection'}: {report.trouble or 'no word why'}"
        )
    first = report.exceptions[0] if report.exceptions else None
    if report.phase in ("", "collect"):
        if first is not None and first.type in _SYNTAX and first.link == "raised" and report.trouble == "syntax":
            return Judgement(Verdict.SYNTAX, f"the test file does not parse: {_first_line(first.message)}")
        what = report.trouble or (_shown(first) if first else "no test was collected")
        return Judgement(Verdict.COLLECT_ERROR, f"the test could not be collected: {what}")
    if report.denied:
        return Judgement(Verdict.DENIED, f"the sandbox refused: {'; '.join(report.denied[:3])}")
    if report.phase == "setup":
        what = _shown(first) if first else report.trouble or report.outcome
        return Judgement(Verdict.SETUP_ERROR, f"a fixture or the set-up of the test failed: {what}")
    return None


def _judge_failure(expected: ExpectedFailure | None, report: RunReport) -> Judgement:
    raised = report.exceptions[0]
    if raised.refused:
        return Judgement(Verdict.DENIED, f"the sandbox refused: {raised.refused}")
    if report.phase == "teardown":
        return Judgement(Verdict.SETUP_ERROR, f"the test passed and its tear-down failed: {_shown(raised)}")
    if expected is None:
        return Judgement(Verdict.WRONG_FRAME, f"{_shown(raised)}; nothing in the checkout to compare it with")
    compared = _compare(expected, raised)
    if compared.same:
        return _reproduced(expected, compared, raised, report)
    for leaf in (item for item in report.exceptions[1:] if item.link == "group"):
        if (found := _best(expected, leaf)) and found.same:
            return _reproduced(expected, found, leaf, report, f"inside {_short_type(raised.type)}")
    for other in expected.alternatives:
        if _is_group(other.type) and not _is_group(expected.type):
            continue  # what wraps the failure: any failure of a member looks like this
        found = _compare(other, raised)
        if found.same and other.link != "chain":
            return _reproduced(other, found, raised, report)
        if found.same:
            why = f"only the cause was raised ({_shown(raised)}), not {_short_type(expected.type)}"
            return Judgement(Verdict.WRONG_TYPE, why, found.frames_matched, found.message_same)
    if raised.signature:
        return Judgement(Verdict.SIGNATURE, f"the call itself was wrong: {_first_line(raised.message)}")
    for item in report.exceptions[1:]:
        if item.link in ("cause", "context") and (found := _best(expected, item)) and found.same:
            why = f"{_short_type(item.type)} appears only as {item.link} of {_short_type(raised.type)}"
            return Judgement(Verdict.CHAIN_ONLY, why, found.frames_matched, found.message_same)
    if _is_assertion(raised) and not raised.points:
        return Judgement(Verdict.ASSERT_ONLY, f"the test's own assertion failed: {_first_line(raised.message)}")
    if not compared.type_same:
        why = f"raised {_shown(raised)}, production raised {expected.type}"
        if expected.type in raised.mro:
            why += f" (a base class of {_short_type(raised.type)})"
        return Judgement(Verdict.WRONG_TYPE, why, compared.frames_matched, compared.message_same)
    return Judgement(Verdict.WRONG_FRAME, compared.why, compared.frames_matched, compared.message_same)


def _best(expected: ExpectedFailure, seen: SeenException) -> _Comparison:
    """The comparison with the expected failure or, if better, with an alternative that counts."""
    found = [
        _compare(item, seen)
        for item in (expected, *expected.alternatives)
        if item is expected or (item.link != "chain" and not _is_group(item.type))
    ]
    return max(found, key=lambda item: (item.same, item.type_same, item.frames_matched))


def _reproduced(
    expected: ExpectedFailure, compared: _Comparison, raised: SeenException, report: RunReport, where: str = ""
) -> Judgement:
    if raised.refused:
        return Judgement(Verdict.DENIED, f"the sandbox refused: {raised.refused}")
    if raised.forged:
        why = f"looks like production's error, but {raised.forged}"
        return Judgement(Verdict.WRONG_FRAME, why, compared.frames_matched, compared.message_same)
    notes = (*compared.notes, *report.notes)
    if raised.injected:
        culprit = {"mock": "a mock", "test": "the draft's own code"}.get(raised.injected, raised.injected)
        if not expected.raised_outside:
            why = f"{culprit} raised it below {_place(raised.points[-1])}, where production raised it itself"
            return Judgement(Verdict.WRONG_FRAME, why, compared.frames_matched, compared.message_same)
        notes = (*notes, f"{culprit} stands in for the library that raised it in production")
    why = f"{_short_type(raised.type)} in {_place(raised.points[-1])}" + (f", {where}" if where else "")
    if len(expected.points) > 1:
        why += f", {compared.frames_matched} frames as in production"
    if compared.message_same is False:
        notes = (*notes, f"the message differs: {_first_line(raised.message)!r}")
    return Judgement(Verdict.REPRODUCED, why, compared.frames_matched, compared.message_same, notes)


def _judge_pass(expected: ExpectedFailure | None, report: RunReport, mended: Sequence[str]) -> Judgement:
    """PASSES when the crash function ran. Where the fix keeps it from being reached, the code that does so
    must have run: the fix's own, or, where the crash function is gone, what called it."""
    if expected is None or report.crash_function_ran:
        return Judgement(Verdict.PASSES, "passes, and the crash function ran", notes=report.notes)
    crash = expected.points[-1]
    last = len(expected.points) - 1
    ran = [index for index in report.functions_ran if index != last]
    there = [index for index in range(last) if index not in report.functions_missing]
    if last in report.functions_missing:
        if not there and not ran:
            return Judgement(Verdict.VACUOUS, "passes, but none of the crash's functions exist any more")
        if there and there[-1] in ran:
            caller = expected.points[there[-1]]
            why = f"passes, and {caller.qualname} ran, which called it; {crash.qualname} is gone after the fix"
            return Judgement(Verdict.PASSES, why, notes=report.notes)
    elif mended and (ran or last == 0):
        names = ", ".join(mended[:3])
        why = f"passes, and the fix ran ({names}): with this input {crash.qualname} is not reached any more"
        return Judgement(Verdict.PASSES, why, notes=report.notes)
    return Judgement(Verdict.VACUOUS, f"passes without running {crash.qualname} in {crash.path}", notes=report.notes)


def _compare(expected: ExpectedFailure, seen: SeenException) -> _Comparison:
    type_same, type_note = _same_type(expected.type, seen.type)
    message_same = _same_message(expected.message, seen.message)
    if "RecursionError" in (_short_type(expected.type), _short_type(seen.type)) and type_same:
        matched, why = _same_recursion(expected.points, seen.points)
        return _Comparison(type_same, matched, not why, why, message_same, type_note)
    wanted, found = _folded(expected.points), _folded(seen.points)
    matched, notes = 0, list(type_note)
    for want, have in zip(reversed(wanted), reversed(found), strict=False):
        if not _same_function(want, have) or (matched == 0 and not _same_line(want, have)):
            break
        if not _same_line(want, have):
            notes.append(f"{want.qualname} is called from another line: {have.line[:80]!r}")
        matched += 1
    needed = min(len(wanted), 2)
    return _Comparison(
        type_same, matched, matched >= needed, _why_not(wanted, found, matched, seen), message_same, tuple(notes)
    )


def _why_not(wanted: Sequence[FailurePoint], found: Sequence[FailurePoint], matched: int, seen: SeenException) -> str:
    what = _short_type(seen.type)
    if not found:
        where = "in the test itself" if seen.deepest_in_test else "without running the repo's code"
        return f"{what} was raised {where}, production failed in {_place(wanted[-1])}"
    if matched == 0:
        if _same_function(wanted[-1], found[-1]):
            return (
                f"{what} in {wanted[-1].qualname}, but at {found[-1].line[:80]!r} instead of {wanted[-1].line[:80]!r}"
            )
        return f"{what} in {_place(found[-1])}, production failed in {_place(wanted[-1])}"
    caller = wanted[-2] if len(wanted) > 1 else wanted[-1]
    how = f"through {_place(found[-2])}" if len(found) > 1 else "straight from the test"
    return f"{what} in {_place(found[-1])}, but reached {how}; production came through {_place(caller)}"


def _same_recursion(wanted: Sequence[FailurePoint], found: Sequence[FailurePoint]) -> tuple[int, str]:
    """Where a recursion hits the limit depends on the depth of its start: compare what recurses."""
    if not found:
        return 0, "the recursion did not run through the repo's code"
    cycle = {(item.path, function_name(item.qualname)) for item in wanted}
    seen = [(item.path, function_name(item.qualname)) for item in found[-_RECURSION_TAIL:]]
    recurring = {item for item in seen if seen.count(item) > 1}
    common = cycle & recurring
    if not recurring:
        return 0, f"nothing of the repo recurses in this run, it ended in {_place(found[-1])}"
    if not common:
        return 0, f"another recursion: through {', '.join(sorted(name for _, name in recurring)[:3])}"
    if found[-1].path not in {path for path, _ in cycle}:
        return len(common), f"the recursion ended in {_place(found[-1])}, a file that production's did not run"
    return len(common), ""


def _folded(points: Sequence[FailurePoint]) -> list[FailurePoint]:
    """Points with comprehensions as part of their function; Python 3.12 gives those no frame."""
    kept: list[FailurePoint] = []
    for item in points:
        if kept and item.qualname.rsplit(".", 1)[-1] in _COMPREHENSIONS and _same_function(kept[-1], item):
            kept.pop()
        kept.append(item)
    return kept


def function_name(qualname: str) -> str:
    """A qualified name without `<locals>` and without trailing comprehensions."""
    parts = [part for part in qualname.split(".") if part != "<locals>"]
    while len(parts) > 1 and parts[-1] in _COMPREHENSIONS:
        parts.pop()
    return ".".join(parts)


def _same_function(left: FailurePoint, right: FailurePoint) -> bool:
    """Same file and function; a bare name (events of old Pythons) matches the qualified one's end."""
    if left.path != right.path:
        return False
    a, b = function_name(left.qualname), function_name(right.qualname)
    return a == b or ("." not in a and b.endswith("." + a)) or ("." not in b and a.endswith("." + b))


def _same_line(left: FailurePoint, right: FailurePoint) -> bool:
    """Same source text; where one side has no text, the same line number."""
    if left.line and right.line:
        return _squeezed(left.line) == _squeezed(right.line)
    return left.lineno is not None and left.lineno == right.lineno


def _squeezed(line: str) -> str:
    return re.sub(r"\s+", " ", line).strip()


def _same_type(expected: str, seen: str) -> tuple[bool, tuple[str, ...]]:
    """Qualified types are the same, or one is the other seen from another import root."""
    if expected == seen:
        return True, ()
    wanted, found = expected.split("."), seen.split(".")
    if wanted[-1] != found[-1]:
        return False, ()
    if wanted[0] == "__main__" or (len(wanted) == 1 and len(found) > 1 and expected not in _BUILTIN_ERRORS):
        return True, (f"production names the type {expected}, the run {seen}",)
    short, long = sorted((wanted, found), key=len)
    if len(short) > 1 and long[-len(short) :] == short:
        return True, (f"production names the type {expected}, the run {seen}",)
    return False, ()


_BUILTIN_ERRORS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, BaseException)
)


def _same_message(expected: str, seen: str) -> bool | None:
    if not expected:
        return None
    return _masked(expected) == _masked(seen)


def _masked(message: str) -> str:
    """A message with what varies between runs taken out: quoted values, paths, ids, numbers."""
    text = message[:2000]
    text = re.sub(r"(?s)'[^']*'|\"[^\"]*\"", "<value>", text)
    text = re.sub(r"(?:[\w.-]*/)+[\w.-]+", "<path>", text)
    text = re.sub(r"\b0x[0-9a-fA-F]+\b|\b[0-9a-fA-F]{8,}\b", "<id>", text)
    text = re.sub(r"\d+(?:\.\d+)?", "<n>", text)
    return re.sub(r"\s+", " ", text).strip()


def _is_assertion(seen: SeenException) -> bool:
    return seen.type in _ASSERTIONS or "AssertionError" in seen.mro


def _is_group(name: str) -> bool:
    return _short_type(name).endswith("ExceptionGroup")


def _short_type(name: str) -> str:
    return name.rsplit(".", 1)[-1]


def _shown(seen: SeenException) -> str:
    first = _first_line(seen.message)
    return f"{seen.type}: {first}" if first else seen.type


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0][:200]


def _place(point: FailurePoint) -> str:
    return f"{point.qualname} ({point.path})"
