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
    """Notes which of the named functions are entered, in any thread, until all have been."""

    def __init__(self, wanted: Sequence[tuple[str, str]], sources: Sources) -> None:
        self.ran: set[int] = set()
        self._sources = sources
        self._by_path: dict[str, dict[str, list[int]]] = {}
        for index, (path, name) in enumerate(wanted):
            self._by_path.setdefault(path, {}).setdefault(stripped_qualname(name), []).append(index)
        self._left = len(wanted)
        self._total = len(wanted)
        self._seen: dict[int, CodeType] = {}
        self._tool = -1

    def start(self) -> None:
        if not self._left:
            return
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is not None:
            for tool in (4, 3, 1, 0, 2, 5):
                if monitoring.get_tool(tool) is None:
                    monitoring.use_tool_id(tool, "triage")
                    monitoring.register_callback(tool, monitoring.events.PY_START, self._started)
                    monitoring.set_events(tool, monitoring.events.PY_START)
                    self._tool = tool
                    return
        threading.setprofile(self._called)
        sys.setprofile(self._called)

    def stop(self) -> None:
        if self._tool >= 0:
            sys.monitoring.set_events(self._tool, 0)  # type: ignore[attr-defined,unused-ignore]
            sys.monitoring.free_tool_id(self._tool)  # type: ignore[attr-defined,unused-ignore]
            self._tool = -1
        elif self._total:
            sys.setprofile(None)
            threading.setprofile(None)

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

    def _called(self, frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        if id(code) in self._seen:
            return
        self._seen[id(code)] = code
        self._look(code)
        if not self._left:
            sys.setprofile(None)

    def _look(self, code: CodeType) -> None:
        path = self._sources.relative(code.co_filename)
        if path is None or path not in self._by_path:
            return
        name = stripped_qualname(self._sources.qualname(code, path))
        for index in self._by_path[path].get(name, ()):
            if index not in self.ran:
                self.ran.add(index)
                self._left -= 1


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
