"""How complete the captured inputs of an event are; never guessed upward."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice

from triage.domain.capture import CapturedFrame, captured_frames
from triage.domain.event import Event, Frame, Json

# What sentry-sdk sends by itself (protocols.md, 2.3): 10 locals a frame, 10 items a container.
MOST_LOCALS = 10
MOST_ITEMS = 10
MOST_NAMED = 40
_FILTERED = ("[Filtered]", "[Filtered]'", "[REDACTED]", "********")
_OPAQUE = re.compile(r"<(?:[\w.<>]+ object at 0x[0-9a-fA-F]+|broken repr.*|_io\..*)>", re.DOTALL)


class Fidelity(StrEnum):
    """FULL: typed values from our capture hook. TRIMMED: some were cut. REPR_ONLY: reprs
    (what the SDK sends by itself). STACK_ONLY: no values at all."""

    FULL = "full"
    TRIMMED = "trimmed"
    REPR_ONLY = "repr only"
    STACK_ONLY = "stack only"


def grade(event: Event) -> tuple[Fidelity, tuple[str, ...]]:
    """The event's fidelity, and what is missing, by name and with the reason.

    Judged by the frames of the code itself (in-app ones, else all) of the crash. Values of our
    capture hook are full when every argument of those frames is there; the SDK's reprs never are.
    """
    crash = event.crash
    frames = [frame for frame in crash.frames if frame.in_app] if crash else []
    frames = frames or (list(crash.frames) if crash else [])
    missing = list(dict.fromkeys(_missing(event, frames)))[:MOST_NAMED]
    if event.capture is not None and crash is not None:
        recorded = captured_frames(event.capture, crash)
        if any(recorded):
            lacking = list(dict.fromkeys(_lacking(event, recorded)))
            return (Fidelity.TRIMMED if lacking else Fidelity.FULL), tuple(lacking[:MOST_NAMED])
    if not any(frame.variables for frame in frames):
        reason = "values: the event carries none" if frames else "stack: the event carries none"
        return Fidelity.STACK_ONLY, (reason,)
    return Fidelity.REPR_ONLY, tuple(missing)


def _lacking(event: Event, recorded: "Sequence[CapturedFrame | None]") -> Iterator[str]:
    """What the hook had to leave out of the arguments."""
    capture, request = event.capture, event.request
    assert capture is not None
    if request is not None and request.body_state in ("truncated", "scrubbed"):
        yield f"request body: {request.body_state}"
    for frame in recorded:
        for name, value in (frame.arguments if frame else {}).items():
            for path, why in islice(capture.lacking(value), 5):
                assert frame is not None
                yield f"{frame.function}: {name}{path} ({why})"


def _missing(event: Event, frames: list[Frame]) -> Iterator[str]:
    request = event.request
    if request is not None and request.body_state in ("truncated", "scrubbed"):
        yield f"request body: {request.body_state}"
    for frame in frames:
        if frame.function == "<module>":
            continue
        if frame.variables is None:
            yield f"{frame.function}: values were not sent"
            continue
        if len(frame.variables) == MOST_LOCALS:
            yield f"{frame.function}: more locals than the {MOST_LOCALS} that were sent, perhaps"
        for name, value in frame.variables.items():
            if reason := _reason(value):
                yield f"{frame.function}: {name} ({reason})"


def _reason(value: Json, depth: int = 0) -> str:
    if isinstance(value, str):
        if value in _FILTERED:
            return "filtered"
        if _OPAQUE.fullmatch(value):
            return "an object known only by name"
        if value.endswith("...") and len(value) > 100:
            return "cut"
        return ""
    if isinstance(value, dict):
        if len(value) == MOST_ITEMS:
            return f"more than {MOST_ITEMS} items, perhaps"
        return _first_reason(list(value.values()), depth)
    if isinstance(value, list | tuple):
        if len(value) == MOST_ITEMS:
            return f"more than {MOST_ITEMS} items, perhaps"
        return _first_reason(list(value), depth)
    return ""


def _first_reason(values: list[Json], depth: int) -> str:
    if depth > 5:
        return ""
    return next((reason for item in values if (reason := _reason(item, depth + 1))), "")
