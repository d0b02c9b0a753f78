"""What our production hook recorded with an error: typed values in a table, frame by frame."""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triage.domain.event import Frame, Json, Raised

UNUSABLE = ("cut", "no", "secret", "text")


@dataclass(frozen=True)
class CapturedFrame:
    """The values of one frame. `error` counts the exceptions from the one that was raised, `at` the
    frames of its traceback (of which there were `of`), outermost first.

    `rebound` and `mutated` are arguments that the code had already bound anew or changed in place:
    their values are those of the crash, not of the call.
    """

    error: int
    at: int
    of: int
    file: str
    line: int
    module: str
    function: str
    arguments: Mapping[str, Json] = field(default_factory=dict)
    variables: Mapping[str, Json] = field(default_factory=dict)
    module_values: Mapping[str, Json] = field(default_factory=dict)
    rebound: tuple[str, ...] = ()
    mutated: tuple[str, ...] = ()


@dataclass(frozen=True)
class Capture:
    """All frames that were recorded. A value is a scalar, `[n]` (`objects[n]`) or `[kind, ...]`.

    `left_out` counts what was cut for the budget, secret or masked. `sources` are lines of the
    programs that called the code that failed: by file, each part with its first line. `failed` is not empty when
    the hook ran into something and recorded nothing.
    """

    frames: tuple[CapturedFrame, ...] = ()
    objects: tuple[Json, ...] = ()
    errors: tuple[str, ...] = ()
    left_out: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)
    recursion: int = 0
    failed: str = ""

    def node(self, value: Json) -> Json:
        """The value behind a reference; the value itself when it is none."""
        if isinstance(value, list) and len(value) == 1 and type(value[0]) is int:
            return self.objects[value[0]] if 0 <= value[0] < len(self.objects) else ["no", "a dangling reference", ""]
        return value

    def lacking(self, value: Json, limit: int = 2_000) -> Iterator[tuple[str, str]]:
        """What is missing below a value: a path such as `.items[0].owner`, and the reason."""
        queue: deque[tuple[str, Json]] = deque([("", value)])
        seen: set[int] = set()
        steps = 0
        while queue and steps < limit:
            steps += 1
            path, item = queue.popleft()
            if isinstance(item, list) and len(item) == 1 and type(item[0]) is int:
                if item[0] in seen:
                    continue
                seen.add(item[0])
            node = self.node(item)
            if not isinstance(node, list) or not node:
                continue
            if node[0] in UNUSABLE:
                yield path, reason(node)
                continue
            queue.extend((path + step, child) for step, child in children(node))


def captured_frames(capture: Capture, raised: Raised) -> "list[CapturedFrame | None]":
    """For each frame of an exception the values that the hook recorded for it, None where it did not.

    Frames are matched by function, line and file name, in order: a tracker may have left some out,
    and the folders may have been renamed. Of exceptions alike (a group's members) the one whose
    values read like the frame's is taken.
    """
    numbers = sorted({frame.error for frame in capture.frames})
    best: tuple[float, list[CapturedFrame | None]] = (0.0, [None] * len(raised.frames))
    for number in numbers:
        laid = _laid([frame for frame in capture.frames if frame.error == number], raised.frames)
        score = 2.0 * sum(item is not None for item in laid)
        name = capture.errors[number] if number < len(capture.errors) else ""
        score += 1.0 if name.rpartition(":")[2].rpartition(".")[2] == raised.type.rpartition(".")[2] else 0.0
        score += sum(_alike(item, frame) for item, frame in zip(laid, raised.frames, strict=True) if item) * 0.01
        if any(laid) and score > best[0]:
            best = (score, laid)
    return best[1]


def _laid(recorded: Sequence[CapturedFrame], frames: Sequence[Frame]) -> "list[CapturedFrame | None]":
    places: dict[tuple[str, int, str], list[int]] = {}
    for at, frame in enumerate(frames):
        places.setdefault(_key(frame.function, frame.lineno or 0, frame.abs_path or frame.path), []).append(at)
    laid: list[CapturedFrame | None] = [None] * len(frames)
    groups: dict[tuple[str, int, str], list[CapturedFrame]] = {}
    for item in recorded:
        groups.setdefault(_key(item.function, item.line, item.file), []).append(item)
    for key, items in groups.items():
        found = places.get(key, [])
        early = [item for item in items if item.at < item.of / 2] if len(items) < len(found) else items
        late = items[len(early) :]
        for at, item in zip(found, early, strict=False):
            laid[at] = item
        for at, item in zip(reversed(found), reversed(late), strict=False):
            laid[at] = item
    return laid


def _key(function: str, line: int, path: str) -> tuple[str, int, str]:
    return function.rpartition(".")[2], line, path.replace("\\", "/").rpartition("/")[2]


def _alike(item: CapturedFrame, frame: Frame) -> int:
    """How many plain values the frame's own text agrees with."""
    known = {**item.variables, **item.arguments}
    sent = frame.variables or {}
    return sum(
        1 for name, value in known.items() if isinstance(value, str | int | float) and sent.get(name) == repr(value)
    )


def reason(node: Sequence[Json]) -> str:
    """Why a node holds no value, in words."""
    kind = str(node[0])
    if kind == "cut":
        return "more than the capture's budget"
    if kind == "text":
        return f"a text of {node[2] if len(node) > 2 else 'many'} characters, cut"
    if kind == "secret":
        return "a secret, left out"
    why = str(node[1]) if len(node) > 1 else ""
    return why if why != "opaque" else f"an object that cannot be looked into ({node[2] if len(node) > 2 else '?'})"


def children(node: Sequence[Json]) -> Iterator[tuple[str, Json]]:
    """The values inside a node, each with the step that leads to it."""
    kind = node[0]
    parts = list(node[1:])
    if kind in ("list", "tuple", "set", "frozenset", "deque", "view") and parts:
        items = parts[1] if kind == "view" and len(parts) > 1 else parts[0]
        for at, item in enumerate(items if isinstance(items, list) else ()):
            yield f"[{at}]", item
    elif kind in ("dict", "OrderedDict", "Counter", "defaultdict") and parts:
        for pair in parts[0] if isinstance(parts[0], list) else ():
            if isinstance(pair, list) and len(pair) == 2:
                yield ".key", pair[0]
                yield f"[{pair[0]!r}]" if isinstance(pair[0], str | int | float) else "[...]", pair[1]
        if kind == "defaultdict" and len(parts) > 1:
            yield ".default_factory", parts[1]
    elif kind in ("object", "sub", "error", "namedtuple"):
        for part in parts[1:]:
            if isinstance(part, dict):
                for name, item in part.items():
                    yield f".{name}", item
            elif isinstance(part, list):
                yield "", part
    else:
        for part in parts:
            if isinstance(part, list):
                yield "", part
            elif isinstance(part, dict) and kind in ("function", "generator"):
                yield from part.items()
