"""A Python file read in pieces: what can be said of a few lines without parsing all of it.

Opening a file of 20,000 lines must not wait for a parser. One quick pass finds the strings that
span lines; with them known, any top-level statement can be lexed or parsed on its own, later.
"""

import ast
import re
import warnings
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MOST_LINE = 2_000
"""Characters of a line that are looked at for quotes."""
LONGEST_PIECE = 3_000
"""Lines of a top-level statement that is parsed at most; of a longer one nothing is said."""

_OPENING = re.compile(r'"""|\'\'\'')
_BEFORE = re.compile(
    r"""#.*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?P<open>\"\"\"|''')""",
)
_OPENING_NAMED = re.compile(r"(?P<open>\"\"\"|''')")
_TOP = re.compile(r"[^\s#)\]}]")
_GOES_ON = re.compile(r"(?:else|elif|except|finally|case)\b")
_BREAKS = re.compile(r"\r\n|\r")


@dataclass(frozen=True, slots=True)
class Piece:
    """A top-level statement: its first line, and the line behind its last (both from 1)."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class PythonText:
    """`lines[0]` is line 1. `strings` are the (first, last) lines of strings over several lines;
    `starts` the first lines of top-level statements."""

    lines: tuple[str, ...]
    strings: tuple[tuple[int, int], ...] = ()
    starts: tuple[int, ...] = ()

    def string_at(self, line: int) -> tuple[int, int] | None:
        """The string over several lines that is open when `line` begins."""
        place = bisect_right(self.strings, (line - 1, 1 << 60)) - 1
        if place >= 0:
            first, last = self.strings[place]
            if first < line <= last:
                return first, last
        return None

    def piece_at(self, line: int) -> Piece | None:
        """The top-level statement that holds `line`; None before the first."""
        place = bisect_right(self.starts, line) - 1
        if place < 0:
            return None
        end = self.starts[place + 1] if place + 1 < len(self.starts) else len(self.lines) + 1
        return Piece(self.starts[place], end)

    def pieces(self, first: int, last: int) -> Iterator[Piece]:
        """The top-level statements that hold lines from `first` to `last`."""
        at = first
        while at <= last:
            piece = self.piece_at(at)
            if piece is None:
                at = self.starts[0] if self.starts else last + 1
                continue
            yield piece
            at = piece.end


def split_lines(text: str) -> tuple[str, ...]:
    """The lines as Python and git count them (form feeds and the like end none)."""
    lines = (_BREAKS.sub("\n", text) if "\r" in text else text).split("\n")
    if lines and lines[-1] == "":
        lines.pop()
    return tuple(lines)


def read_python(text: str) -> PythonText:
    """The text with what one quick pass tells of it."""
    lines = split_lines(text)
    strings = tuple(_long_strings(lines))
    return PythonText(lines, strings, tuple(_tops(lines, strings)))


def _long_strings(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Strings in three quotes that end on another line than they begin on."""
    quote, began = "", 0
    for number, line in enumerate(lines, 1):
        if not quote and '"""' not in line and "'''" not in line:
            continue
        if quote and quote not in line:
            continue
        at = 0
        text = line[:MOST_LINE]
        while True:
            if quote:
                end = _closing(text, quote, at)
                if end < 0:
                    break
                if began != number:
                    yield began, number
                quote, at = "", end
            found = _opener(text, at)
            if found is None:
                break
            quote, at, began = text[found : found + 3], found + 3, number
    if quote and began < len(lines):
        yield began, len(lines)


def _closing(text: str, quote: str, at: int) -> int:
    """Where the quote that ends the string is over, -1 when it is not on this line."""
    while (found := text.find(quote, at)) >= 0:
        slashes = 0
        while found - slashes - 1 >= at and text[found - slashes - 1] == "\\":
            slashes += 1
        if slashes % 2 == 0:
            return found + 3
        at = found + 1
    return -1


def _opener(text: str, at: int) -> int | None:
    """Where three quotes open a string, outside of comments and short strings."""
    if not _OPENING.search(text, at):
        return None
    while found := _next(text, at):
        if found["open"]:
            return found.start()
        at = found.end()
    return None


def _next(text: str, at: int) -> re.Match[str] | None:
    """The next comment, short string or three quotes; three quotes are not an empty string and one more."""
    found = _BEFORE.search(text, at)
    if found and found[0] in ('""', "''") and text[found.start() : found.start() + 3] in ('"""', "'''"):
        return _OPENING_NAMED.match(text, found.start())
    return found


def _tops(lines: Sequence[str], strings: Sequence[tuple[int, int]]) -> Iterator[int]:
    inside = iter((*strings, (1 << 60, 1 << 60)))
    first, last = next(inside)
    decorated = False
    for number, line in enumerate(lines, 1):
        if not line or line[0] in " \t#)]}\f":
            continue
        while number > last:
            first, last = next(inside)
        if first < number <= last or not _TOP.match(line) or _GOES_ON.match(line):
            continue
        if not decorated:
            yield number
        decorated = line[0] == "@"


@dataclass(frozen=True, slots=True)
class Body:
    """A function's own lines, and the name it goes by; `start` is that of its def (or decorator)."""

    qualname: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Read:
    """What parsing one piece told. `runs` maps each line of a function's statement to the lines
    of that statement: where one of them ran, all did. Lines that no event can tell of are not in it."""

    runs: dict[int, tuple[int, int]]
    bodies: tuple[Body, ...]


NOTHING = Read({}, ())


def read_piece(text: PythonText, piece: Piece) -> Read:
    """The statements inside functions of one piece, and its functions; NOTHING when this Python
    cannot parse it or it is too long to be parsed while somebody waits."""
    if piece.end - piece.start > LONGEST_PIECE:
        return NOTHING
    source = "\n".join(text.lines[piece.start - 1 : piece.end - 1])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return NOTHING
    runs: dict[int, tuple[int, int]] = {}
    bodies: list[Body] = []
    waiting: list[tuple[ast.stmt, bool, str]] = [(node, False, "") for node in tree.body]
    shift = piece.start - 1
    while waiting:
        node, inside, prefix = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            if inside:
                _mark(runs, first, _head_end(node), shift)
            is_class = isinstance(node, ast.ClassDef)
            name = prefix + node.name
            if not is_class:
                bodies.append(Body(name, first + shift, (node.end_lineno or node.lineno) + shift))
            below = f"{name}." if is_class else f"{name}.<locals>."
            waiting += [(item, not is_class, below) for item in node.body]
            continue
        below_it = list(_statements(node))
        if inside and _tells(node):
            _mark(runs, node.lineno, _head_end(node) if below_it else node.end_lineno or node.lineno, shift)
        waiting += [(item, inside, prefix) for item in below_it]
    return Read(runs, tuple(sorted(bodies, key=lambda body: (body.start, -body.end))))


def _head_end(node: ast.stmt) -> int:
    """The last line of what stands before a compound statement's colon."""
    parts: list[ast.expr] = []
    for name in ("test", "iter", "subject", "bases", "returns"):
        part = getattr(node, name, None)
        parts += [item for item in (part if isinstance(part, list) else [part]) if isinstance(item, ast.expr)]
    for item in getattr(node, "items", ()):
        parts += [item.context_expr, *([item.optional_vars] if item.optional_vars else [])]
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = node.args
        parts += [*arguments.defaults, *(item for item in arguments.kw_defaults if item)]
        parts += [item.annotation for item in ast.walk(arguments) if isinstance(item, ast.arg) and item.annotation]
    return max([node.lineno, *(part.end_lineno or 0 for part in parts)])


def _mark(runs: dict[int, tuple[int, int]], first: int, last: int, shift: int) -> None:
    for line in range(first, last + 1):
        runs.setdefault(line + shift, (first + shift, last + shift))


def _tells(node: ast.stmt) -> bool:
    """Whether running this statement leaves a line event."""
    if isinstance(node, ast.Try | ast.TryStar | ast.Global | ast.Nonlocal):
        return False
    if isinstance(node, ast.Expr):
        return not isinstance(node.value, ast.Constant)
    if isinstance(node, ast.AnnAssign):
        return node.value is not None
    if isinstance(node, ast.While | ast.If):
        return not isinstance(node.test, ast.Constant)
    return True


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """The statements right inside a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        for item in getattr(node, name, ()):
            if isinstance(item, ast.stmt):
                yield item
    for handler in getattr(node, "handlers", ()):
        yield from handler.body
    for case in getattr(node, "cases", ()):
        yield from case.body
