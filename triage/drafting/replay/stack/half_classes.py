"""A class of another program of which the event shows some methods: put together from those lines."""

import ast
import builtins
import re
import sys
import textwrap
from collections.abc import Iterable, Mapping

from triage.domain.event import Json

_HEAD = re.compile(r"\s*class\s+(\w+)\b.*:\s*(?:#.*)?$")
_METHOD = re.compile(r"\s+(?:async\s+)?def\s+\w+\s*\(\s*self\b")
_OBJECT = re.compile(r"<(?:[\w.]+\.)?(\w+) object at 0x[0-9a-fA-F]+>")
MOST_LINES = 200
EMPTY = {"append": "[]", "extend": "[]", "insert": "[]", "add": "set()", "setdefault": "{}"}


def class_of(variables: Mapping[str, Json] | None) -> str:
    """The class of a frame's `self`, where that prints nothing but its address; "" otherwise."""
    wire = (variables or {}).get("self")
    match = _OBJECT.fullmatch(wire) if isinstance(wire, str) else None
    return match[1] if match else ""


def seen(lines: Mapping[int, str], inside: Iterable[int]) -> ast.ClassDef | None:
    """The class around the lines `inside`, with what can be seen of it; None when that is no method or a record.

    Where the head is out of sight so may be the constructor: then any arguments are taken.
    """
    body: dict[str, ast.stmt] = {}
    head: ast.ClassDef | None = None
    begun: list[ast.stmt] = []
    for line in inside:
        found, above, rest = _around(lines, line)
        head, begun = head or above, begun or rest
        for item in found:
            body.setdefault(getattr(item, "name", "") or ast.unparse(item), item)
    methods = [item for item in body.values() if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef)]
    if not methods or (head is None and any(isinstance(item, ast.AnnAssign) for item in body.values())):
        return None
    if head is None and "__init__" not in body:
        body = {"__init__": _constructor(begun, methods), **body}
    done = head or ast.ClassDef("Unseen", [], [], [], [])
    done.body = list(body.values())
    return ast.fix_missing_locations(done)


def _constructor(begun: list[ast.stmt], methods: Iterable[ast.stmt]) -> ast.stmt:
    """`__init__` of what may be the end of one: its assignments to attributes, the calls beside them and the variables
    that both are made of; the other names in them as parameters. Attributes that the methods only add to begin empty,
    those whose beginning is out of sight as they are used."""
    assigns = any(assigned_attribute(item) for item in begun)
    methods = list(methods)
    kept = _with_variables(begun, [item for item in begun if assigned_attribute(item) or (assigns and _is_call(item))])
    roots = {_root(item.value.func) for item in kept if isinstance(item, ast.Expr) and isinstance(item.value, ast.Call)}
    bound = {name for item in kept if (name := _variable(item))}
    names = dict.fromkeys(name for item in kept for name in parameters(item) if name not in roots | bound)
    given = "".join(f", {name}=None" for name in names)
    node = ast.parse(f"def __init__(self{given}, *arguments, **keywords):\n    pass").body[0]
    assert isinstance(node, ast.FunctionDef)
    own = {assigned_attribute(item) for item in kept}
    known = {name: value for name, value in {**unseen(kept, methods), **beginnings(methods)}.items() if name not in own}
    node.body = [
        *ast.parse("\n".join(f"self.{name} = {value}" for name, value in known.items())).body,
        *kept,
    ] or node.body
    return node


def _variable(node: ast.stmt) -> str:
    """The x of `x = ...`, "" for any other statement."""
    target = node.targets[0] if isinstance(node, ast.Assign) and len(node.targets) == 1 else None
    return target.id if isinstance(target, ast.Name) else ""


def _with_variables(begun: list[ast.stmt], kept: list[ast.stmt]) -> list[ast.stmt]:
    """`kept` with those assignments of `begun` to variables that it reads, in the order in which they stand."""
    chosen = {id(item) for item in kept}
    read = {name for item in kept for name in _read(item)}
    for item in reversed(begun):
        if id(item) not in chosen and _variable(item) in read:
            chosen.add(id(item))
            read |= _read(item)
    return [item for item in begun if id(item) in chosen]


def _read(node: ast.stmt) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}


def unseen(kept: list[ast.stmt], methods: Iterable[ast.stmt]) -> dict[str, str]:
    """Attributes that a constructor's visible end hands on and whose beginning is out of sight: a buffer when its
    contents are asked for, else None."""
    buffers = {
        part.value.attr
        for method in methods
        for part in ast.walk(method)
        if isinstance(part, ast.Attribute) and part.attr == "getvalue" and isinstance(part.value, ast.Attribute)
    }
    given = [part for item in kept for part in ast.walk(item) if isinstance(part, ast.Attribute)]
    used = {id(part.value) for part in given}
    return {
        part.attr: "io.StringIO()" if part.attr in buffers else "None"
        for part in given
        if isinstance(part.ctx, ast.Load)
        and isinstance(part.value, ast.Name)
        and part.value.id == "self"
        and (part.attr in buffers or id(part) not in used)
        and not any(getattr(method, "name", "") == part.attr for method in methods)
    }


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_call(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)


def beginnings(methods: Iterable[ast.stmt]) -> dict[str, str]:
    """What the attributes must have begun with that methods put into or add to: an empty list, a zero."""
    found: dict[str, str] = {}
    for node in (part for method in methods for part in ast.walk(method)):
        held: ast.expr | None = None
        value = ""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            two = len(node.args) == 2  # as of a list, not of a query
            held, value = node.func.value, EMPTY.get(node.func.attr, "") if node.func.attr != "insert" or two else ""
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            held, value = node.value, "{}"
        elif isinstance(node, ast.AugAssign) and isinstance(node.value, ast.Constant):
            held, value = node.target, {int: "0", float: "0.0", str: "''"}.get(type(node.value.value), "")
        if value and isinstance(held, ast.Attribute) and isinstance(held.value, ast.Name) and held.value.id == "self":
            found.setdefault(held.attr, value)
    return found


def assigned_attribute(node: ast.stmt) -> str:
    """The x of `self.x = ...`, "" for any other statement."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
    target = targets[0] if targets and getattr(node, "value", None) is not None else None
    owner = target.value if isinstance(target, ast.Attribute) else None
    return (
        target.attr if isinstance(target, ast.Attribute) and isinstance(owner, ast.Name) and owner.id == "self" else ""
    )


def parameters(node: ast.stmt) -> list[str]:
    """Names that an assignment reads and that look like arguments: no constants, modules or functions."""
    called = {part.func.id for part in ast.walk(node) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name)}
    read = [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)]
    known = called | set(sys.stdlib_module_names) | set(dir(builtins)) | {"self"}
    return [name for name in read if name.islower() and name not in known]


def handed_over(lines: Mapping[int, str], line: int) -> list[str]:
    """The parameters that the assignments around `line`, one `self.x = x` under the other, are made of, in order."""
    depth = _indent(lines.get(line, ""))
    first = last = line
    while first - 1 in lines and _indent(lines[first - 1]) == depth:
        first -= 1
    while last + 1 in lines and _indent(lines[last + 1]) == depth:
        last += 1
    body = _parsed([lines[at] for at in range(first, last + 1) if at in lines])
    return list(dict.fromkeys(name for item in body if assigned_attribute(item) for name in parameters(item)))


def _around(lines: Mapping[int, str], line: int) -> tuple[list[ast.stmt], ast.ClassDef | None, list[ast.stmt]]:
    """The statements of the class body that holds `line`, its head without a body where that is visible, and what can
    be seen of the method above the first whole one."""
    if line not in lines:
        return [], None, []
    first = last = line
    while first - 1 in lines and _indent(lines[first - 1]) != 0 and line - first < MOST_LINES:
        first -= 1
    while last + 1 in lines and _indent(lines[last + 1]) != 0 and last - line < MOST_LINES:
        last += 1
    depths = [_indent(lines[at]) for at in range(first, last + 1) if _METHOD.match(lines[at])]
    depth = min(depths, default=0)
    if not depth:
        return [], None, []
    above = lines.get(first - 1, "")
    head = _parsed([f"{above.strip()} pass"]) if _HEAD.match(above) else []
    top = first
    while first <= last and (_indent(lines[first]) != depth or lines[first].strip()[:1] in ")]}"):
        first += 1
    begun = next((body for at in range(top, first) if (body := _parsed([lines[i] for i in range(at, first)]))), [])
    for end in range(last, line - 1, -1):
        body = _parsed([lines[at] for at in range(first, end + 1)])
        if body:
            node = head[0] if head else None
            return body, node if isinstance(node, ast.ClassDef) else None, begun
    return [], None, []


def _indent(text: str) -> int:
    """How far a line is indented; -1 for one that is empty."""
    return len(text) - len(text.lstrip()) if text.strip() else -1


def _parsed(lines: list[str]) -> list[ast.stmt]:
    try:
        return ast.parse(textwrap.dedent("\n".join(lines))).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
