"""Turns exceptions and their frames into plain facts; never raises, whatever they do when touched.

Standard library only, Python 3.8+.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tokenize
from types import CodeType, FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Callable, Iterator

if TYPE_CHECKING:
    from triage.inside.probe_code import Genuine
else:
    from probe_code import Genuine

Left = Callable[[BaseException, CodeType, "int | None"], bool]
MOST_FRAMES = 300
MOST_EXCEPTIONS = 60
MESSAGE_CAP = 2000
LINE_CAP = 400
SIGNATURE = re.compile(
    r"missing \d+ required|unexpected keyword argument|takes (no|exactly|from|at most|at least)?\s*(\d+ )?.*argument"
    r"|got multiple values for|Can't instantiate abstract class|got some positional-only|takes no arguments"
    r"|expected (at most|at least|exactly)? ?\d+ arguments?|invalid keyword argument"
)
MOCKS = (os.path.join("unittest", "mock.py"), os.path.join("mock", "mock.py"), "pytest_mock")


def stripped_qualname(name: str) -> str:
    """The function a name belongs to: without `<locals>` and comprehensions, which Python 3.12 inlines."""
    parts = [part for part in name.split(".") if part != "<locals>"]
    while len(parts) > 1 and parts[-1] in ("<listcomp>", "<dictcomp>", "<setcomp>", "<genexpr>"):
        parts.pop()
    return ".".join(parts)


class Sources:
    """Files of the worktree: which path is one, its lines, and the qualified names of its code."""

    def __init__(self, root: str, test_file: str) -> None:
        self.root = os.path.realpath(root)
        self.test_file = os.path.realpath(test_file)
        self._start = os.getcwd()
        self._relative: dict[str, str | None] = {}
        self._lines: dict[str, list[str]] = {}
        self._names: dict[str, dict[tuple[str, int], str]] = {}
        self.genuine = Genuine(self.root)

    def relative(self, filename: str) -> str | None:
        """Posix path from the root, None for code from elsewhere."""
        if filename not in self._relative:
            self._relative[filename] = self._find(filename)
        return self._relative[filename]

    def _find(self, filename: str) -> str | None:
        if not filename or filename.startswith("<"):
            return None
        full = os.path.realpath(os.path.join(self._start, filename))
        if not full.startswith(self.root + os.sep):
            return None
        inside = full[len(self.root) + 1 :].replace(os.sep, "/")
        return None if "site-packages/" in inside else inside

    def line(self, path: str, number: int | None) -> str:
        """A line of a file of the worktree, stripped; "" when there is none."""
        if path not in self._lines:
            self._lines[path] = self._read(path)
        lines = self._lines[path]
        return lines[number - 1].strip()[:LINE_CAP] if number and 0 < number <= len(lines) else ""

    def _read(self, path: str) -> list[str]:
        try:
            with open(os.path.join(self.root, path), "rb") as file:
                encoding, _ = tokenize.detect_encoding(file.readline)
            with open(os.path.join(self.root, path), encoding=encoding, errors="replace") as file:
                return file.read().split("\n")
        except (OSError, SyntaxError, LookupError, ValueError):
            return []

    def qualname(self, code: CodeType, path: str) -> str:
        """The code's qualified name; before 3.11 found by compiling its file again."""
        known = getattr(code, "co_qualname", None)
        if isinstance(known, str):
            return known
        return self.names(path).get((code.co_name, code.co_firstlineno), code.co_name)

    def names(self, path: str) -> dict[tuple[str, int], str]:
        """(name, first line) of every piece of code of a file, with its qualified name."""
        if path not in self._names:
            self._names[path] = self.genuine.names(path)
        return self._names[path]


def qualified(kind: type) -> str:
    """`module.Type` as text, without the module for builtins."""
    try:
        module, name = kind.__module__, kind.__qualname__
    except Exception:
        return "?"
    if not isinstance(module, str) or module == "builtins":
        return str(name)
    return "{}.{}".format(module, name)


def safe_text(value: Any) -> str:
    """`str(value)`, capped; says so when the value refuses."""
    try:
        if type(value).__name__ == "FixtureLookupError":
            return "fixture {!r} not found".format(value.argname)[:MESSAGE_CAP]
        return str(value)[:MESSAGE_CAP]
    except BaseException as error:
        return "<unprintable {}: {}>".format(type(value).__name__, type(error).__name__)


def frames(traceback: TracebackType | None) -> list[tuple[FrameType, int | None]]:
    """Frame and line of each call, outermost first; the middle of an endless stack is left out."""
    found: list[tuple[FrameType, int | None]] = []
    while traceback is not None and len(found) < 200_000:
        found.append((traceback.tb_frame, traceback.tb_lineno))
        traceback = traceback.tb_next
    if len(found) > MOST_FRAMES:
        half = MOST_FRAMES // 2
        found = found[:half] + found[-half:]
    return found


def own(error: BaseException, attribute: str) -> Any:
    """What the interpreter keeps under this name, whatever the exception's class says instead."""
    return BaseException.__dict__[attribute].__get__(error)


def describe(error: BaseException, link: str, sources: Sources, left: Left | None = None) -> dict[str, Any]:
    """Everything the judge needs about one exception, as JSON values."""
    kind = type(error)
    points = []
    in_test = mocked = False
    deepest = "outside"
    inner: list[tuple[FrameType, int | None, str]] = []
    for frame, number in frames(own(error, "__traceback__")):
        code = frame.f_code
        filename = code.co_filename
        path = sources.relative(filename)
        in_test = path is not None and os.path.join(sources.root, path) == sources.test_file
        if in_test:
            deepest = "test"
        elif path is not None:
            deepest, mocked = "repo", False
            points.append([path, sources.qualname(code, path), sources.line(path, number), number])
            inner.append((frame, number, path))
        elif any(part in filename for part in MOCKS):
            mocked = True
    message = safe_text(error)
    forged, replaced = _doubts(error, inner, sources, left)
    return {
        "type": qualified(kind),
        "message": message,
        "mro": [qualified(item) for item in kind.__mro__[:20] if item is not object],
        "link": link,
        "points": points,
        "deepest_in_test": in_test,
        "signature": in_test and isinstance(error, TypeError) and bool(SIGNATURE.search(message)),
        "injected": "test" if points and deepest == "test" else "mock" if points and mocked else replaced,
        "refused": refused(error),
        "forged": forged,
    }


def _doubts(
    error: BaseException, inner: list[tuple[FrameType, int | None, str]], sources: Sources, left: Left | None
) -> tuple[str, str]:
    """Why the traceback is not to be believed ("" for none), and which of its functions is another's."""
    if not sources.genuine.type_is(type(error), qualified(type(error))):
        return "its type only bears the name {}".format(qualified(type(error))), ""
    for frame, _, path in inner[-3:]:
        if not sources.genuine.code(frame.f_code, path):
            return "{} ran with code that {} does not hold".format(frame.f_code.co_name, path), ""
    if not inner:
        return "", ""
    frame, number, path = inner[-1]
    if left is not None and not left(error, frame.f_code, number):
        return "it was never seen leaving {}".format(frame.f_code.co_name), ""
    name = sources.genuine.replaced(frame.f_code, frame.f_globals, path)
    return "", "{} in place of {}".format("C code", name) if name else ""


def members(error: BaseException) -> list[BaseException]:
    """The exceptions of a group, also of the backport for old Pythons."""
    if not any(item.__name__ == "BaseExceptionGroup" for item in type(error).__mro__):
        return []
    try:
        return [item for item in error.exceptions if isinstance(item, BaseException)][:MOST_EXCEPTIONS]  # type: ignore[attr-defined]
    except Exception:
        return []


def chain(error: BaseException) -> Iterator[tuple[BaseException, str]]:
    """The exception itself, the members of groups, then causes and contexts; each once."""
    seen: set[int] = set()
    pending = [(error, "raised")]
    while pending and len(seen) < MOST_EXCEPTIONS:
        item, link = pending.pop(0)
        if id(item) in seen:
            continue
        seen.add(id(item))
        yield item, link
        inside = link if link in ("cause", "context") else "group"
        following = [(member, inside) for member in members(item)]
        for attribute, word in (("__cause__", "cause"), ("__context__", "context")):
            other = own(item, attribute)
            if isinstance(other, BaseException):
                following.append((other, word))
        pending += following


def all_facts(error: BaseException, sources: Sources, left: Left | None = None) -> list[dict[str, Any]]:
    """`describe` for the whole chain, the exception itself first. `left`: the second observer's word."""
    return [describe(item, link, sources, left) for item, link in chain(error)]


def refused(error: BaseException) -> str:
    """What the sandbox refused, when the exception is the system saying so; else ""."""
    if not isinstance(error, OSError):
        return ""
    name = getattr(error, "filename", None)
    shown = name if isinstance(name, str) else ""
    if error.errno == errno.EROFS:
        return "write {}: read-only".format(shown or "a file")
    if error.errno in (errno.EACCES, errno.EPERM) and not shown.startswith(("/tmp", os.getcwd())):
        return "{}: {}".format(shown or "an operation", os.strerror(error.errno))
    if error.errno == errno.EAGAIN and not shown and "fork" in _innermost(error):
        return "start another process: the limit is reached"
    if error.errno == errno.EFBIG:
        return "write more: the file is as large as it may be"
    return ""


def _innermost(error: BaseException) -> str:
    items = frames(own(error, "__traceback__"))
    return items[-1][0].f_code.co_name if items else ""


def python() -> tuple[int, int]:
    return sys.version_info[0], sys.version_info[1]
