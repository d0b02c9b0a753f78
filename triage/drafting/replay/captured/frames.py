"""Lays the values that our capture hook recorded on the frames of the scene, as wires that say more."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from triage.domain.capture import UNUSABLE, Capture, CapturedFrame, captured_frames, children
from triage.domain.event import Event, Frame, Json
from triage.drafting.replay.captured.text import text_of
from triage.drafting.replay.stack.views import FunctionView

MUTABLE = (
    "list", "set", "dict", "deque", "defaultdict", "OrderedDict", "Counter", "object", "sub", "error", "stream", "file",
    "runtime", "queue", "generator", "iterator",
)  # fmt: skip
NAMED = ("function", "class", "object", "sub", "error", "namedtuple", "enum")
BY_FIELDS = ("dataclass", "attrs", "pydantic", "struct", "sqlalchemy", "django", "peewee")
MAX_WALK = 4_000
MAX_ITEMS = 1_000


class Circular(Exception):
    """A value that is still being made is met inside itself; `number` says which."""

    def __init__(self, number: int) -> None:
        self.number = number
        super().__init__(f"object {number} holds itself")


class Typed(str):
    """A captured value as a wire: the text is what `repr` would show, `value` is the value itself.

    Code that knows only texts reads it like any repr of the SDK. `shared` are the objects that
    the frame's arguments have in common; `sent` is what the SDK sent where the value is no plain data.
    """

    capture: Capture
    value: Json
    shared: frozenset[int]
    doubt: float
    sent: Json
    changed: bool

    @classmethod
    def of(
        cls, capture: Capture, value: Json, shared: frozenset[int], sent: Json = None, changed: bool = False
    ) -> "Typed":
        """The wire for a value of `capture`, which the SDK sent as `sent`; `changed`: in place, since the call."""
        certainty = doubt(capture, value)
        own_text = isinstance(sent, str) and certainty > 0 and " object at 0x" not in sent
        made = cls(sent if own_text else text_of(capture, value))
        made.capture, made.value, made.shared = capture, value, shared
        made.doubt, made.sent = certainty, sent if certainty > 0 else None
        made.changed = changed
        return made


def usable(capture: Capture, value: Json, own: bool = True) -> bool:
    """Whether anything can be made of it; `own`: the classes of the program itself are in the repo."""
    node = capture.node(value)
    if not isinstance(node, list) or not node:
        return True
    if node[0] in UNUSABLE and node[0] != "secret":
        return False
    if node[0] == "file" and (len(node) < 6 or node[5] is None):
        return False
    if node[0] in NAMED and len(node) > 1:
        if node[0] == "function" and len(node) > 4:  # its source is known, perhaps
            return True
        here = node[0] == "sub" or (own and node[0] not in ("function", "class"))
        return (here or not str(node[1]).startswith("__main__:")) and "<" not in str(node[1])
    return True


def doubt(capture: Capture, value: Json) -> float:
    """How doubtful a wire is, on the scale of `values.trust`: data is sure, objects less, holes least."""
    node = capture.node(value)
    if isinstance(node, list) and node and node[0] in UNUSABLE:
        return 5.0 if node[0] == "secret" else 60.0
    if (
        isinstance(node, list)
        and node
        and node[0] in NAMED
        and any(part.startswith("_") for part in str(node[1]).partition(":")[2].split("."))
    ):
        return 3.2  # nobody makes an object of a private class by hand: rather go outward
    lacking = next(capture.lacking(value, 500), None)
    found = 1.1 if lacking is not None else 0.0
    own = {frame.module.split(".")[0] for frame in capture.frames}
    for node in _nodes(capture, value):
        if node[0] == "object" and len(node) > 2 and node[2] not in BY_FIELDS:
            # How an object came about shows better in the lines that made it, of a library's even more so.
            found = max(found, 1.05 if str(node[1]).partition(":")[0].split(".")[0] in own else 1.7)
        elif node[0] in (
            "object",
            "sub",
            "error",
            "file",
            "stream",
            "iterator",
            "generator",
            "made",
            "weakref",
            "queue",
        ):
            found = max(found, 0.3)
    return found


def _nodes(capture: Capture, value: Json) -> Iterator[list[Json]]:
    """All nodes below a value, each object once."""
    queue, seen = [value], set()
    for _ in range(MAX_WALK):
        if not queue:
            return
        item = queue.pop()
        if isinstance(item, list) and len(item) == 1 and type(item[0]) is int:
            if item[0] in seen:
                continue
            seen.add(item[0])
        node = capture.node(item)
        if isinstance(node, list) and node and isinstance(node[0], str):
            yield node
            queue += [child for _, child in children(node)]


def shared_objects(capture: Capture, values: Sequence[Json]) -> frozenset[int]:
    """Numbers of the changeable objects that are met more than once below these values."""
    counts: dict[int, int] = {}
    queue = list(values)
    for _ in range(MAX_WALK):
        if not queue:
            break
        item = queue.pop()
        if isinstance(item, list) and len(item) == 1 and type(item[0]) is int:
            counts[item[0]] = counts.get(item[0], 0) + 1
            if counts[item[0]] > 1:
                continue
        node = capture.node(item)
        if isinstance(node, list) and node:
            queue += [child for _, child in children(node)]
    found = (number for number, count in counts.items() if count > 1)
    return frozenset(number for number in found if _is_mutable(capture.node([number])))


def _is_mutable(node: Json) -> bool:
    return isinstance(node, list) and bool(node) and node[0] in MUTABLE


@dataclass(frozen=True)
class Recorded:
    """The recorded frames of an event by the identity of its frames."""

    capture: Capture | None = None
    frames: Mapping[int, CapturedFrame] = field(default_factory=dict)

    def variables(self, frame: Frame, view: FunctionView, own: bool) -> Mapping[str, Json]:
        """The frame's variables: recorded ones in the place of what the SDK sent.

        `own`: the frame is of the repo. Of other programs the module's values that the code
        mentions count as variables too where their source is not there to read them from.
        """
        sent = frame.variables or {}
        recorded = self.frames.get(id(frame))
        if recorded is None or self.capture is None:
            return sent
        capture = self.capture
        shared = shared_objects(capture, list(recorded.arguments.values()))
        shown = own or self.is_whole(frame)  # the lines say how a value of the module came about
        known = {**({} if shown else recorded.module_values), **recorded.variables, **recorded.arguments}
        made: dict[str, Json] = dict(sent)
        for name, value in known.items():
            if usable(capture, value, own):
                made[name] = _wire(capture, value, shared, sent.get(name), name in recorded.mutated)
        return _starred(capture, view, made, known, shared)

    def lines(self, frame: Frame) -> Mapping[int, str]:
        """Source lines by number of the file that a frame of another program runs."""
        recorded = self.frames.get(id(frame))
        if recorded is None or self.capture is None:
            return {}
        found: dict[int, str] = {}
        for first, text in self.capture.sources.get(recorded.file, ()):
            for at, line in enumerate(text.split("\n"), first):
                found.setdefault(at, line[:2000].rstrip("\r"))
        return found

    def is_whole(self, frame: Frame) -> bool:
        """Whether `lines` are all lines of that file."""
        recorded = self.frames.get(id(frame))
        parts = self.capture.sources.get(recorded.file, ()) if recorded and self.capture else ()
        return len(parts) == 1 and parts[0][0] == 1


def _wire(capture: Capture, value: Json, shared: frozenset[int], sent: Json, changed: bool = False) -> Json:
    """A dict with names as a dict of wires, so that one of its values can be taken alone; all else as it is."""
    node = capture.node(value)
    if isinstance(node, list) and len(node) == 2 and node[0] == "dict" and isinstance(node[1], list):
        pairs = [pair for pair in node[1] if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)]
        known = isinstance(value, list) and len(value) == 1 and value[0] in shared
        if len(pairs) == len(node[1]) and 0 < len(pairs) <= MAX_ITEMS and not known and not changed:
            return {str(key): Typed.of(capture, item, shared) for key, item in pairs}
    return Typed.of(capture, value, shared, sent, changed)


def _starred(
    capture: Capture, view: FunctionView, made: dict[str, Json], known: Mapping[str, Json], shared: frozenset[int]
) -> dict[str, Json]:
    """`*args` as a list of wires, `**kwargs` as a dict of them: what the entries expect."""
    if view.node is None:
        return made
    star, stars = view.node.args.vararg, view.node.args.kwarg
    if star is not None and star.arg in known:
        node = capture.node(known[star.arg])
        if isinstance(node, list) and len(node) > 1 and node[0] == "tuple" and isinstance(node[1], list):
            made[star.arg] = [Typed.of(capture, item, shared) for item in node[1]]
    if stars is not None and stars.arg in known:
        node = capture.node(known[stars.arg])
        if isinstance(node, list) and len(node) > 1 and node[0] == "dict" and isinstance(node[1], list):
            pairs = [pair for pair in node[1] if isinstance(pair, list) and len(pair) == 2]
            made[stars.arg] = {str(name): Typed.of(capture, item, shared) for name, item in pairs}
    return made


def recorded_frames(event: Event) -> Recorded:
    """The frames of all of the event's exceptions that the hook recorded."""
    if event.capture is None or not event.capture.frames:
        return Recorded()
    found: dict[int, CapturedFrame] = {}
    for raised in event.exceptions:
        for frame, recorded in zip(raised.frames, captured_frames(event.capture, raised), strict=True):
            if recorded is not None:
                found[id(frame)] = recorded
    return Recorded(event.capture, found)
