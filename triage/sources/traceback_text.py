"""The grammar of Python's printed tracebacks: lines in, exceptions out (Python 3.8 to 3.14).

Chains, groups, notes, repeated frames, anchors over several lines and tails that are cut off.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from triage.domain.event import Frame, Link, Raised
from triage.domain.fingerprint import is_library
from triage.sources.sdk import MAX_EXCEPTIONS, MAX_FRAMES

SEPARATORS = {
    "The above exception was the direct cause of the following exception:": Link.CAUSE,
    "During handling of the above exception, another exception occurred:": Link.CONTEXT,
}
HEADER = re.compile(r"(?:Exception Group )?Traceback \(most recent call last\):\s*$")
FINAL = re.compile(r"(?P<type>[^\W\d][\w.<>]*)(?::(?: (?P<value>.*))?)?$", re.DOTALL)
UNPRINTABLE = re.compile(r"<exception str\(\) failed>|<unprintable \S+ object>")
MAX_DEPTH = 30

_FRAME = re.compile(r' {0,2}File "(?P<path>[^\n]*)", line (?P<line>\d{1,9})(?:, in (?P<function>.*))?$')
_REPEATED = re.compile(r"\s*\[Previous line repeated (\d{1,9}) more times?\]")
_ANCHOR = re.compile(r"\s*[~^][~^\s]*$")
_ELIDED = re.compile(r"\s*\.\.\.<\d+ lines>\.\.\.$")
_CHILDREN = re.compile(r"\+-\+-{3,} (?:\d+|\.\.\.) -{3,}$")
_CHILD = re.compile(r"\+-{3,} (?:\d+|\.\.\.) -{3,}$")
_CLOSING = re.compile(r"\+-{3,}$")


@dataclass(slots=True)
class _Node:
    """One exception while its place is not yet known. `link`: how the next one hangs on it."""

    type: str = "Unknown"
    module: str | None = None
    value: str = ""
    notes: tuple[str, ...] = ()
    frames: list[Frame] = field(default_factory=list)
    omitted: int = 0
    is_group: bool = False
    link: Link = Link.UNKNOWN
    complete: bool = False
    members: list["list[_Node]"] = field(default_factory=list)


def parse_lines(lines: Sequence[str]) -> tuple[tuple[Raised, ...], tuple[str, ...]]:
    """Exceptions in canonical order, and warnings. The lines have no log prefix."""
    chain = _chain(_without_margin(lines), 0)
    placed: list[tuple[_Node, _Node | None, Link]] = []
    _place(chain, None, placed)
    warnings = []
    if any(not node.complete for node, _, _ in placed):
        warnings.append("the traceback is cut off")
    if len(placed) > MAX_EXCEPTIONS:
        warnings.append(f"{len(placed) - MAX_EXCEPTIONS} of {len(placed)} exceptions were left out")
        placed = placed[-MAX_EXCEPTIONS:]
    position = {id(node): index for index, (node, _, _) in enumerate(placed)}
    return tuple(
        Raised(
            type=node.type,
            value=node.value,
            module=node.module,
            frames=tuple(node.frames),
            parent=position.get(id(parent)) if parent is not None else None,
            link=link,
            is_group=node.is_group,
            notes=node.notes,
            frames_omitted=node.omitted,
        )
        for node, parent, link in placed
    ), tuple(warnings)


def qualified(name: str) -> tuple[str, str | None]:
    """The type's name and its module out of what a traceback prints."""
    head, dot, last = name.rpartition(".")
    if not dot:
        return name, None
    if "<locals>" in head:
        head = head.partition(".<locals>")[0].rpartition(".")[0]
    return last, head or None


def _place(chain: Sequence[_Node], above: _Node | None, placed: list[tuple[_Node, _Node | None, Link]]) -> None:
    """Causes, then members, then the exception; only what lies in a group gets a parent."""
    last = chain[-1] if chain else None
    for node in chain:
        for member in node.members:
            _place(member, node, placed)
        if node is last:
            placed.append((node, above, Link.GROUP if above is not None else node.link))
        else:
            placed.append((node, last if above is not None else None, node.link))


def _without_margin(lines: Sequence[str]) -> list[str]:
    """The lines with the margin of top-level groups taken off."""
    kept: list[str] = []
    inside = False
    for line in lines:
        if line.startswith("  + Exception Group Traceback"):
            inside = True
            kept.append(line[4:])
        elif inside and line[:3] in ("  |", "  +", "   ") and line.strip():
            kept.append(_unbarred(line[2:]))
        else:
            inside = False
            kept.append(line)
    return kept


def _unbarred(line: str) -> str:
    return line[2:] if line.startswith("|") else line


def _chain(lines: Sequence[str], depth: int) -> list[_Node]:
    nodes: list[_Node] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        stripped = line.strip()
        if stripped in SEPARATORS:
            if nodes:
                nodes[-1].link = SEPARATORS[stripped]
            at += 1
        elif HEADER.search(line):
            node = _Node(is_group="Exception Group Traceback" in line)
            at = _body(lines, at + 1, node, depth)
            nodes.append(node)
        elif _FRAME.match(line):
            node = _Node()
            at = _body(lines, at, node, depth)
            nodes.append(node)
        elif stripped and line[:1] not in " \t+|" and FINAL.match(line):
            node = _Node()
            at = _final(lines, at, node, depth)
            nodes.append(node)
        else:
            at += 1
    for node in nodes[:-1]:
        if node.link is Link.UNKNOWN:
            node.link = Link.CONTEXT
    if nodes:
        nodes[-1].link = Link.UNKNOWN
    return nodes


def _body(lines: Sequence[str], at: int, node: _Node, depth: int) -> int:
    """Frames from `at` on, then the final line; returns where the next thing starts."""
    syntax_at = ""
    while at < len(lines):
        line = lines[at]
        if found := _FRAME.match(line):
            source, at = _source(lines, at + 1)
            if found["function"] is None:
                syntax_at = f"({found['path'].rpartition('/')[2]}, line {found['line']})"
            elif len(node.frames) < MAX_FRAMES:
                node.frames.append(_frame(found, source))
            else:
                node.omitted += 1
        elif repeated := _REPEATED.match(line):
            node.omitted += int(repeated[1])
            at += 1
        elif line[:1] in (" ", "\t") and line.strip():
            at += 1
        else:
            break
    if at < len(lines) and FINAL.match(lines[at]) and not HEADER.search(lines[at]):
        at = _final(lines, at, node, depth)
        if syntax_at:
            node.value = f"{node.value} {syntax_at}".strip()
    return at


def _source(lines: Sequence[str], at: int) -> tuple[list[str], int]:
    """The source lines below a frame (anchors left out, up to the first elision)."""
    source: list[str] = []
    elided = False
    while at < len(lines):
        line = lines[at]
        if not line.startswith("    ") or _FRAME.match(line):
            break
        elided = elided or _ELIDED.match(line) is not None
        if not elided and not _ANCHOR.match(line):
            source.append(line[4:])
        at += 1
    return source, at


def _frame(found: re.Match[str], source: Sequence[str]) -> Frame:
    path, line, function = found.group("path", "line", "function")
    absolute = path.startswith("/") or path[1:3] in (":\\", ":/")
    return Frame(
        path=path,
        function=function.strip() or "<unknown>",
        lineno=int(line) if int(line) < 2**31 else None,
        abs_path=path if absolute else None,
        in_app=not is_library(path),
        context_line=source[0] if source else None,
        post_context=tuple(source[1:]),
    )


def _final(lines: Sequence[str], at: int, node: _Node, depth: int) -> int:
    """The exception's own line, what continues it, and a group's members."""
    found = FINAL.match(lines[at])
    assert found is not None  # both callers looked
    node.type, node.module = qualified(found["type"])
    node.complete = True
    at += 1
    following: list[str] = []
    while at < len(lines):
        line = lines[at]
        if line.strip() in SEPARATORS or HEADER.search(line) or _CHILDREN.match(line):
            break
        following.append(line)
        at += 1
    while following and not following[-1].strip():
        following.pop()
    value = found["value"] or ""
    if following and (not value or UNPRINTABLE.fullmatch(value) or node.type == "KeyError"):
        node.notes = tuple(following)
    else:
        value = "\n".join([value, *following])
    node.value = value
    if at < len(lines) and _CHILDREN.match(lines[at]):
        node.is_group = True
        at = _members(lines, at + 1, node, depth)
    return at


def _members(lines: Sequence[str], at: int, node: _Node, depth: int) -> int:
    member: list[str] = []
    members = [member]
    while at < len(lines):
        line = lines[at]
        if not line.startswith("  "):
            break
        inner = line[2:]
        at += 1
        if _CHILD.match(inner):
            member = []
            members.append(member)
        elif _CLOSING.match(inner):
            break
        else:
            member.append(_unbarred(inner))
    if depth < MAX_DEPTH:
        node.members = [chain for each in members if (chain := _chain(each, depth + 1))]
    return at
