"""One occurrence of an error in canonical shape, whatever wire it came over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from triage.domain.capture import Capture

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"


class Level(StrEnum):
    """Sentry's levels, worst first."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


class Link(StrEnum):
    """How an exception hangs on its parent; SDK events cannot tell cause from context."""

    CAUSE = "cause"
    CONTEXT = "context"
    GROUP = "group"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Frame:
    """One call of a stack.

    `path` is as sent (relative to a sys.path entry, or absolute in text tracebacks).
    `variables` maps a local's name to what the wire carried: for SDK events every leaf is
    a string holding `repr(value)`, and containers are JSON. None: not sent; {}: sent, empty.
    """

    path: str
    function: str
    lineno: int | None = None
    abs_path: str | None = None
    module: str | None = None
    in_app: bool | None = None
    pre_context: tuple[str, ...] = ()
    context_line: str | None = None
    post_context: tuple[str, ...] = ()
    variables: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """One exception of an event. `frames` run from the outermost call to the crash."""

    type: str
    value: str = ""
    module: str | None = None
    frames: tuple[Frame, ...] = ()
    parent: int | None = None
    link: Link = Link.UNKNOWN
    is_group: bool = False
    handled: bool | None = None
    mechanism: str | None = None
    notes: tuple[str, ...] = ()
    frames_omitted: int = 0

    @property
    def qualified(self) -> str:
        """Type with its module; builtins carry none."""
        return self.type if self.module in (None, "", "builtins") else f"{self.module}.{self.type}"


@dataclass(frozen=True, slots=True)
class Request:
    """The HTTP request that was being served. `body` is parsed JSON, form fields or text."""

    method: str
    url: str
    query: tuple[tuple[str, str], ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    cookies: tuple[tuple[str, str], ...] = ()
    body: Json = None
    body_state: str = "absent"  # full | truncated | absent | scrubbed


@dataclass(frozen=True, slots=True)
class Breadcrumb:
    """What the program did before it failed."""

    message: str
    category: str = ""
    level: str = "info"
    timestamp: str | None = None
    data: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Event:
    """One error event.

    `exceptions` run from the oldest cause to the exception that was raised last; members
    of an exception group name their parent's index in `parent`. Times are aware, in UTC.
    `capture` is what our own production hook recorded, if the service has it.
    `template` is the log message before its parameters were filled in, `grouping` what the
    client asked to group by (Sentry's custom fingerprint); both are empty when not said.
    """

    id: str
    source: str
    occurred_at: datetime
    level: Level = Level.ERROR
    exceptions: tuple[Raised, ...] = ()
    message: str = ""
    logger: str | None = None
    platform: str = "python"
    project: str | None = None
    service: str | None = None
    environment: str | None = None
    release: str | None = None
    server: str | None = None
    transaction: str | None = None
    trace_id: str | None = None
    request: Request | None = None
    user: Mapping[str, str] = field(default_factory=dict)
    breadcrumbs: tuple[Breadcrumb, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, Json] = field(default_factory=dict)
    contexts: Mapping[str, Json] = field(default_factory=dict)
    packages: Mapping[str, str] = field(default_factory=dict)
    capture: "Capture | None" = None
    template: str = ""
    grouping: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def raised(self) -> Raised | None:
        """The exception that was raised last: for a group, the group itself."""
        roots = [item for item in self.exceptions if item.parent is None]
        candidates = roots or list(self.exceptions)
        return candidates[-1] if candidates else None

    @property
    def crash(self) -> Raised | None:
        """The exception whose stack is worth reading first: a group's first leaf, else `raised`."""
        top = self.raised
        members = (Link.GROUP, Link.UNKNOWN)
        seen: set[int] = set()  # hostile events name parents in a circle
        while top is not None and top.is_group:
            index = self.exceptions.index(top)
            children = [item for item in self.exceptions if item.parent == index and item.link in members]
            if not children or index in seen:
                break
            seen.add(index)
            top = children[0]
        return top

    @property
    def title(self) -> str:
        """`Type: first line of the message`, or the log message."""
        top = self.crash
        if top is None:
            return (self.message.splitlines() or ["(no message)"])[0]
        first = (top.value.splitlines() or [""])[0]
        return f"{top.type}: {first}" if first else top.type

    @property
    def culprit(self) -> str:
        """Where it happened: the deepest in-app frame, else the deepest, else the transaction."""
        top = self.crash
        frames = top.frames if top else ()
        inside = [frame for frame in frames if frame.in_app] or list(frames)
        if not inside:
            return self.transaction or self.logger or ""
        return f"{inside[-1].path} in {inside[-1].function}"
