"""Sees which functions run and what is asked of the sandbox, as cheaply as each Python allows.

Standard library only, Python 3.8+.
"""

from __future__ import annotations

import os
import re
import sys
import threading
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any, Callable, Sequence

if TYPE_CHECKING:
    from triage.inside.probe_facts import Sources, stripped_qualname
else:
    from probe_facts import Sources, stripped_qualname

LOCAL = re.compile(r"^(127\.|::1$|::ffff:127\.|0\.0\.0\.0$|::$|localhost$|localhost\.|ip6-localhost$|fe80:|$)")
ADDRESS = re.compile(r"^[0-9.]+$|:")


class FunctionWatch:
    """Notes which of the named functions are entered, in any thread, and what leaves them by raising.

    A second observer beside pytest: `left` says whether an exception of this type was seen on its
    way through this very code at this line. A traceback put together by hand was never seen there.

    `brief`: a RecursionError is expected, which is seen nowhere on its way; tracing the endless calls
    (before Python 3.12) would only make a run that is slow anyway a timeout.
    """

    def __init__(
        self,
        wanted: Sequence[tuple[str, str]],
        also: Sequence[tuple[str, str]],
        sources: Sources,
        brief: bool = False,
    ) -> None:
        self._brief = brief
        self._wanted = len(wanted)
        self.ran: set[int] = set()
        self.code: set[tuple[str, str]] = set()
        self.told = False
        self._sources = sources
        self._by_path: dict[str, dict[str, list[int]]] = {}
        for index, (path, name) in enumerate(wanted):
            self._by_path.setdefault(path, {}).setdefault(stripped_qualname(name), []).append(index)
        for path, name in also:
            self._by_path.setdefault(path, {}).setdefault(stripped_qualname(name), [])
        self._seen: dict[int, tuple[CodeType, bool]] = {}
        self._raised: set[tuple[int, int, int]] = set()
        self._kept: list[Any] = []
        self._tool = -1
        self._paused = False

    def start(self) -> None:
        if not self._by_path:
            return
        self.told = True
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is not None:
            for tool in (4, 3, 1, 0, 2, 5):
                if monitoring.get_tool(tool) is None:
                    monitoring.use_tool_id(tool, "triage")
                    monitoring.register_callback(tool, monitoring.events.PY_START, self._started)
                    monitoring.register_callback(tool, monitoring.events.RAISE, self._raising)
                    monitoring.register_callback(tool, monitoring.events.PY_UNWIND, self._unwound)
                    events = monitoring.events
                    monitoring.set_events(tool, events.PY_START | events.RAISE | events.PY_UNWIND)
                    self._tool = tool
                    return
        threading.settrace(self._called)
        sys.settrace(self._called)

    def stop(self) -> None:
        if self._tool >= 0:
            sys.monitoring.set_events(self._tool, 0)  # type: ignore[attr-defined,unused-ignore]
            sys.monitoring.free_tool_id(self._tool)  # type: ignore[attr-defined,unused-ignore]
            self._tool = -1
        elif self.told:
            sys.settrace(None)
            threading.settrace(None)  # type: ignore[arg-type,unused-ignore]

    def pause(self) -> None:
        """Stop tracing for work that is not the test's: pytest parses every file of a traceback."""
        self._paused = self._tool < 0 and sys.gettrace() == self._called
        if self._paused:
            sys.settrace(None)

    def resume(self) -> None:
        if self._paused:
            sys.settrace(self._called)
            self._paused = False

    def left(self, error: BaseException, code: CodeType, line: int | None) -> bool:
        """Whether such an error was seen leaving `code` at `line`. True too where nobody watched that code."""
        if not self.told or isinstance(error, RecursionError) or not self._watches(code):
            return True
        if self._tool < 0 and (sys.gettrace() != self._called or "greenlet" in sys.modules):
            # Somebody else traces (a debugger, coverage), or the stack is switched under our feet.
            return True
        seen = (id(type(error)), id(code), line or 0) in self._raised
        if self._tool >= 0 and (id(type(error)), id(code), -1) not in self._raised:
            seen = False
        return seen or self._grafted(error, code, line)

    def _grafted(self, error: BaseException, code: CodeType, line: int | None) -> bool:
        """Whether watched code raised it with the traceback of what it stems from, which did leave `code`."""
        if not any(kind == id(type(error)) for kind, _, _ in self._raised):
            return False
        pending, met = [error], {id(error)}
        while pending and len(met) < 20:
            item = pending.pop()
            for attribute in ("__cause__", "__context__"):
                other = BaseException.__dict__[attribute].__get__(item)
                if isinstance(other, BaseException) and id(other) not in met:
                    met.add(id(other))
                    pending.append(other)
                    if (id(type(other)), id(code), line or 0) in self._raised:
                        return True
        return False

    def _watches(self, code: CodeType) -> bool:
        path = self._sources.relative(code.co_filename)
        names = self._by_path.get(path) if path is not None else None
        return names is not None and stripped_qualname(self._sources.qualname(code, str(path))) in names

    def missing(self) -> list[int]:
        """Those that the worktree's files don't define (any more)."""
        absent = []
        for path, names in self._by_path.items():
            defined = {stripped_qualname(name) for name in self._sources.names(path).values()}
            for name, indices in names.items():
                if name != "<module>" and name not in defined:
                    absent += indices
        return sorted(absent)

    def _started(self, code: CodeType, _offset: int) -> Any:
        self._look(code)
        return sys.monitoring.DISABLE  # type: ignore[attr-defined,unused-ignore]

    def _unwound(self, code: CodeType, _offset: int, error: BaseException) -> None:
        """It left `code`. Where it does so may be the line of an enclosing `with` or comprehension."""
        if self._look(code):
            self._note(error, code, -1)

    def _raising(self, code: CodeType, offset: int, error: BaseException) -> None:
        """It was raised in `code` or came into it from below, at the line that a traceback shows."""
        if self._look(code):
            at = [line for start, end, line in code.co_lines() if start <= offset < end]  # type: ignore[attr-defined,unused-ignore]
            self._note(error, code, (at[0] if at else 0) or 0)

    def _called(self, frame: FrameType, event: str, _argument: Any) -> Any:
        watched = self._look(frame.f_code)
        if self._brief:
            if len(self.ran) == self._wanted:
                sys.settrace(None)
            return None
        if watched:
            frame.f_trace_lines = False
            return self._inside
        return None

    def _inside(self, frame: FrameType, event: str, argument: Any) -> Any:
        if event == "exception":
            self._note(argument[1], frame.f_code, frame.f_lineno)
        return self._inside

    def _note(self, error: Any, code: CodeType, line: int) -> None:
        key = (id(type(error)), id(code), line)
        if key not in self._raised and len(self._raised) < 1000:
            self._raised.add(key)
            self._kept.append((type(error), code))  # an id means something only while its owner lives

    def _look(self, code: CodeType) -> bool:
        """Whether this is code of a watched function, and the file's own; the first time it is noted as run."""
        known = self._seen.get(id(code))
        if known is None:
            known = self._seen[id(code)] = (code, self._enter(code))
        return known[1]

    def _enter(self, code: CodeType) -> bool:
        path = self._sources.relative(code.co_filename)
        if path is None:
            return False
        known = getattr(code, "co_qualname", None)
        self.code.add((path, known or (self._sources.qualname(code, path) if path in self._by_path else code.co_name)))
        if path not in self._by_path:
            return False
        indices = self._by_path[path].get(stripped_qualname(self._sources.qualname(code, path)))
        if indices is None or not self._sources.genuine.code(code, path):
            return False
        self.ran.update(indices)
        return True


class RefusalWatch:
    """An audit hook that notes attempts at what the sandbox does not give: network, hidden files.

    `enforce` also stops them, for runs without a sandbox: a filter then, not a wall.
    """

    def __init__(
        self, hidden: Sequence[str], visible: Sequence[str], enforce: bool, tell: Callable[[str], None]
    ) -> None:
        self.active = False
        self._hidden = tuple(hidden)
        self._visible = tuple(visible)
        self._enforce = enforce
        self._tell = tell
        self._told: set[str] = set()
        self._owner = os.getpid()
        self._checks: dict[str, Callable[..., str]] = {
            "socket.connect": self._connect,
            "socket.sendto": self._connect,
            "socket.getaddrinfo": self._look_up,
            "socket.gethostbyname": self._look_up,
            "open": self._open,
            "os.listdir": self._open,
            "os.scandir": self._open,
            "os.kill": self._kill,
            "os.killpg": self._kill,
        }

    def install(self) -> None:
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or event not in self._checks:
            return
        self.active = False
        try:
            what = self._checks[event](*arguments)
            if what and what not in self._told and len(self._told) < 20:
                self._told.add(what)
                self._tell(what)
        except (TypeError, ValueError, AttributeError, RecursionError):
            what = ""
        finally:
            self.active = True
        if what and self._enforce:
            raise PermissionError(1, "not allowed for a draft: " + what)

    def _connect(self, _socket: Any, address: Any, *_rest: Any) -> str:
        if not isinstance(address, tuple) or not address:
            return ""
        host = _text(address[0])
        return "" if LOCAL.match(host) else "connect to {}".format(host)

    def _look_up(self, host: Any, *_rest: Any) -> str:
        name = _text(host)
        if LOCAL.match(name) or ADDRESS.search(name) or name == os.uname().nodename:
            return ""
        return "look up {}".format(name)

    def _open(self, path: Any, *_rest: Any) -> str:
        if not isinstance(path, (str, bytes)) or not self._hidden:
            return ""
        full = os.path.normpath(os.path.join(os.getcwd(), os.fsdecode(path)))
        if not _below(full, self._hidden) or _below(full, self._visible):
            return ""
        if any(item.startswith(full.rstrip("/") + "/") for item in self._visible):
            return ""
        return "open {}".format(full)

    def _kill(self, pid: Any, *_rest: Any) -> str:
        if os.getpid() == self._owner and pid in (1, 0, -1, os.getppid()):
            return "kill process {}".format(pid)
        return ""


def _below(path: str, folders: Sequence[str]) -> bool:
    return any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in folders)


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode("ascii", "replace")
    return value if isinstance(value, str) else ""
