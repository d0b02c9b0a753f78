"""Tracebacks whose every line starts the same way (containers, journald, syslog), taken out of the bytes."""

import re
from dataclasses import dataclass

from triage.sources.log_cut import LOOK_BACK
from triage.sources.log_lines import MARKER, TIMESTAMP, is_bare_body, prefix_regex
from triage.sources.log_shapes import GROUP_MARGIN, RECORD, block
from triage.sources.traceback_text import SEPARATORS

MAX_PREFIX = 300
MAX_SHAPES = 300
_MARKER = MARKER.encode()
_SEPARATORS = frozenset(line.encode() for line in SEPARATORS)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A traceback from `start` to `end` (of its window), and the record line above it.

    `bare` are its bytes without the prefixes; `record` is where the record
    line starts, its text starts and it ends, all the same when there is none. The bytes up to
    `seen` say that it ends there.
    """

    prefix: bytes
    start: int
    end: int
    bare: bytes
    record: tuple[int, int, int]
    seen: int


class _Shape:
    """How prefixes of one kind look; times in them differ from line to line."""

    def __init__(self, pattern: bytes, stamped: bool) -> None:
        self.line = re.compile(pattern)
        self.further = re.compile(rb"\n" + pattern)
        self.block = block(pattern, stamped=stamped)


class Prefixes:
    """Remembers the shapes of prefixes; one that was met once only is left to the full parser."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape | None] = {}
        self._fixed: dict[bytes, _Shape] = {}

    def find(self, window: bytes, line: int, hit: int, floor: int) -> Prefixed | None:
        """The traceback with its header's line at `line` and its marker at `hit`; None when there is
        none, or it may be more than that. Above, lines from `floor` on may belong to it."""
        start = hit - len(GROUP_MARGIN) if window.startswith(GROUP_MARGIN, hit - len(GROUP_MARGIN)) else hit
        prefix = window[line:start]
        shape = self._shape(prefix) if len(prefix) <= MAX_PREFIX and b"\x1b" not in prefix else None
        found = shape.block.match(window, line) if shape else None
        if shape is None or found is None:
            return None
        end = found.end(1) if found.end(1) >= 0 else found.end(3)
        text = window[start:end]
        bare = text.replace(b"\n" + prefix, b"\n")
        if len(text) - len(bare) != (text.count(b"\n") - 1) * len(prefix):
            bare = shape.further.sub(b"\n", text)
        record = _record(shape, window, line, floor)
        return Prefixed(prefix, line, end, bare, record, found.end()) if record else None

    def _shape(self, prefix: bytes) -> _Shape | None:
        """None for prefixes that were not met before, and for those that could be mistaken."""
        if known := self._fixed.get(prefix):
            return known
        if not prefix.isascii() or prefix.isspace() or not prefix:
            return None
        text = prefix.decode()
        trailing = len(text) - len(text.rstrip())
        regex = prefix_regex(text) + (f"(?:[ \\t]{{{trailing}}}|(?=\\n))" if trailing else "")
        if regex in self._shapes:
            known = self._shapes[regex]
            if known is None and not is_bare_body(text + '  File "'):
                stamped = TIMESTAMP.search(text) is not None
                known = self._shapes[regex] = _Shape(regex.encode(), stamped)
                if not stamped:
                    self._fixed[prefix] = known
            return known
        if len(self._shapes) >= MAX_SHAPES:
            self._shapes.clear()
            self._fixed.clear()
        self._shapes[regex] = None
        return None


def _record(shape: _Shape, window: bytes, line: int, floor: int) -> tuple[int, int, int] | None:
    """Where the record line above starts, its text and ends, three times `line` when there is none;
    None when what is above may be a cause."""
    end = line
    for _ in range(LOOK_BACK):
        if end <= floor:
            break
        start = max(floor, window.rfind(b"\n", floor, end - 1) + 1)
        if own := shape.line.match(window, start, end):
            text = own.end()
            if window.find(b"\x1b", start, end) >= 0 or window.find(_MARKER, start, end) >= 0:
                return None
            if RECORD.match(window, text, end) and window[text] not in b"\r\n":
                return start, text, end
            bare = window[text:end].strip()
            return None if not bare or bare in _SEPARATORS else (line, line, line)
        if not window[start:end].isascii():
            return None
        end = start
    return line, line, line
