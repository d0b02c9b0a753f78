"""Reads a function out of the few lines that an event shows of it, with gaps and often without its head."""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping

from triage.drafting.replay.stack.views import COMPREHENSIONS, FunctionView, straight_way


def view_in_lines(lines: Mapping[int, str], line: int, name: str) -> FunctionView:
    """The function of that name that runs `line`, as far as the lines show it."""
    empty = FunctionView(None, (), frozenset(), None)
    if line not in lines:
        return empty
    start = _definition_line(lines, line, name)
    has_header = start is not None
    if start is None:
        start = _first_of_block(lines, line)
        for outer in _outer_starts(lines, line, start):
            seen = _headless(lines, outer, line)
            if seen is not None:
                return seen
    for tree in _parsed(lines, start, line):
        body = tree.body
        if has_header and body and isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef):
            before, enclosing, statement = straight_way(body[0].body, line)
            if statement is None:
                continue
            return FunctionView(body[0], tuple(before), frozenset(enclosing), statement)
        before, enclosing, statement = straight_way(body, line)
        if statement is not None:
            return FunctionView(None, tuple(before), frozenset(enclosing), statement)
    if has_header or start < line:
        alone = {line: lines[line], **{at: text for at, text in lines.items() if at > line}}
        return view_in_lines(alone, line, "") if len(alone) < len(lines) else empty
    return empty


def _definition_line(lines: Mapping[int, str], line: int, name: str) -> int | None:
    bare = name.rpartition(".")[2]
    lowest = len(lines[line]) - len(lines[line].lstrip())
    for at in range(line, min(lines) - 1, -1):
        text = lines.get(at)
        if text is None:
            return None
        if not text.strip():
            continue
        indent = len(text) - len(text.lstrip())
        match = re.match(r"\s*(?:async\s+)?def\s+(\w+)", text)
        if match and (indent < lowest or at == line):
            return at if match[1] == bare or bare in COMPREHENSIONS else None
        lowest = min(lowest, indent)
    return None


def _outer_starts(lines: Mapping[int, str], line: int, inner: int) -> list[int]:
    """Lines above `inner` that the block of `line` may lie within, the outermost first: up to a gap or a definition."""
    lowest = len(lines[inner]) - len(lines[inner].lstrip())
    starts: list[int] = []
    for at in range(inner - 1, min(lines) - 1, -1):
        text = lines.get(at)
        if text is None or re.match(r"\s*(?:async\s+def|def|class)\s|\s*@", text):
            break
        stripped = text.strip()
        indent = len(text) - len(text.lstrip())
        if not stripped or indent > lowest:
            continue
        lowest = indent
        if not re.match(r"[)\]}]|(?:else|elif|except|finally)\b", stripped):
            starts.insert(0, at)
    return starts


def _parsed(lines: Mapping[int, str], start: int, line: int) -> Iterator[ast.Module]:
    """What parses from `start` to `line` or a few lines behind it, the shortest first, numbered as in the file."""
    for last in range(line, line + 12):
        if last > line and last not in lines:
            return
        tree = _parse_block([lines.get(at, "") for at in range(start, last + 1)])
        if tree is not None:
            ast.increment_lineno(tree, start - 1)
            yield tree


def _headless(lines: Mapping[int, str], start: int, line: int) -> FunctionView | None:
    """The part of a function from `start` on, None where it does not parse or does not lead to `line`."""
    for tree in _parsed(lines, start, line):
        before, enclosing, statement = straight_way(tree.body, line)
        if statement is not None:
            return FunctionView(None, tuple(before), frozenset(enclosing), statement)
    return None


def _first_of_block(lines: Mapping[int, str], line: int) -> int:
    indent = len(lines[line]) - len(lines[line].lstrip())
    start = line
    for at in range(line - 1, min(lines) - 1, -1):
        text = lines.get(at)
        if text is None:
            break
        if text.strip() and len(text) - len(text.lstrip()) < indent:
            break
        if text.strip() and len(text) - len(text.lstrip()) == indent and not text.strip().startswith((")", "]", "}")):
            start = at
    return start


def _parse_block(block: list[str]) -> ast.Module | None:
    text = textwrap.dedent("\n".join(block))
    for attempt in (text, _closed(text)):
        try:
            return ast.parse(attempt)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None


def _closed(text: str) -> str:
    """`text` with every `try:` that has lost its handlers closed by a bare `finally`."""
    lines = text.split("\n")
    closers = []
    for number, line in enumerate(lines):
        if line.strip() == "try:":
            indent = len(line) - len(line.lstrip())
            rest = lines[number + 1 :]
            if not any(
                re.match(r"(except|finally)\b", item.strip()) and len(item) - len(item.lstrip()) == indent
                for item in rest
            ):
                closers.append(" " * indent + "finally:\n" + " " * indent + "    pass")
    return "\n".join([*lines, *reversed(closers)])
