"""Takes over what a mined test is given: its fixtures, its parameters, what its class holds and sets up."""

import ast
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.stack.views import FunctionNode, SourceFile

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

OWN = ("tmp_path", "monkeypatch")
SET_UP = ("setUp", "setup_method", "setup", "setUpClass", "setup_class", "__init__")
MOST_ROWS = 3


def parameter(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """What pytest would give the mined test for `name`: a row of its parameters, or a fixture's value.

    Raises Dead for what needs pytest itself.
    """
    if name in OWN:
        return builder.fixture(name)
    rows = list(_rows(frame, name))
    if rows:
        options = [(0.3 * at, row) for at, row in enumerate(rows[:MOST_ROWS])]
        row = builder.choices.pick(f"{frame.index} row", options)
        return builder.assign(name, Rebind(builder, frame, "module").expression(row))
    for source in _sources(builder, frame):
        known = builder.mined.remembered(f"fixtures of {source.path}", partial(_fixtures, source))
        node = known.get(name)
        if node is not None:
            return _value(builder, source, node, name)
    raise Dead(f"the fixture {name} is pytest's own")


def _rows(frame: StackFrame, name: str) -> Iterator[ast.expr]:
    """The values that `@pytest.mark.parametrize` gives for `name`, in their order."""
    marks = frame.view.node.decorator_list if frame.view.node is not None else []
    for mark in marks:
        if not isinstance(mark, ast.Call) or not ast.unparse(mark.func).endswith("parametrize") or len(mark.args) < 2:
            continue
        names = _names(mark.args[0])
        if name not in names or not isinstance(mark.args[1], ast.List | ast.Tuple):
            continue
        for row in mark.args[1].elts:
            if isinstance(row, ast.Call) and ast.unparse(row.func).endswith("param") and row.args:
                row = row.args[0] if len(names) == 1 else ast.Tuple(row.args, ast.Load())
            if len(names) == 1:
                yield row
            elif isinstance(row, ast.Tuple | ast.List) and len(row.elts) == len(names):
                yield row.elts[names.index(name)]


def _names(node: ast.expr) -> list[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [part.strip() for part in node.value.split(",") if part.strip()]
    if isinstance(node, ast.List | ast.Tuple):
        return [str(item.value) for item in node.elts if isinstance(item, ast.Constant)]
    return []


def _sources(builder: "Builder", frame: StackFrame) -> Iterator[SourceFile]:
    """The test's own file, then the conftest files from its folder up to the root."""
    yield frame.source
    folder = (builder.scene.root / frame.path).parent
    yield from builder.mined.remembered(f"conftests of {folder}", lambda: _conftests(builder, folder))


def _conftests(builder: "Builder", folder: Path) -> list[SourceFile]:
    found = []
    while folder.is_relative_to(builder.scene.root):
        file = folder / "conftest.py"
        if file.is_file() and (source := builder.mined.source(file)) is not None:
            found.append(source)
        folder = folder.parent
    return found


def _fixtures(source: SourceFile) -> dict[str, FunctionNode]:
    """The fixtures that a file defines, by the names that tests ask for them with."""
    found: dict[str, FunctionNode] = {}
    for _, node in source.loose:
        for mark in node.decorator_list if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ():
            called = mark.func if isinstance(mark, ast.Call) else mark
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and ast.unparse(called).endswith("fixture"):
                for name in (node.name, _renamed(mark)):
                    found.setdefault(name, node)
    return found


def _renamed(mark: ast.expr) -> str:
    for item in mark.keywords if isinstance(mark, ast.Call) else ():
        if item.arg == "name" and isinstance(item.value, ast.Constant):
            return str(item.value.value)
    return ""


def _value(builder: "Builder", source: SourceFile, node: FunctionNode, name: str) -> ast.expr:
    """The value that a fixture returns or yields, with the statements before it."""
    for part in ast.walk(node):
        value = part.value if isinstance(part, ast.Return | ast.Yield) else None
        if value is not None and part is not node:
            frame = builder.mined.frame_at(source, value.lineno)
            if frame.view.node is not node:
                break
            return builder.assign(name, builder.expression(frame, value))
    raise Dead(f"the fixture {name} gives nothing that can be read")


def attribute(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """`self.<name>` in a mined test: what its class body or its set-up assigns to it."""
    key = ("borrowed", frame.path, ".".join(frame.view.classes), name)
    if key in builder.bound:
        return builder.bound[key]
    if key in builder._busy:
        raise Dead(f"self.{name} needs itself")
    builder._busy.add(key)
    try:
        for holder in _classes(frame):
            option = _in_body(builder, frame, holder, name) or _in_set_up(builder, frame, holder, name)
            if option is not None:
                builder.bound[key] = option()
                return builder.bound[key]
    finally:
        builder._busy.discard(key)
    raise Dead(f"nothing visible gives the test {name}")


def _classes(frame: StackFrame) -> Iterator[ast.ClassDef]:
    """The test's class, then those of its bases that its file defines."""
    known = frame.source.classes
    waiting = [frame.view.classes[-1]] if frame.view.classes else []
    seen: set[str] = set()
    while waiting:
        name = waiting.pop(0)
        if name in seen or name not in known:
            continue
        seen.add(name)
        yield known[name]
        waiting += [base.id for base in known[name].bases if isinstance(base, ast.Name)]


def _in_body(builder: "Builder", frame: StackFrame, holder: ast.ClassDef, name: str) -> "Callable[[], ast.expr] | None":
    for node in holder.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if value is not None and any(isinstance(item, ast.Name) and item.id == name for item in targets):
            return lambda value=value: builder.assign(name, Rebind(builder, frame, "module").expression(value))  # type: ignore[misc]
        if isinstance(node, ast.ClassDef) and node.name == name:
            return partial(_definition, builder, frame, node)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return partial(_function, builder, frame, node)
    return None


def _definition(builder: "Builder", frame: StackFrame, node: ast.ClassDef | ast.FunctionDef) -> ast.expr:
    copied = Rebind(builder, frame, "module", frozenset({node.name})).statement(node)
    assert isinstance(copied, ast.FunctionDef | ast.ClassDef)
    copied.name = builder.fresh(node.name)
    builder.add(copied)
    return ast.Name(copied.name)


def _function(builder: "Builder", frame: StackFrame, node: ast.FunctionDef) -> ast.expr:
    """A helper method that makes no use of its object, as a function."""
    marks = {ast.unparse(item) for item in node.decorator_list}
    plain = ast.FunctionDef(node.name, node.args, node.body, [], lineno=node.lineno)
    if "staticmethod" not in marks:
        first = (node.args.posonlyargs or node.args.args)[:1]
        if not first or any(isinstance(item, ast.Name) and item.id == first[0].arg for item in ast.walk(node)):
            raise Dead(f"{node.name} uses the test's object")
        shape = node.args
        plain.args = ast.arguments(
            shape.posonlyargs[1:], shape.args[1:] if not shape.posonlyargs else shape.args, shape.vararg,
            shape.kwonlyargs, shape.kw_defaults, shape.kwarg, shape.defaults,
        )  # fmt: skip
    return _definition(builder, frame, plain)


def _in_set_up(
    builder: "Builder", frame: StackFrame, holder: ast.ClassDef, name: str
) -> "Callable[[], ast.expr] | None":
    for method in holder.body:
        fixture = isinstance(method, ast.FunctionDef) and any(
            "fixture" in ast.unparse(m) for m in method.decorator_list
        )
        if not isinstance(method, ast.FunctionDef) or not (method.name in SET_UP or fixture):
            continue
        for node in ast.walk(method):
            if not isinstance(node, ast.Assign):
                continue
            value = node.value
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr == name and isinstance(target.value, ast.Name):
                    at = builder.mined.frame_at(frame.source, node.lineno)
                    return lambda at=at, value=value: builder.assign(name, builder.expression(at, value), keep=True)  # type: ignore[misc]
    return None
