"""Follows values backwards through source lines: assignments before a line, arguments of the caller."""

import ast
import itertools
from typing import TYPE_CHECKING

from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.half_classes import handed_over
from triage.drafting.replay.stack.operations import headers_only, operation_of
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import FunctionNode, FunctionView, SourceFile

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Nesting = ast.With | ast.AsyncWith | ast.For | ast.AsyncFor


def binds(node: ast.stmt, name: str) -> bool:
    """Whether this statement itself (not its blocks) or something in it binds `name`."""
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and part.id == name and isinstance(part.ctx, ast.Store):
            return True
        if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and part.name == name:
            return True
        if isinstance(part, ast.Import | ast.ImportFrom) and any(
            (item.asname or item.name) == name for item in part.names
        ):
            return True
    return False


def last_binding(view: FunctionView, name: str) -> ast.stmt | None:
    """The last statement before the crash line that gives `name` its value."""
    for node in reversed(view.before):
        if id(node) in view.enclosing:
            if _header_binds(node, name):
                return node
            continue
        if binds(node, name):
            return node
    return None


def _header_binds(node: ast.stmt, name: str) -> bool:
    headers: list[ast.AST] = []
    if isinstance(node, ast.With | ast.AsyncWith):
        headers = [item.optional_vars for item in node.items if item.optional_vars]
    elif isinstance(node, ast.For | ast.AsyncFor):
        headers = [node.target]
    elif isinstance(node, ast.Match):
        return False
    return any(isinstance(part, ast.Name) and part.id == name for header in headers for part in ast.walk(header))


def emit_binding(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """Put the binding of `name`, and what happens to it until the crash line, into the program."""
    view = frame.view
    node = last_binding(view, name)
    if node is None:
        raise Dead(f"nothing visible assigns {name}")
    rebind = Rebind(builder, frame, "crash")
    if id(node) in view.enclosing:
        return _emit_header(builder, frame, node, name, rebind)
    if isinstance(node, ast.Import | ast.ImportFrom):
        return _emit_import(builder, frame, node, name)
    if isinstance(node, ast.AugAssign):
        raise Dead(f"{name} was changed in place")
    if isinstance(node, Definition):
        local = builder.fresh(name)
        builder.bound[_key(frame, name)] = ast.Name(local)
        copied = rebind.statement(node)
        assert isinstance(copied, Definition)
        copied.name = local
        builder.add(copied)
        return ast.Name(local)
    names = _plain_targets(node)
    if isinstance(node, ast.Assign | ast.AnnAssign) and names == [name] and node.value is not None:
        value = rebind.expression(node.value)
        mutations = [item for item in _after(view, node) if _touches(item, name)]
        bound = builder.assign(name, value, keep=bool(mutations) or isinstance(value, ast.Call))
    else:
        before = _held_before(builder, frame, node)
        copied = rebind.statement(node)
        for other, value in before.items():
            builder.add(ast.Assign([ast.Name(rebind.targets[other], ast.Store())], value, lineno=0))
        builder.add(copied)
        for other, local in rebind.targets.items():
            if other != name:
                builder.bound[_key(frame, other)] = ast.Name(local)
        bound = ast.Name(rebind.targets.get(name, name))
        mutations = [item for item in _after(view, node) if any(_touches(item, other) for other in rebind.targets)]
    builder.bound[_key(frame, name)] = bound
    for item in mutations:
        builder.add(Rebind(builder, frame, "crash").statement(item))
    return bound


def _held_before(builder: "Builder", frame: StackFrame, node: ast.stmt) -> dict[str, ast.expr]:
    """What the names held that a branch reads and may assign anew: `if path is None: path = here()`."""
    if not isinstance(node, ast.If | ast.Try):
        return {}
    read = {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    held: dict[str, ast.expr] = {}
    for name in dict.fromkeys(_plain_targets(node)):
        key = _key(frame, name)
        if name not in read or key in builder.bound:
            continue
        if name in frame.view.parameters:
            held[name] = builder.bind(frame, name, "entry")
            continue
        earlier = itertools.takewhile(lambda item: item is not node, frame.view.before)
        plain = [item for item in earlier if isinstance(item, ast.Assign) and _plain_targets(item) == [name]]
        if plain:
            held[name] = Rebind(builder, frame, "crash").expression(plain[-1].value)
    return held


def printed(frame: StackFrame, name: str, node: ast.stmt) -> str | None:
    """The captured text of an object that prints what it was made from (a page, a path, a query).

    Only for values whose repr is no Python, assigned from a call with an argument to replace.
    """
    from triage.drafting.replay.stack.reprs import read_repr

    wire = frame.variables.get(name)
    if not isinstance(wire, str) or len(wire) < 3 or " object at 0x" in wire or read_repr(wire) is not None:
        return None
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or not node.value.args:
        return None
    return wire if not isinstance(node.value.args[0], ast.Constant) else None


def emit_printed(builder: "Builder", frame: StackFrame, name: str, node: ast.stmt) -> ast.expr:
    """The object made again by the same call from its own printed text."""
    text = printed(frame, name, node)
    assert text is not None
    assert isinstance(node, ast.Assign)
    assert isinstance(node.value, ast.Call)
    call = ast.Call(node.value.func, [ast.Constant(text), *node.value.args[1:]], node.value.keywords)
    builder.notes.append(f"{name} is made from its printed form")
    return builder.assign(name, Rebind(builder, frame, "crash").expression(call), keep=True)


def _key(frame: StackFrame, name: str) -> tuple[str, ...]:
    return (str(frame.index), name, "crash" if name in frame.view.parameters else "")


def _plain_targets(node: ast.stmt) -> list[str]:
    return [part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)]


def _after(view: FunctionView, node: ast.stmt) -> list[ast.stmt]:
    """Simple statements between `node` and the crash line."""
    at = next((index for index, item in enumerate(view.before) if item is node), len(view.before))
    return [item for item in view.before[at + 1 :] if id(item) not in view.enclosing]


def _touches(node: ast.stmt, name: str) -> bool:
    """Whether the statement may change the object behind `name`."""
    mentions = any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(node))
    if not mentions:
        return False
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Call | ast.Await)
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        return any(
            (isinstance(item, ast.Attribute | ast.Subscript) and _root(item) == name)
            or (isinstance(node, ast.AugAssign) and _root(item) == name)
            for item in targets
        )
    if isinstance(node, ast.For | ast.While | ast.If | ast.With | ast.Try):
        return any(
            _touches(part, name) for part in ast.walk(node) if isinstance(part, ast.Expr | ast.Assign | ast.AugAssign)
        )
    return isinstance(node, ast.Delete)


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _emit_header(builder: "Builder", frame: StackFrame, node: ast.stmt, name: str, rebind: Rebind) -> ast.expr:
    if isinstance(node, ast.With | ast.AsyncWith):
        if isinstance(node, ast.AsyncWith):
            builder.is_async = True
        copied = type(node)(items=node.items, body=[ast.Pass()], lineno=0)
        block = rebind.statement(copied)
        assert isinstance(block, ast.With | ast.AsyncWith)
        done: Nesting = block
    elif isinstance(node, ast.For | ast.AsyncFor):
        if isinstance(node, ast.AsyncFor):
            builder.is_async = True
        loop = type(node)(target=node.target, iter=node.iter, body=[ast.Pass()], orelse=[], lineno=0)
        looped = rebind.statement(loop)
        assert isinstance(looped, ast.For | ast.AsyncFor)
        done = looped
    else:
        raise Dead(f"{name} is bound by a block that cannot be copied")
    for other, local in rebind.targets.items():
        builder.bound[_key(frame, other)] = ast.Name(local)
    builder.enter(done)
    return ast.Name(rebind.targets[name])


def _emit_import(builder: "Builder", frame: StackFrame, node: ast.Import | ast.ImportFrom, name: str) -> ast.expr:
    from triage.drafting.replay.stack.safe import may_reach

    alias = next(item for item in node.names if (item.asname or item.name) == name)
    module, attribute = (alias.name, "") if isinstance(node, ast.Import) else (node.module or "", alias.name)
    if isinstance(node, ast.ImportFrom) and node.level:
        from triage.drafting.replay.stack.lookup import absolute

        module = absolute(frame, "." * node.level + module)
    if frame.kind is not Kind.REPO and not may_reach(module, attribute, builder.scene.packages):
        raise Dead(f"{module} is not imported for text from outside")
    return builder.name(f"{module}:{attribute}") if attribute else builder.import_module(module)


def definition(source: SourceFile, name: str) -> Definition | None:
    """A function or class of that name among the visible lines of another program: whole, or a class as far as the
    methods show it whose frames are on the stack."""
    for indent, node in source.loose:
        if indent == 0 and isinstance(node, Definition) and node.name == name:
            return node
    return source.half_classes.get(name)


def touches_attribute(node: ast.stmt, name: str, attribute: str) -> bool:
    """Whether a statement calls something on `name.attribute` or assigns into it."""
    if not isinstance(node, ast.Expr | ast.For | ast.While | ast.If | ast.With | ast.Assign | ast.AugAssign):
        return False
    for part in ast.walk(node):
        used = isinstance(part, ast.Attribute) or (isinstance(part, ast.Subscript) and isinstance(part.ctx, ast.Store))
        owner = part.value if isinstance(part, ast.Attribute | ast.Subscript) else None
        if used and isinstance(owner, ast.Attribute) and owner.attr == attribute and _root(owner) == name:
            return True
    return False


def emit_definition(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """Copy a small function of the caller's program into the test."""
    node = definition(frame.source, name)
    if node is None:
        raise Dead(f"{name} cannot be seen")
    copied = Rebind(builder, frame, "module", frozenset({name})).statement(node)
    assert isinstance(copied, Definition)
    copied.name = builder.fresh(name)
    builder.add(copied)
    return ast.Name(copied.name)


def constructor_expression(builder: "Builder", frame: StackFrame, value: ast.expr, line: int) -> ast.expr:
    """`value` from another program's `self.x = value`: its parameters come from visible calls of the class."""
    source = frame.source
    names = {part.id for part in ast.walk(value) if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Load)}
    known: dict[str, ast.expr] = {}
    header = _signature_above(source, line)
    if header is None and (call := _constructor_call(builder, frame, 0)) is not None:
        at, node = call
        for item in node.keywords:
            if item.arg in names:
                known[str(item.arg)] = builder.expression(at, item.value)
        in_order = handed_over(source.lines, line)
        if not known and len(names) == 1 and len(node.args) == 1:
            known[next(iter(names))] = builder.expression(at, node.args[0])
        elif not known and len(in_order) == len(node.args):
            given = dict(zip(in_order, node.args, strict=True))
            known = {name: builder.expression(at, given[name]) for name in in_order if name in names}
    if header is not None:
        parameters = [item.arg for item in (*header.args.posonlyargs, *header.args.args)][1:]
        call = _constructor_call(builder, frame, len(parameters))
        if call is not None:
            at, node = call
            given = dict(zip(parameters, node.args, strict=False))
            given.update({item.arg: item.value for item in node.keywords if item.arg})
            for name in names & set(given):
                known[name] = builder.expression(at, given[name])
        defaults = header.args.defaults
        for name, default in zip(parameters[len(parameters) - len(defaults) :], defaults, strict=False):
            if name in names and name not in known:
                known[name] = default
    rebind = Rebind(builder, frame, "module")
    for name in names:
        if name in known:
            rebind.targets[name] = name
    done = rebind.expression(value)
    replaced: ast.expr = _Replace(known).visit(done)
    return replaced


class _Replace(ast.NodeTransformer):
    def __init__(self, known: dict[str, ast.expr]) -> None:
        self.known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.known.get(node.id, node)


def _signature_above(source: SourceFile, line: int) -> FunctionNode | None:
    for at in range(line, line - 30, -1):
        text = source.lines.get(at)
        if text is None:
            return None
        if text.strip().startswith("def __init__"):
            for last in range(at, at + 6):
                block = "\n".join(source.lines.get(item, "").strip() for item in range(at, last + 1))
                try:
                    parsed = ast.parse(block + " pass").body[0]
                except SyntaxError:
                    continue
                return parsed if isinstance(parsed, ast.FunctionDef) else None
    return None


def _constructor_call(builder: "Builder", frame: StackFrame, count: int) -> tuple[StackFrame, ast.Call] | None:
    """A call `Name(...)` in an outer frame of the same program that may have made `self`."""
    wanted = ""
    text = frame.variables.get("self")
    if isinstance(text, str) and " object at 0x" in text:
        wanted = text.split(" object at")[0].rpartition(".")[2].lstrip("<")
    for other in reversed(builder.outer(frame)):
        if other.kind is Kind.REPO or other.view.statement is None:
            continue
        for root in (other.view.statement, *reversed(other.view.before)):
            for node in ast.walk(root):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == wanted:
                    return other, node
    return None


def from_caller(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """The expression that the caller passed for the parameter `name`."""
    caller = builder.outer(frame)[-1]
    call = call_of(caller, frame)
    if call is None:
        raise Dead(f"the call of {frame.name} cannot be read")
    if frame.view.node is None:
        raise Dead(f"{frame.name} has no visible parameters")
    node = argument_for(call, frame, name)
    if node is None:
        raise Dead(f"the caller passes nothing for {name}")
    return builder.assign(name, builder.expression(caller, node))


def call_of(caller: StackFrame, callee: StackFrame) -> ast.Call | None:
    """The call in the caller's statement that entered `callee`; an operator as the call of its method."""
    statement = caller.view.statement
    if statement is None:
        return None
    calls = [node for node in ast.walk(headers_only(statement)) if isinstance(node, ast.Call)]
    wanted = {callee.name}
    if callee.name in ("__init__", "__new__", "__call__"):
        wanted |= set(callee.view.classes)
    for node in calls:
        if tail(node.func) in wanted:
            return node
    for node in calls:
        if any(name in tail(node.func) for name in wanted if len(name) > 2):
            return node
    if callee.name in ("__init__", "__new__"):
        constructors = [node for node in calls if tail(node.func)[:1].isupper()]
        if len(constructors) == 1:
            return constructors[0]
    return operation_of(statement, callee)


def tail(node: ast.expr) -> str:
    """The last part of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def argument_for(call: ast.Call, callee: StackFrame, name: str) -> ast.expr | None:
    """The argument expression that `call` gives to the parameter `name`."""
    node = callee.view.node
    assert node is not None
    for keyword in call.keywords:
        if keyword.arg == name:
            return keyword.value
    positional = [item.arg for item in (*node.args.posonlyargs, *node.args.args)]
    bound = bool(callee.view.classes) or positional[:1] in (["self"], ["cls"])
    method = bound and not any(tail(item) == "staticmethod" for item in node.decorator_list)
    if method and positional:
        if name == positional[0]:
            return call.func.value if isinstance(call.func, ast.Attribute) and callee.name != "__init__" else None
        positional = positional[1:]
    if any(isinstance(item, ast.Starred) for item in call.args):
        return None
    if name in positional and positional.index(name) < len(call.args):
        return call.args[positional.index(name)]
    return None
