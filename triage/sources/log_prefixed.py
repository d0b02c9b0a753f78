"""Tracebacks whose every line starts the same way (containers, journald, syslog), taken out of the bytes."""

import re
from dataclasses import dataclass

from triage.sources.log_cut import LOOK_BACK
from triage.sources.log_lines import MARKER, TIMESTAMP, is_bare_body, prefix_regex
from triage.sources.log_shapes import GROUP_MARGIN, RECORD, block
from triage.sources.traceback_text import SEPARATORS

MAX_PREFIX = 300
MAX_SHAPES = 300
MAX_MET = 3_000
OFTEN = 3
"""A shape costs what parsing seven tracebacks costs."""
_MARKER = MARKER.encode()
_SEPARATORS = frozenset(line.encode() for line in SEPARATORS)


@dataclass(frozen=True, slots=True)
class Prefixed:
    """A traceback from `start` to `end` (of its window), and the record line above it.

    `bare` are its bytes without the prefixes, `head` those up to its message's first line; `record` is where the record
    line starts, its text starts and it ends, all the same when there is none. The bytes up to
    `seen` say that it ends there.
    """

    prefix: bytes
    start: int
    end: int
    bare: bytes
    head: bytes
    record: tuple[int, int, int]
    seen: int


class _Shape:
    """How prefixes of one kind look; times in them differ from line to line."""

    def __init__(self, pattern: bytes, stamped: bool) -> None:
        self.line = re.compile(pattern)
        self.further = re.compile(rb"\n" + pattern)
        self.block = block(pattern, stamped=stamped)

    def bare(self, prefix: bytes, text: bytes) -> bytes:
        """Lines without their prefixes; that of the first, `prefix`, is off already."""
        bare = text.replace(b"\n" + prefix, b"\n")
        if len(text) - len(bare) == (text.count(b"\n") - 1) * len(prefix):
            return bare
        return self.further.sub(b"\n", text)


class Prefixes:
    """Remembers the shapes of prefixes; those that are rarely met are left to the full parser."""

    def __init__(self) -> None:
        self._shapes: dict[str, _Shape] = {}
        self._met: dict[str, int] = {}
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
        first, end = (found.end(1), found.end(2)) if found[1] else (found.end(3), found.end(3))
        bare = shape.bare(prefix, window[start:end])
        head = bare if first == end else shape.bare(prefix, window[start:first])
        record = _record(shape, window, line, floor)
        return Prefixed(prefix, line, end, bare, head, record, found.end()) if record else None

    def _shape(self, prefix: bytes) -> _Shape | None:
        """None for prefixes that were not met often, and for those that could be mistaken."""
        if known := self._fixed.get(prefix):
            return known
        if not prefix.isascii() or prefix.isspace() or not prefix:
            return None
        text = prefix.decode()
        trailing = len(text) - len(text.rstrip())
        regex = prefix_regex(text) + (f"(?:[ \\t]{{{trailing}}}|(?=\\n))" if trailing else "")
        if known := self._shapes.get(regex):
            return known
        if len(self._met) >= MAX_MET:
            self._met.clear()
        met = self._met[regex] = self._met.get(regex, 0) + 1
        if met < OFTEN or is_bare_body(text + '  File "'):
            return None
        stamped = TIMESTAMP.search(text) is not None
        known = self._shapes[regex] = _Shape(regex.encode(), stamped)
        if not stamped:
            self._fixed[prefix] = known
        if len(self._shapes) > MAX_SHAPES:
            self._shapes.clear()
            self._fixed.clear()
            self._met.clear()
        return known


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
