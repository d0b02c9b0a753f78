"""Says whether a piece of code, or what it calls, is what the worktree's file holds.

Standard library only, Python 3.8+. A draft can make code that carries another file's name; what it
cannot do is make it equal to a fresh compile of that file and still do something else.
"""

from __future__ import annotations

import ast
import builtins
import functools
import os
import sys
from types import CodeType
from typing import Any, Iterator

REWRITTEN = "@pytest_ar"
C_CALLABLES: tuple[Any, ...] = (type(len), type([].append), type({}.__getitem__), type(str.join), functools.partial)


class Genuine:
    """Compares code with the files under `root`. One per run; files are compiled once."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._compiled: dict[str, dict[tuple[str, int], tuple[str, CodeType]] | None] = {}
        self._bound: dict[str, dict[str, str] | None] = {}
        self._known: dict[int, tuple[CodeType, bool]] = {}
        self._builtins = dict(vars(builtins))

    def names(self, path: str) -> dict[tuple[str, int], str]:
        """(name, first line) of every piece of code of a file, with its qualified name."""
        return {key: name for key, (name, _) in (self._file(path) or {}).items()}

    def code(self, code: CodeType, path: str) -> bool:
        """Whether `code` is what the file holds. True as well where nobody can tell: files that are not
        Python (templates), and modules that pytest has rewritten."""
        known = self._known.get(id(code))
        if known is None or known[0] is not code:
            known = (code, self._look(code, path))
            self._known[id(code)] = known
        return known[1]

    def _look(self, code: CodeType, path: str) -> bool:
        if not path.endswith(".py") or REWRITTEN in code.co_names:
            return True
        found = self._file(path)
        if found is None:
            return True
        held = found.get((code.co_name, code.co_firstlineno))
        if held is not None and _equal(held[1], code):
            return True
        return any(_equal(item, code) for item in self._checked(path, code.co_name))

    def _checked(self, path: str, name: str) -> Iterator[CodeType]:
        """The file's functions of this name as typeguard compiles them anew with its checks in them."""
        transformer = getattr(sys.modules.get("typeguard._transformer"), "TypeguardTransformer", None)
        if transformer is None:
            return
        full = os.path.join(self._root, path)
        for target in _functions(full, name):
            for arguments in (target, ()):  # by its decorator, or by its import hook
                try:
                    with open(full, "rb") as source:
                        tree = ast.parse(source.read())
                    transformer(*arguments).visit(tree)
                    top = compile(tree, full, "exec", dont_inherit=True)
                except Exception:
                    continue
                yield from (item for item in _within(top) if item.co_name == name)

    def _file(self, path: str) -> dict[tuple[str, int], tuple[str, CodeType]] | None:
        if path not in self._compiled:
            self._compiled[path] = _pieces(os.path.join(self._root, path))
        return self._compiled[path]

    def replaced(self, code: CodeType, names: dict[str, Any], path: str) -> str:
        """A function that `code` calls by name and that somebody put C code in the place of; "" for none.

        C code raises without a frame of its own: nothing else in the traceback would show it.
        """
        bound = self._binding(path)
        if bound is None:
            return ""
        for name in code.co_names:
            if name in names:
                value, how = names[name], bound.get(name, "")
                if not isinstance(value, C_CALLABLES):
                    continue
                if how in ("def", "class") or (not how and self._builtins.get(name) is not value):
                    return name
                if how.startswith("from ") and _original(how, value) is not value:
                    return name
            elif name in self._builtins and getattr(builtins, name, None) is not self._builtins[name]:
                return name
        return ""

    def _binding(self, path: str) -> dict[str, str] | None:
        if path not in self._bound:
            try:
                with open(os.path.join(self._root, path), "rb") as file:
                    tree = ast.parse(file.read())
                self._bound[path] = dict(_bindings(tree))
            except (OSError, SyntaxError, ValueError, RecursionError):
                self._bound[path] = None
        return self._bound[path]

    def type_is(self, kind: type, name: str) -> bool:
        """Whether `kind` is the type that goes by this qualified name, and not one that only says so."""
        module, _, last = name.rpartition(".")
        if not module:
            return self._builtins.get(last) is kind
        qualname = str(type.__dict__["__qualname__"].__get__(kind))
        holder = sys.modules.get(name[: -len(qualname) - 1])
        value: Any = holder
        for part in qualname.split("."):
            value = getattr(value, part, None)
        # A type that its module no longer names (a reloaded module, one made in a function) may be anything's.
        return value is None or value is kind or not isinstance(value, type)


def _original(how: str, value: Any) -> Any:
    """What `from module import name` would bind now; the value itself where that cannot be said."""
    _, module, name = how.split(" ")
    return getattr(sys.modules.get(module), name, value)


def _bindings(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Module-level names and how they are bound; "any" for what may hold anything."""
    pending: list[ast.AST] = list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, "any" if node.decorator_list else "def"
        elif isinstance(node, ast.ClassDef):
            yield node.name, "any" if node.decorator_list else "class"
        elif isinstance(node, ast.ImportFrom):
            for item in node.names:
                whole = node.module if node.module and not node.level else ""
                yield item.asname or item.name, "from {} {}".format(whole, item.name) if whole else "any"
                if item.name == "*":
                    raise ValueError("names come from elsewhere")
        elif isinstance(node, ast.Import):
            for item in node.names:
                yield (item.asname or item.name).split(".")[0], "any"
        else:
            for inner in ast.walk(node):
                if isinstance(inner, ast.Name) and isinstance(inner.ctx, (ast.Store, ast.Del)):
                    yield inner.id, "any"
                elif inner is not node and isinstance(inner, (ast.stmt, ast.excepthandler)):
                    pending.append(inner)
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            for name in node.names:
                yield name, "any"


def _pieces(file: str) -> dict[tuple[str, int], tuple[str, CodeType]] | None:
    try:
        with open(file, "rb") as source:
            top = compile(source.read(), file, "exec", dont_inherit=True)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return None
    found: dict[tuple[str, int], tuple[str, CodeType]] = {(top.co_name, top.co_firstlineno): (top.co_name, top)}
    pending = [(top, "", False)]
    while pending:
        code, prefix, in_function = pending.pop()
        for item in code.co_consts:
            if isinstance(item, CodeType):
                name = prefix + ("<locals>." if in_function else "") + item.co_name
                key = (item.co_name, item.co_firstlineno)
                if key not in found or not _equal(found[key][1], item):
                    # Several lambdas on one line: the last is kept, all count as the same place.
                    found[key] = (name, item)
                # CO_OPTIMIZED marks functions; class bodies don't have it.
                pending.append((item, name + ".", bool(item.co_flags & 0x1)))
    return found


def _functions(file: str, name: str) -> list[tuple[list[str], int]]:
    """Where functions of this name stand: the path of names to each, and its first line."""
    try:
        with open(file, "rb") as source:
            pending: list[tuple[ast.AST, list[str]]] = [(ast.parse(source.read()), [])]
    except (OSError, SyntaxError, ValueError, RecursionError):
        return []
    found = []
    while pending:
        node, names = pending.pop()
        for item in ast.iter_child_nodes(node):
            inner = names
            if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                inner = [*names, item.name]
                if item.name == name and not isinstance(item, ast.ClassDef):
                    found.append((inner, min([item.lineno, *(mark.lineno for mark in item.decorator_list)])))
            pending.append((item, inner))
    return found


def _within(top: CodeType) -> Iterator[CodeType]:
    pending = [top]
    while pending:
        code = pending.pop()
        yield code
        pending += [item for item in code.co_consts if isinstance(item, CodeType)]


def _equal(left: CodeType, right: CodeType) -> bool:
    if (left.co_code, left.co_names, left.co_varnames, left.co_freevars) != (
        right.co_code,
        right.co_names,
        right.co_varnames,
        right.co_freevars,
    ):
        return left.co_name == "<lambda>" and left.co_firstlineno == right.co_firstlineno
    if len(left.co_consts) != len(right.co_consts):
        return False
    for a, b in zip(left.co_consts, right.co_consts):  # noqa: B905 - Python 3.8 has no strict
        if isinstance(a, CodeType) or isinstance(b, CodeType):
            if not (isinstance(a, CodeType) and isinstance(b, CodeType) and a.co_name == b.co_name):
                return False
        elif type(a) is not type(b) or (a != b and repr(a) != repr(b)):
            return False
    return True
