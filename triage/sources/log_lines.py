"""Which lines of a log make one traceback: prefixes, margins, where it ends."""

import re
from enum import Enum, auto

from triage.sources.traceback_text import FINAL, HEADER, SEPARATORS

MARKER = "Traceback (most recent call last)"
MAX_LINES = 8_000
MAX_TAIL = 100
MAX_STRANGERS = 500

TIMESTAMP = re.compile(
    r"""\d{4}-\d\d-\d\d[T\ ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:\ ?(?:Z|UTC|[+-]\d\d:?\d\d))?
      | \d{4}/\d\d/\d\d[\ ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?
      | \d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d(?:\ [+-]\d{4})?
      | [A-Z][a-z]{2}\ [\ \d]\d\ \d\d:\d\d:\d\d(?:\.\d{1,9})?
      | \d\d:\d\d:\d\d(?:[.,]\d{1,9})?
      | \b\d{10}\.\d{1,9}\b""",
    re.VERBOSE,
)
LEVEL = re.compile(
    r"\b(?P<level>TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE|ALERT|EMERG(?:ENCY)?|EXCEPTION"
    r"|trace|debug|info|notice|warn(?:ing)?|error|critical|fatal)\b"
)
RECORD_START = re.compile(
    r"""\s{0,1}(?:
        [\[(<]?(?:\d{4}-\d\d-\d\d[T\ ]|\d{4}/\d\d/\d\d\ |\d\d:\d\d:\d\d)
      | [\[(<]?(?:[A-Z][a-z]{2}\ [\ \d]\d\ \d\d:\d\d|\d\d/[A-Z][a-z]{2}/\d{4})
      | [\[(<]?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL)(?:[\])>:|\ ]|$)
      | \[(?:\w+\ )?\d+\]
      | <\d{1,3}>
      | \d{10}\.\d+
      | [IWEFD]\d{4}\ \d\d:
      | (?:level|time|ts|timestamp|msg)=
      | \{\s*"
      | \#{2,}\s
      | [-=*_\#]{4,}
      | \d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\s
    )""",
    re.VERBOSE,
)
ANSI = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])")
_HEAD = re.compile(
    r"(?P<prefix>.*?)(?P<head>(?:  \+ Exception Group |Exception Group )?Traceback \(most recent call last\):)\s*$"
)
_MARGIN = re.compile(r" *[|+]")
_TYPE_START = re.compile(r"(?:[\w<>]+\.)*[A-Z]\w*$|[\w.<>]*\.\w+$")


class _State(Enum):
    BODY = auto()
    GROUP = auto()
    TAIL = auto()
    BLANK = auto()
    SEPARATED = auto()


class Scanner:
    """Takes lines in order (without prefix) from the header on and says which still belong.

    `headed`: the first line is a cause without a traceback of its own. `continued`: a message
    may go on over further lines (not where every line carries a time of its own).
    """

    def __init__(self, headed: bool = False, continued: bool = True) -> None:
        self._state = _State.SEPARATED
        self._tail = 0 if continued else MAX_TAIL
        self._first_tail = self._tail
        self._lines = 0
        self._headed = headed

    def takes(self, line: str) -> bool:
        """Whether `line` belongs. Blank lines that are taken may turn out to be the end."""
        self._lines += 1
        if self._lines > MAX_LINES:
            return False
        match self._state:
            case _State.BODY:
                return self._in_body(line)
            case _State.GROUP:
                return bool(_MARGIN.match(line)) or self._blank(line)
            case _State.TAIL:
                return self._in_tail(line)
            case _State.BLANK:
                if line.strip() in SEPARATORS:
                    self._state = _State.SEPARATED
                    return True
                return False
            case _State.SEPARATED:
                return self._separated(line)

    def _blank(self, line: str) -> bool:
        if line.strip():
            return False
        self._state = _State.BLANK
        return True

    def _in_body(self, line: str) -> bool:
        if line[:1] in (" ", "\t"):
            return bool(line.strip())
        if not is_final(line):
            return False
        self._state = _State.TAIL
        self._tail = self._first_tail
        return True

    def _in_tail(self, line: str) -> bool:
        if not line.strip():
            return self._blank(line)
        self._tail += 1
        return self._tail <= MAX_TAIL and not RECORD_START.match(line) and MARKER not in line

    def _separated(self, line: str) -> bool:
        if not line.strip():
            return self._headed
        if HEADER.search(line):
            self._state = _State.GROUP if line.startswith("  + ") else _State.BODY
            self._headed = True
            return True
        if is_final(line):
            self._state = _State.TAIL
            self._tail = self._first_tail
            return True
        return False


def is_final(line: str) -> bool:
    """Whether a line at base indent is an exception's own: `Type: message` or a bare `Type`."""
    if RECORD_START.match(line):
        return False
    found = FINAL.match(line)
    return found is not None and (":" in line or _TYPE_START.match(found["type"]) is not None)


def is_header(line: str) -> bool:
    """Whether a traceback starts on this line, after whatever prefix."""
    return _HEAD.match(line) is not None


def prefix_of(header: str) -> str:
    """What stands before the traceback on its header line; a group's own margin is no prefix."""
    found = _HEAD.match(header)
    return found["prefix"] if found else ""


def prefix_pattern(prefix: str) -> re.Pattern[str]:
    """Matches the same prefix on other lines: times may differ, names and process ids may not."""
    trailing = len(prefix) - len(prefix.rstrip())
    return re.compile(prefix_regex(prefix) + (f"(?:[ \\t]{{{trailing}}}|\\s*$)" if trailing else ""))


def prefix_regex(prefix: str) -> str:
    """What `prefix_pattern` matches, without the blanks at the end."""
    parts = []
    at = 0
    for stamp in TIMESTAMP.finditer(prefix):
        parts.append(re.escape(prefix[at : stamp.start()]))
        length = len(stamp.group())
        parts.append(f"[\\d:.,/ +A-Za-z-]{{{max(1, length - 4)},{length + 4}}}?")
        at = stamp.end()
    parts.append(re.escape(prefix[at:].rstrip()))
    return "".join(parts)


def strip_ansi(line: str) -> str:
    """The line without terminal escapes."""
    return ANSI.sub("", line) if "\x1b" in line else line


def is_bare_body(line: str) -> bool:
    """Whether this line goes on a traceback without any prefix."""
    return line.startswith(('  File "', "  | ", "  [Prev")) or (is_final(line) and ": " in line)
