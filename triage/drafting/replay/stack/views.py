"""Functions around a line, read from a whole file or from the few lines that an event carries."""

import ast
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from triage.drafting.replay.stack.half_classes import seen

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


COMPREHENSIONS = ("<listcomp>", "<setcomp>", "<dictcomp>", "<genexpr>", "<lambda>")


@dataclass(frozen=True)
class SourceFile:
    """A file's lines by number, whole or in part, parsed as far as they allow.

    `selves`: the class of the object whose method ran, by the line that it was at; for files of other programs.
    """

    path: str
    lines: Mapping[int, str]
    whole: bool
    selves: Mapping[int, str] = field(default_factory=dict)

    @cached_property
    def tree(self) -> ast.Module | None:
        if not self.whole:
            return None
        try:
            return ast.parse("\n".join(self.lines[number] for number in sorted(self.lines)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def loose(self) -> list[tuple[int, ast.stmt]]:
        """(indent, statement) of every complete simple statement or definition that is visible."""
        if self.tree is not None:
            return [(node.col_offset, node) for node in _statements(self.tree)]
        return list(_loose_statements(self.lines))

    @cached_property
    def half_classes(self) -> Mapping[str, ast.ClassDef]:
        """Classes by name of which some methods can be seen, put together from those."""
        found: dict[str, ast.ClassDef] = {}
        for name in set(self.selves.values()):
            node = seen(self.lines, sorted(at for at, known in self.selves.items() if known == name))
            if node is not None:
                node.name = name
                found[name] = node
        return found

    @cached_property
    def by_name(self) -> Mapping[str, list[ast.Call | FunctionNode]]:
        """Calls by the last part of what they call, definitions of functions by their name; one walk for all."""
        found: dict[str, list[ast.Call | FunctionNode]] = {}
        for node in ast.walk(self.tree) if self.tree is not None else ():
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append(node)
            elif isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                found.setdefault(name, []).append(node)
        return found

    @cached_property
    def classes(self) -> Mapping[str, ast.ClassDef]:
        """Every class of the file by its name; one walk for all."""
        return {node.name: node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)} if self.tree else {}

    def module_value(self, name: str) -> ast.expr | None:
        """The expression that a module-level `name = ...` assigns."""
        found = None
        for indent, node in self.loose:
            if indent == 0 and (value := assigned_value(node, name)) is not None:
                found = value
        return found

    def attribute_values(self, attribute: str) -> list[tuple[ast.expr, int]]:
        """The expressions of all `self.<attribute> = ...`, each with its line; None is the last of them."""
        found: list[tuple[ast.expr, int]] = []
        for _, node in self.loose:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            for target in targets:
                if (
                    value is not None
                    and isinstance(target, ast.Attribute)
                    and target.attr == attribute
                    and isinstance(target.value, ast.Name)
                    and target.value.id in ("self", "cls")
                ):
                    found.append((value, node.lineno))
        return sorted(found, key=lambda item: isinstance(item[0], ast.Constant) and item[0].value is None)

    def attribute_value(self, attribute: str) -> tuple[ast.expr, int] | None:
        """The likeliest of them."""
        return next(iter(self.attribute_values(attribute)), None)

    def function_around(self, line: int) -> str:
        """The name of the function whose body holds `line`, "" where its head cannot be seen."""
        text = self.lines.get(line, "")
        indent = len(text) - len(text.lstrip())
        for at in range(line - 1, 0, -1):
            above = self.lines.get(at)
            if above is None:
                return ""
            if above.strip() and len(above) - len(above.lstrip()) < indent:
                indent = len(above) - len(above.lstrip())
                if match := re.match(r"\s*(?:async\s+)?def\s+(\w+)", above):
                    return match[1]
        return ""

    def imported(self, name: str) -> tuple[str, str] | None:
        """(module, attribute or "") that a visible import binds `name` to; relative ones keep dots."""
        return self._imports.get(name)

    @cached_property
    def _imports(self) -> Mapping[str, tuple[str, str]]:
        found: dict[str, tuple[str, str]] = {}
        for _, node in self.loose:
            if isinstance(node, ast.Import):
                for alias in node.names:
                    top = alias.name.split(".")[0]
                    found.setdefault(alias.asname or top, (alias.name if alias.asname else top, ""))
            elif isinstance(node, ast.ImportFrom):
                module = "." * node.level + (node.module or "")
                for alias in node.names:
                    found.setdefault(alias.asname or alias.name, (module, alias.name))
        return found


@dataclass(frozen=True)
class FunctionView:
    """A function around a frame's line.

    `before` are the statements that ran before the crash line on the straight way to it;
    an entry that is a `with` or `for` holds the crash line in its body. `statement` is the one
    that was running, None when it cannot be read.
    """

    node: FunctionNode | None
    before: tuple[ast.stmt, ...]
    enclosing: frozenset[int]
    statement: ast.stmt | None
    classes: tuple[str, ...] = ()
    nested: bool = False

    @cached_property
    def parameters(self) -> tuple[str, ...]:
        return parameter_names(self.node) if self.node else ()

    @cached_property
    def assigned(self) -> frozenset[str]:
        """Names that the function binds itself, other than by its parameters."""
        names: set[str] = set()
        roots: list[ast.AST] = [self.node] if self.node else list(self.before)
        if self.statement is not None and not self.node:
            roots.append(self.statement)
        for root in roots:
            for node in ast.walk(root):
                if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                    names.add(node.id)
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node is not self.node:
                    names.add(node.name)
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    names |= {item.asname or item.name.split(".")[0] for item in node.names}
        return frozenset(names)

    def reassigned_before_crash(self, name: str) -> bool:
        """Whether `name` may no longer hold what it held when the function was entered."""
        last = self.statement.lineno if self.statement else 1 << 30
        for root in self.before:
            for node in ast.walk(root):
                if getattr(node, "lineno", 0) > last and id(root) not in self.enclosing:
                    continue
                if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store | ast.Del):
                    return True
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and isinstance(node.func.value, ast.Name)
                    and node.func.value.id == name
                    and node.func.attr in MUTATORS
                ):
                    return True
                if (
                    isinstance(node, ast.Subscript)
                    and isinstance(node.ctx, ast.Store | ast.Del)
                    and isinstance(node.value, ast.Name)
                    and node.value.id == name
                ):
                    return True
        return False


def _statements(tree: ast.Module) -> list[ast.stmt]:
    """All statements of a file, outer ones first, without a look into expressions."""
    found: list[ast.stmt] = list(tree.body)
    for node in found:
        for block in _blocks(node):
            found += block
    return found


MUTATORS = frozenset(
    {
        "add", "append", "appendleft", "clear", "close", "discard", "extend", "insert", "pop", "popitem", "popleft",
        "read", "readline", "remove", "reverse", "seek", "send", "setdefault", "sort", "update", "write",
    }
)  # fmt: skip

# Methods of a mapping that take a key.
LOOKS_UP = ("get", "setdefault", "pop")


def _loose_statements(lines: Mapping[int, str]) -> Iterator[tuple[int, ast.stmt]]:
    """Parse what can be parsed of lines with gaps: simple statements, imports, whole definitions."""
    decorated: dict[int, int] = {}
    for number in sorted(lines):
        text = lines[number]
        stripped = text.strip()
        if not stripped or stripped.startswith(("#", ")", "]", "}")):
            continue
        indent = len(text) - len(text.lstrip())
        if stripped.startswith("@"):
            decorated.setdefault(indent, number)
            continue
        number = decorated.pop(indent, number)
        for last in range(number, number + 40):
            if last not in lines:
                break
            open_ended = stripped.startswith(("def ", "async def ", "class ")) and not _block_ends(lines, last, indent)
            if open_ended and (last + 1 in lines or stripped.startswith("class ")):
                continue
            block = textwrap.dedent("\n".join(lines[at] for at in range(number, last + 1)))
            try:
                parsed = ast.parse(block).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue
            if open_ended and not _is_over(parsed[-1]):
                continue
            if len(parsed) == 1:
                ast.increment_lineno(parsed[0], number - 1)
                yield indent, parsed[0]
            break


def _is_over(node: ast.stmt) -> bool:
    """Whether nothing of a function can follow its last visible statement."""
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and isinstance(
        node.body[-1], ast.Return | ast.Raise
    )


def _block_ends(lines: Mapping[int, str], last: int, indent: int) -> bool:
    """Whether a definition ends at `last`: what follows, past empty lines, lies no deeper. Unseen lines after an
    empty one are taken for its end."""
    at = last + 1
    while at in lines and not lines[at].strip():
        at += 1
    if at in lines:
        return len(lines[at]) - len(lines[at].lstrip()) <= indent
    return at > last + 1


def assigned_value(node: ast.stmt, name: str) -> ast.expr | None:
    """What `node` assigns to the plain name `name`, if it does."""
    if isinstance(node, ast.Assign) and any(isinstance(item, ast.Name) and item.id == name for item in node.targets):
        return node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.target.id == name:
        return node.value
    return None


def parameter_names(node: FunctionNode | ast.Lambda) -> tuple[str, ...]:
    arguments = node.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [item for item in (arguments.vararg, arguments.kwarg) if item]
    return tuple(item.arg for item in every)


def view_of(source: SourceFile, line: int, name: str) -> FunctionView:
    """The function of `source` that runs `line`, as far as it can be seen."""
    tree = source.tree if source.whole else None
    if tree is not None:
        return _view_in_tree(tree, line)
    from triage.drafting.replay.stack.sparse import view_in_lines

    return view_in_lines(source.lines, line, name)


def _view_in_tree(tree: ast.Module, line: int) -> FunctionView:
    node: FunctionNode | None = None
    classes: list[str] = []
    nested = False
    scope: ast.AST = tree
    while True:
        inner = next(
            (item for item in _definitions(scope) if item.lineno <= line <= (item.end_lineno or item.lineno)),
            None,
        )
        if inner is None:
            break
        if isinstance(inner, ast.ClassDef):
            classes = [*classes, inner.name] if node is None else [inner.name]
            nested = nested or node is not None
        else:
            nested = nested or node is not None
            node = inner
        scope = inner
    if isinstance(scope, ast.ClassDef):
        node = None
    body = node.body if node else tree.body
    before, enclosing, statement = straight_way(body, line)
    return FunctionView(node, tuple(before), frozenset(enclosing), statement, tuple(classes), nested)


def _definitions(scope: ast.AST) -> Iterator[ast.ClassDef | FunctionNode]:
    """Definitions in `scope` that are not inside another definition of it."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield child
        elif isinstance(child, ast.stmt | ast.ExceptHandler | ast.match_case):
            yield from _definitions(child)


def straight_way(body: list[ast.stmt], line: int) -> tuple[list[ast.stmt], list[int], ast.stmt | None]:
    before: list[ast.stmt] = []
    enclosing: list[int] = []
    block = body
    while True:
        following: list[ast.stmt] | None = None
        for node in block:
            end = node.end_lineno or node.lineno
            if end < line:
                before.append(node)
                continue
            if node.lineno > line:
                return before, enclosing, None
            inner = next((part for part in _blocks(node) if part[0].lineno <= line <= (part[-1].end_lineno or 0)), None)
            if inner is None or isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                return before, enclosing, node
            before.append(node)
            enclosing.append(id(node))
            following = inner
            break
        if following is None:
            return before, enclosing, None
        block = following


def _blocks(node: ast.stmt) -> list[list[ast.stmt]]:
    blocks = [getattr(node, part, None) for part in ("body", "orelse", "finalbody")]
    for handler in getattr(node, "handlers", ()):
        blocks.append(handler.body)
    for case in getattr(node, "cases", ()):
        blocks.append(case.body)
    return [block for block in blocks if block and isinstance(block[0], ast.stmt)]
