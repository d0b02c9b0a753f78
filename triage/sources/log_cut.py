"""Cutting one traceback, with the log line that introduces it, out of the lines around it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from triage.sources.log_lines import (
    MARKER,
    MAX_STRANGERS,
    RECORD_START,
    TIMESTAMP,
    Scanner,
    is_bare_body,
    is_final,
    is_header,
    prefix_of,
    prefix_pattern,
)
from triage.sources.traceback_text import SEPARATORS

LOOK_BACK = 12

_ESCAPES = {"n": "\n", "r": "", "t": "\t", '"': '"', "'": "'", "\\": "\\", "/": "/"}
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)|#012|#015", re.DOTALL)


@dataclass(slots=True)
class Cut:
    """`before` and `after` are the indexes of the lines that belong; `lines` is the bare traceback.

    `context` is the log's own text that introduces it; `prefix` is what every line starts with.
    """

    before: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    context: list[str] = field(default_factory=list)
    prefix: str = ""


def cut(before: Sequence[str | None], header: str, after: Iterable[str | None]) -> Cut:
    """The traceback whose header line is `header`. None stands for lines of other processes."""
    found = Cut()
    prefix = prefix_of(header)
    following = iter(after)
    numbered = enumerate(following)
    pattern: re.Pattern[str] | None = None
    first = next(numbered, None)
    if prefix:
        if prefix.isspace() or not (first and first[1] is not None and is_bare_body(first[1])):
            pattern = prefix_pattern(prefix)
            found.prefix = prefix
        else:
            found.context.append(prefix)
    stripped = [_strip(line, pattern) for line in before]
    start = _cause_start(stripped)
    if pattern is not None or not prefix:
        record = _record_line(stripped, start, len(stripped))
        if record is not None:
            found.before.append(record)
            found.context.append(stripped[record] or "")
    continued = pattern is None or TIMESTAMP.search(prefix) is None
    scanner = Scanner(headed=start < len(stripped), continued=continued)
    for index in range(start, len(stripped)):
        line = stripped[index]
        if line is not None and scanner.takes(line):
            found.before.append(index)
            found.lines.append(line)
    head = header[len(prefix) :]
    scanner.takes(head)
    found.lines.append(head)
    _follow(found, scanner, pattern, first, numbered)
    return found


def _follow(
    found: Cut,
    scanner: Scanner,
    pattern: re.Pattern[str] | None,
    first: tuple[int, str | None] | None,
    rest: Iterator[tuple[int, str | None]],
) -> None:
    strangers = 0
    at = first
    while at is not None:
        index, line = at
        bare = _strip(line, pattern)
        if bare is None:
            strangers += 1
            if strangers > MAX_STRANGERS:
                break
        elif scanner.takes(bare):
            strangers = 0
            found.after.append(index)
            found.lines.append(bare)
        else:
            break
        at = next(rest, None)
    while found.after and not found.lines[-1].strip():
        found.after.pop()
        found.lines.pop()


def _strip(line: str | None, pattern: re.Pattern[str] | None) -> str | None:
    """The line without the prefix, None when it is another process's."""
    if line is None or pattern is None:
        return line
    matched = pattern.match(line)
    return line[matched.end() :] if matched else None


def _cause_start(before: Sequence[str | None]) -> int:
    """Where a cause without a traceback of its own starts (`KeyError: 'x'`, blank, separator)."""
    end = len(before)
    own = [index for index in range(end) if before[index] is not None]
    while own and not (before[own[-1]] or "").strip():
        own.pop()
    if not own or (before[own[-1]] or "").strip() not in SEPARATORS:
        return end
    own.pop()
    while own and not (before[own[-1]] or "").strip():
        own.pop()
    for index in reversed(own):
        line = before[index] or ""
        if is_final(line):
            return index
        if not line.strip() or RECORD_START.match(line):
            break
    return end


def _record_line(before: Sequence[str | None], start: int, end: int) -> int | None:
    """The log line right above, when it looks like one."""
    for index in range(min(start, end) - 1, -1, -1):
        line = before[index]
        if line is None:
            continue
        return index if RECORD_START.match(line) and not is_header(line) else None
    return None


def unescaped(line: str) -> list[str] | None:
    r"""The lines of a traceback that was written on one line with `\n` (or syslog's #012) in it.

    The text before it comes first. None when the line holds no such traceback.
    """
    at = line.find(MARKER)
    rest = line[at + len(MARKER) + 1 : at + len(MARKER) + 5]
    if at < 0 or not rest.startswith(("\\n", "\\r", "#012", "#015", "\\\\n")):
        return None
    start = at - len("  + Exception Group ") if line[:at].endswith("  + Exception Group ") else at
    quote = line[start - 1 : start]
    text = line[start:]
    if rest.startswith("\\\\n"):
        text = text.replace("\\\\", "\\")
    if quote in ('"', "'"):
        ending = re.search(r"(?<!\\)(?:\\\\)*" + quote, text)
        text = text[: ending.end() - 1] if ending else text
        start -= 1
    plain = _ESCAPE.sub(_unescape, text)
    return [line[:start].rstrip(), *plain.split("\n")]


def _unescape(found: re.Match[str]) -> str:
    if found.group().startswith("#"):
        return "\n" if found.group() == "#012" else ""
    code = found[1]
    if code[0] == "u" and len(code) == 5:
        return chr(int(code[1:], 16))
    return _ESCAPES.get(code, found.group())
