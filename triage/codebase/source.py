"""One Python source file read as lines and named scopes."""

import ast
import functools
import io
import re
import threading
import tokenize
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.domain.python_text import read_python

_NEWLINE = re.compile(r"\r\n|\r|\n")
_HEADER = re.compile(r"^([ \t]*)(?:async[ \t]+)?(def|class)[ \t]+(\w+)")
_PARSING = threading.Lock()
_COMPREHENSIONS: dict[type[ast.AST], str] = {
    ast.ListComp: "<listcomp>",
    ast.SetComp: "<setcomp>",
    ast.DictComp: "<dictcomp>",
    ast.GeneratorExp: "<genexpr>",
}
MODULE = "<module>"
_BATCH = 400
"""Lines that are parsed in one go."""


class ScopeKind(StrEnum):
    """What made the scope."""

    FUNCTION = "function"
    CLASS = "class"
    LAMBDA = "lambda"
    COMPREHENSION = "comprehension"
    MODULE = "module"


@dataclass(frozen=True, slots=True)
class Scope:
    """Code that runs in a frame of its own: `name` is its co_name, `qualname` Python's.

    `start` and `end` are its first and last line, decorators included; `body` is the half-open
    range of its statements (the def line is no part of it unless they share one).
    """

    name: str
    qualname: str
    kind: ScopeKind
    start: int
    end: int
    body: tuple[int, int]

    def holds(self, line: int) -> bool:
        return self.start <= line <= self.end


@dataclass(frozen=True, slots=True, eq=False)
class SourceFile:
    """`lines[0]` is line 1. `scopes` are in source order, the module itself last."""

    lines: tuple[str, ...]
    scopes: tuple[Scope, ...]

    def line(self, number: int | None) -> str | None:
        return self.lines[number - 1] if number is not None and 1 <= number <= len(self.lines) else None

    @property
    def module(self) -> Scope:
        return self.scopes[-1]

    def named(self, name: str) -> list[Scope]:
        """Every scope that a frame with this function name can be."""
        wanted = plain_name(name)
        return [scope for scope in self.scopes if scope.name == wanted]

    def scope_at(self, line: int, name: str) -> Scope | None:
        """The innermost scope called `name` that holds the line.

        Header lines (decorators, defaults) run in the scope around; they count only when no
        body holds the line.
        """
        around = [scope for scope in self.named(name) if scope.holds(line)]
        found = [scope for scope in around if scope.body[0] <= line] or around
        return max(found, key=lambda scope: (scope.start, -scope.end), default=None)

    def innermost(self, line: int) -> Scope:
        """The innermost function, class or module that holds the line."""
        kinds = (ScopeKind.FUNCTION, ScopeKind.CLASS)
        found = [scope for scope in self.scopes if scope.kind in kinds and scope.holds(line)]
        return max(found, key=lambda scope: (scope.start, -scope.end), default=self.module)

    def by_qualname(self, qualname: str) -> Scope | None:
        found = [scope for scope in self.scopes if scope.qualname == qualname]
        return found[-1] if found else None

    def function_around(self, scope: Scope) -> Scope:
        """The def, class or module that a lambda or comprehension belongs to; else itself."""
        if scope.kind not in (ScopeKind.LAMBDA, ScopeKind.COMPREHENSION):
            return scope
        outer = scope.qualname
        while "." in outer:
            outer = outer.rpartition(".")[0].removesuffix(".<locals>")
            for found in self.scopes:
                if found.qualname == outer and found.holds(scope.start) and found.kind is ScopeKind.FUNCTION:
                    return found
        return self.module if "." not in scope.qualname else self.innermost(scope.start)


def plain_name(name: str) -> str:
    """A frame's function name without classes: some senders qualify it."""
    return name if name.startswith("<") else name.rpartition(".")[2]


def decode(content: bytes) -> str:
    """Source bytes as text by their coding line or BOM; what cannot be read is replaced."""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
        return content.decode(encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return content.decode("utf-8", "replace")


@functools.lru_cache(maxsize=64)
def lines_by_text(source: SourceFile) -> dict[str, list[int]]:
    """The numbers of the lines with a text, blanks around it aside."""
    found: dict[str, list[int]] = {}
    for number, text in enumerate(source.lines, 1):
        found.setdefault(text.strip(), []).append(number)
    return found


@functools.lru_cache(maxsize=256)
def read_source(content: bytes) -> SourceFile:
    """A file's lines and scopes. Code that this Python cannot parse is scanned by indentation."""
    text = decode(content)
    lines = tuple(_NEWLINE.split(text))
    if lines and lines[-1] == "":
        lines = lines[:-1]
    try:
        scopes = _in_batches(lines) if len(lines) > _BATCH else _parsed(lines)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        scopes = _from_indentation(lines)
    last = max(len(lines), 1)
    whole = Scope(MODULE, MODULE, ScopeKind.MODULE, 1, last, (1, last + 1))
    return SourceFile(lines, (*scopes, whole))


def _parsed(lines: Sequence[str], shift: int = 0) -> list[Scope]:
    """The scopes of some lines; `shift` lines stand before them in their file."""
    with _PARSING, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse("\n".join(lines))
    return _from_tree(tree, shift)


def _in_batches(lines: tuple[str, ...]) -> list[Scope]:
    """The same a few hundred lines at a time: the parser lets no other thread of ours run, and
    a key press must not wait for all of a long file. Where a batch cannot be told from the rest,
    the file is parsed as one."""
    found: list[Scope] = []
    starts = read_python("\n".join(lines)).starts
    first = 1
    try:
        for start in (*starts[1:], len(lines) + 1):
            if start - first >= _BATCH or start > len(lines):
                found += _parsed(lines[first - 1 : start - 1], first - 1)
                first = start
    except SyntaxError:
        return _parsed(lines)
    return found


def _from_tree(tree: ast.Module, shift: int = 0) -> list[Scope]:
    found: list[Scope] = []
    pending: list[tuple[ast.AST, str]] = [(child, "") for child in ast.iter_child_nodes(tree)]
    while pending:
        node, prefix = pending.pop()
        inner = prefix
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            is_class = isinstance(node, ast.ClassDef)
            qualname = prefix + node.name
            start = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            end = (node.end_lineno or node.lineno) + shift
            kind = ScopeKind.CLASS if is_class else ScopeKind.FUNCTION
            body = (node.body[0].lineno + shift, end + 1)
            found.append(Scope(node.name, qualname, kind, start + shift, end, body))
            inside = f"{qualname}." if is_class else f"{qualname}.<locals>."
            outside: list[ast.AST] = [*node.decorator_list]
            if isinstance(node, ast.ClassDef):
                outside += [*node.bases, *node.keywords]
            else:
                outside += [node.args, *([node.returns] if node.returns else [])]
            pending += [(child, prefix) for child in outside]
            pending += [(child, inside) for child in node.body]
            continue
        if isinstance(node, ast.Lambda):
            name, kind = "<lambda>", ScopeKind.LAMBDA
        elif type(node) in _COMPREHENSIONS:
            name, kind = _COMPREHENSIONS[type(node)], ScopeKind.COMPREHENSION
        else:
            pending += [(child, prefix) for child in ast.iter_child_nodes(node)]
            continue
        assert isinstance(node, ast.expr)
        start, end = node.lineno + shift, (node.end_lineno or node.lineno) + shift
        found.append(Scope(name, prefix + name, kind, start, end, (start, end + 1)))
        inner = f"{prefix}{name}.<locals>."
        pending += [(child, inner) for child in ast.iter_child_nodes(node)]
    return sorted(found, key=lambda scope: (scope.start, -scope.end))


def _from_indentation(lines: tuple[str, ...]) -> list[Scope]:
    """Scopes by def and class headers and their indentation, for what does not parse."""
    found: list[Scope] = []
    stack: list[tuple[int, str, str, int]] = []  # indent, kind, qualname, start
    last_code = 0
    header_start = 0

    def close(indent: int) -> None:
        while stack and stack[-1][0] >= indent:
            _, kind, qualname, start = stack.pop()
            end = max(last_code, start)
            body = min(start + 1, end)
            made = ScopeKind.CLASS if kind == "class" else ScopeKind.FUNCTION
            found.append(Scope(qualname.rpartition(".")[2], qualname, made, start, end, (body, end + 1)))

    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        indent = len(line.expandtabs()) - len(line.expandtabs().lstrip())
        header = _HEADER.match(line)
        if stripped.startswith("@"):
            header_start = header_start or number
        if header or (stripped[0] not in ")]}'\"" and stack):
            close(indent)
        last_code = number
        if header:
            outer = ""
            if stack:
                outer = stack[-1][2] + ("." if stack[-1][1] == "class" else ".<locals>.")
            stack.append((indent, header[2], outer + header[3], header_start or number))
        if not stripped.startswith("@"):
            header_start = 0
    close(0)
    return sorted(found, key=lambda scope: (scope.start, -scope.end))
