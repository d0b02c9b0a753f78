"""Which events are the same issue: a hash of what failed and where, without line numbers.

The rule follows Sentry's default grouping: every exception of the chain counts with its
type and its in-app frames (module and function); library frames count only when there is
no frame of the app. A frame without a module (text tracebacks) is named by its file alone,
since folders differ between hosts; its crash line then keeps like-named files apart.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

from triage.domain.event import Event

LIBRARY = re.compile(
    r"(?:^|/)(?:site-packages|dist-packages)/|/lib(?:64)?/python\d|^<|/python\d+\.zip/|/Python\d*/Lib/"
)
_COMPREHENSIONS = frozenset(("<listcomp>", "<dictcomp>", "<setcomp>"))
_VARIABLE = re.compile(
    r"""(?P<uuid>[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12})
      | (?P<email>[\w.+-]{1,64}@[\w-]{1,64}\.[\w.-]{1,64})
      | (?P<hex>0[xX][0-9a-fA-F]+|\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b)
      | (?P<number>\d+(?:[.,:]\d+)*)""",
    re.VERBOSE,
)
_MASKED_LENGTH = 2_000


class FrameLike(Protocol):
    """What of a frame decides the grouping; `Frame` and the ingest fast path both have it."""

    @property
    def path(self) -> str: ...
    @property
    def function(self) -> str: ...
    @property
    def module(self) -> str | None: ...
    @property
    def in_app(self) -> bool | None: ...
    @property
    def context_line(self) -> str | None: ...


class RaisedLike(Protocol):
    """What of an exception decides the grouping."""

    @property
    def type(self) -> str: ...
    @property
    def module(self) -> str | None: ...
    @property
    def value(self) -> str: ...
    @property
    def frames(self) -> Sequence[FrameLike]: ...


def fingerprint(event: Event) -> str:
    """32 hex digits, equal for events that belong to one issue."""
    return digest(
        event.exceptions,
        [item.parent for item in event.exceptions],
        message=event.template or event.message,
        logger=event.logger,
        grouping=event.grouping,
    )


def digest(
    raised: Sequence[RaisedLike],
    parents: Sequence[int | None],
    *,
    message: str = "",
    logger: str | None = None,
    grouping: Sequence[str] = (),
) -> str:
    """The fingerprint of exceptions in canonical order (see `Event.exceptions`).

    `parents[i]` is the index of the exception that `raised[i]` belongs to. `grouping` is the
    client's own choice; `{{ default }}` in it stands for what we would have said.
    """
    if grouping and "{{ default }}" not in grouping:
        return _hash("custom", *grouping)
    if raised:
        chosen = _frame_filter(raised)
        parts = ["exceptions", *_components(raised, parents, chosen)]
    else:
        parts = ["message", logger or "", mask(message)]
    return _hash(*(word for word in grouping if word != "{{ default }}"), *parts)


def mask(message: str) -> str:
    """The message without what varies from one occurrence to the next (numbers, ids)."""
    return _VARIABLE.sub("*", message[:_MASKED_LENGTH])


def is_library(path: str) -> bool:
    """Whether a path, by its looks, belongs to an installed package or the standard library."""
    return LIBRARY.search(path.replace("\\", "/")) is not None


def _hash(*parts: str) -> str:
    text = "\0".join(parts)
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _frame_filter(raised: Sequence[RaisedLike]) -> str:
    """Which frames count: "app" when any frame says so, else "maybe", else "all"."""
    maybe = False
    for item in raised:
        for frame in item.frames:
            if frame.in_app:
                return "app"
            if not maybe and frame.in_app is None and not is_library(frame.path):
                maybe = True
    return "maybe" if maybe else "all"


def _components(raised: Sequence[RaisedLike], parents: Sequence[int | None], chosen: str) -> list[str]:
    """One text per top-level exception; a group's members are a set: their number and order vary."""
    members: dict[int, list[int]] = {}
    tops = []
    for index, parent in enumerate(parents):
        if parent is None or not 0 <= parent < len(raised) or parent == index:
            tops.append(index)
        else:
            members.setdefault(parent, []).append(index)
    if not members:
        return [_component(raised[index], chosen) for index in tops]
    return [_with_members(raised, members, index, chosen, 0) for index in tops or range(len(raised))]


def _with_members(
    raised: Sequence[RaisedLike], members: dict[int, list[int]], index: int, chosen: str, depth: int
) -> str:
    own = _component(raised[index], chosen)
    below = members.get(index)
    if not below or depth > 20:
        return own
    inner = sorted({_with_members(raised, members, child, chosen, depth + 1) for child in below})
    return f"{own}[{';'.join(inner)}]"


def _component(item: RaisedLike, chosen: str) -> str:
    module = item.module
    kind = f"{module}.{item.type}" if module and module not in ("builtins", "__main__") else item.type
    keys = []
    last: FrameLike | None = None
    for frame in item.frames:
        if chosen == "app":
            if not frame.in_app:
                continue
        elif chosen == "maybe" and (frame.in_app is not None or is_library(frame.path)):
            continue
        if frame.function in _COMPREHENSIONS:
            continue
        last = frame
        keys.append(_frame_key(frame))
    if not keys:
        return kind if item.frames else f"{kind}:{mask(item.value)}"
    if kind == "RecursionError":
        keys = sorted(key for key, times in Counter(keys).items() if times > 2) or keys
    else:
        keys = list(dict.fromkeys(keys))
        if last is not None and not last.module and last.context_line:
            keys.append("".join(last.context_line.split())[:200])
    return f"{kind}|{'|'.join(keys)}"


def _frame_key(frame: FrameLike) -> str:
    module = frame.module
    if module and module != "__main__":
        return f"{module}:{frame.function}"
    return f"{file_name(frame.path)}:{frame.function}"


def file_name(path: str) -> str:
    """The part of a path that is the same on every host: below site-packages, else the file's name."""
    path = path.replace("\\", "/")
    for marker in ("/site-packages/", "/dist-packages/"):
        _, found, tail = path.rpartition(marker)
        if found:
            return tail
    head, _, name = path.rpartition("/")
    if name in ("__init__.py", "__main__.py"):
        return f"{head.rpartition('/')[2]}/{name}"
    return name
