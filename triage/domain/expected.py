"""The failure production saw, as a draft must make it happen again."""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import replace

from triage.domain.code_path import CodePath, LocatedFrame
from triage.domain.event import Event, Link, Raised
from triage.domain.verdict import ExpectedFailure, FailurePoint

_LONGEST_CYCLE = 24
_MAX_POINTS = 60


def expected_failure(event: Event, code_path: CodePath) -> ExpectedFailure | None:
    """What must fail, how and where; None when no frame of the event lies in the checkout.

    The exception to reproduce is the one the stack is read by (`Event.crash`); when none of its
    frames lies in the checkout, the nearest other exception that has one. The others that lie
    in the checkout are the alternatives: a group's leaves and the causes of a chain. For a
    RecursionError, whose last frame is an accident of the depth, so is the same stack cut at
    each other call of the cycle.
    """
    crash = event.crash
    if crash is None:
        return None
    index = next(position for position, item in enumerate(event.exceptions) if item is crash)
    others = [item for position, item in enumerate(event.exceptions) if position != index]
    laid = [(crash, code_path.frames), *zip(reversed(others), reversed(code_path.causes), strict=False)]
    failures = []
    for raised, frames in laid:
        failures += _failures(raised, frames)
    unique = list({(item.type, item.points): item for item in reversed(failures)}.values())[::-1]
    if not unique:
        return None
    first = unique[0]
    return replace(first, alternatives=tuple(unique[1:]))


def _failures(raised: Raised, frames: Sequence[LocatedFrame]) -> list[ExpectedFailure]:
    """The failure itself, then the other ends a recursion may have; nothing outside the checkout."""
    if raised.is_group and not frames:
        return []
    points = [point_of(item) for item in frames if item.in_checkout]
    if not points:
        return []
    short, cycle = collapse(points)
    link = "group" if raised.link is Link.GROUP or raised.is_group else "chain"
    outside = not frames[-1].in_checkout or _raised_by_c_code(raised, frames)
    found = [ExpectedFailure(raised.qualified, raised.value, short, raised_outside=outside, link=link)]
    if raised.type == "RecursionError":
        for place in range(1, len(cycle)):
            turned = (*cycle[place:], *cycle[:place])
            found.append(ExpectedFailure(raised.qualified, raised.value, turned, link="recursion"))
        if cycle and cycle != short[-len(cycle) :]:
            found.append(ExpectedFailure(raised.qualified, raised.value, cycle, link="recursion"))
    return found


def _raised_by_c_code(raised: Raised, frames: Sequence[LocatedFrame]) -> bool:
    """Whether code without frames (a C extension, the system) raised it in the last frame's line.

    True for a type of another package, or of the system's errors, where the line raises nothing.
    """
    if point_of(frames[-1]).line.startswith("raise"):
        return False
    if raised.module in (None, "", "builtins"):
        return raised.type in _SYSTEM_ERRORS
    own = {(item.frame.module or "").split(".")[0] for item in frames if item.in_checkout}
    top = str(raised.module).split(".")[0]
    return top not in own and top != "__main__"


_SYSTEM_ERRORS = frozenset(
    name for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, OSError)
)


def point_of(item: LocatedFrame) -> FailurePoint:
    """A located frame as a point; the line is the source at the release, else as sent."""
    line = item.frame.context_line or ""
    if item.release_line is not None:
        index = item.release_line - item.excerpt_start
        if 0 <= index < len(item.excerpt):
            line = item.excerpt[index]
    return FailurePoint(item.path or "", item.qualname or item.frame.function, line.strip(), item.release_line)


def collapse(points: Sequence[FailurePoint]) -> tuple[tuple[FailurePoint, ...], tuple[FailurePoint, ...]]:
    """The points with repeated calls written twice, and the cycle that repeats most.

    A recursion of 1,000 frames becomes its way in, two rounds, and its way out.
    """
    kept: list[FailurePoint] = []
    cycle: tuple[FailurePoint, ...] = ()
    most = 0
    position = 0
    while position < len(points):
        length, rounds = _repeat(points, position)
        if rounds > 2:
            block = tuple(points[position : position + length])
            kept += [*block, *block]
            if length * rounds > most:
                most, cycle = length * rounds, block
            position += length * rounds
        else:
            kept.append(points[position])
            position += 1
    if len(kept) > _MAX_POINTS:
        kept = [*kept[: _MAX_POINTS // 2], *kept[-_MAX_POINTS // 2 :]]
    return tuple(kept), cycle


def _repeat(points: Sequence[FailurePoint], start: int) -> tuple[int, int]:
    """The shortest block at `start` that is repeated at once, and how often it stands there."""
    for length in range(1, min(_LONGEST_CYCLE, (len(points) - start) // 2) + 1):
        block = points[start : start + length]
        rounds = 1
        while _same(points[start + rounds * length : start + (rounds + 1) * length], block):
            rounds += 1
        if rounds > 2:
            return length, rounds
    return 1, 1


def _same(left: Iterable[FailurePoint], right: Sequence[FailurePoint]) -> bool:
    return list(left) == list(right)
