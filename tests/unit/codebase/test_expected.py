"""The expected failure: compact, honest about what counts, never from outside the checkout."""

import datetime

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.event import Event, Frame, Raised
from triage.domain.expected import collapse, expected_failure
from triage.domain.verdict import FailurePoint


def located(name: str, line: int = 1, *, inside: bool = True) -> LocatedFrame:
    frame = Frame(f"/app/{name}.py", name, line, context_line=f"    {name}()")
    if not inside:
        return LocatedFrame(frame, None, Match.MISSING)
    return LocatedFrame(frame, f"{name}.py", Match.EXACT, name, line, line, (f"    {name}()  # at the release",), line)


def failing(*frames: LocatedFrame, type: str = "KeyError", module: str | None = None) -> tuple[Event, CodePath]:
    raised = Raised(type, "boom", module, tuple(item.frame for item in frames))
    return Event("e", "t", datetime.datetime.now(datetime.UTC), exceptions=(raised,)), CodePath(frames)


def test_points_are_the_frames_of_the_checkout_with_their_source() -> None:
    found = expected_failure(
        *failing(located("lib", inside=False), located("a"), located("b", 4), located("c", inside=False))
    )
    assert found is not None
    assert found.type == "KeyError"
    assert [(point.path, point.qualname, point.lineno) for point in found.points] == [
        ("a.py", "a", 1),
        ("b.py", "b", 4),
    ]
    assert found.points[1].line == "b()  # at the release"


def test_types_are_qualified_but_for_builtins() -> None:
    assert [
        found.type
        for module in (None, "builtins", "shop.errors")
        if (found := expected_failure(*failing(located("a"), module=module)))
    ] == ["KeyError", "KeyError", "shop.errors.KeyError"]


def test_nothing_of_the_checkout_is_nothing_to_reproduce() -> None:
    assert expected_failure(*failing(located("a", inside=False))) is None
    assert expected_failure(*failing()) is None


def test_the_cause_is_expected_when_the_raised_error_never_touched_the_checkout() -> None:
    inner, outer = located("a"), located("lib", inside=False)
    exceptions = (Raised("KeyError", "x", frames=(inner.frame,)), Raised("Wrapped", "y", "lib", (outer.frame,)))
    event = Event("e", "t", datetime.datetime.now(datetime.UTC), exceptions=exceptions)
    found = expected_failure(event, CodePath((outer,), causes=((inner,),)))
    assert found is not None
    assert found.type == "KeyError"


def test_exceptions_in_a_circle_end() -> None:
    frame = located("a")
    exceptions = tuple(Raised("Group", "x", frames=(frame.frame,), parent=1 - n, is_group=True) for n in range(2))
    event = Event("e", "t", datetime.datetime.now(datetime.UTC), exceptions=exceptions)
    assert expected_failure(event, CodePath((frame,), causes=((frame,),))) is not None


def points(text: str) -> list[FailurePoint]:
    return [FailurePoint("a.py", letter, letter) for letter in text]


def names(found: tuple[FailurePoint, ...]) -> str:
    return "".join(point.qualname for point in found)


def test_cycles_are_written_twice() -> None:
    for text, short, cycle in (
        ("abcd", "abcd", ""),
        ("abbc", "abbc", ""),
        ("a" + "b" * 900 + "c", "abbc", "b"),
        ("x" + "abc" * 300 + "ab" + "z", "xabcabcabz", "abc"),
        ("ab" * 50 + "q" + "cd" * 5, "ababqcdcd", "ab"),
    ):
        kept, found = collapse(points(text))
        assert (names(kept), names(found)) == (short, cycle)


@given(st.text(alphabet="abc", max_size=300))
def test_the_ends_of_a_stack_always_stay(text: str) -> None:
    kept, _ = collapse(points(text))
    assert len(kept) <= 60
    assert names(kept)[:1] == text[:1]
    assert names(kept)[-1:] == text[-1:]
