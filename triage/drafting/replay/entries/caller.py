"""Entry: the way another program called the repo, read from the lines of its frames."""

import ast
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.stack import cutoff, flow
from triage.drafting.replay.stack.operations import EXITS, Operation, entered
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame


def sites(scene: Scene) -> Iterable[Site]:
    """Frames of other programs above the first frame of the repo, the nearest first."""
    first = next((frame.index for frame in scene.frames if frame.kind is Kind.REPO), len(scene.frames))
    near = [frame for frame in scene.frames[:first] if frame.name != "<module>" and frame.view.statement is not None]
    services = [frame for frame in reversed(near) if frame.kind is Kind.SERVICE]
    libraries = [frame for frame in reversed(near) if frame.kind is Kind.LIBRARY][:2]
    for rank, frame in enumerate(services[:4]):
        yield Site(f"caller {frame.index}", 0.0 + rank * 2.0, partial(build, frame=frame))
    for rank, frame in enumerate(libraries):
        yield Site(f"library {frame.index}", 6.0 + rank, partial(build, frame=frame))


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """Run the statement that the frame was at, with what it needs before it."""
    statement = frame.view.statement
    assert statement is not None
    callee = builder.scene.frames[frame.index + 1]
    following = builder.scene.frames[frame.index + 1 : frame.index + 4]
    calls = ((item, found) for item in following if (found := flow.call_of(frame, item)) is not None)
    called, call = next(calls, (callee, None))
    options: list[tuple[float, str]] = [(1.0, "statement")]
    if call is not None:
        options.append((0.0, "call"))
    options.append((2.5, "everything"))
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and cutoff.class_called(called):
        options.append((1.2, "anew"))
    form = builder.choices.pick(f"form {frame.index}", options)
    builder.holes = builder.choices.pick("holes", [(0.0, False), (2.6, True)])
    entry = entry_name(builder, frame, callee)
    if form == "anew" and isinstance(call, ast.Call):
        made = cutoff.called_anew(builder, frame, call, called)
        return builder.finish(made, entry, "as its caller called it, on an object made for it")
    if form == "call" and isinstance(call, Operation):
        done = written(builder, frame, call.written)
        return builder.finish(repeated(builder, frame, done), entry, "as its caller wrote it")
    if form == "call" and call is not None:
        made = builder.expression(frame, awaited(statement, call))
        if is_lazy(called):
            made = ast.Call(ast.Name("list"), [made], [])
        inside(builder, frame)
        return builder.finish(repeated(builder, frame, made), entry, "as its caller called it")
    if form == "everything":
        everything(builder, frame)
    if isinstance(statement, ast.With | ast.AsyncWith):
        done = written(builder, frame, entered(statement, called.name in EXITS))
        return builder.finish(done, entry, "as its caller entered it")
    return builder.finish(executed(builder, frame, statement), entry, "as its caller called it")


def inside(builder: Builder, frame: StackFrame) -> None:
    """Enter the `with` blocks around the caller's line that bind no name: what they set holds for the call."""
    around = [
        item
        for item in frame.view.before
        if id(item) in frame.view.enclosing
        and isinstance(item, ast.With)
        and not any(part.optional_vars for part in item.items)
    ]
    if not around or not builder.choices.pick(f"inside {frame.index}", [(0.0, True), (0.4, False)]):
        return
    for item in around:
        items = [ast.withitem(builder.expression(frame, part.context_expr), None) for part in item.items]
        builder.enter(ast.With(items, [], lineno=0))


def awaited(statement: ast.stmt, call: ast.Call) -> ast.expr:
    """The call, with the `await` that stands before it."""
    return next((item for item in ast.walk(statement) if isinstance(item, ast.Await) and item.value is call), call)


def repeated(builder: Builder, frame: StackFrame, done: ast.expr | list[ast.stmt]) -> ast.expr | list[ast.stmt]:
    """What is done, in the loop that the caller did it in, where nothing of it says which round it was."""
    loops = [
        item
        for item in frame.view.before
        if id(item) in frame.view.enclosing
        and isinstance(item, ast.For)
        and isinstance(item.target, ast.Name)
        and flow._key(frame, item.target.id) not in builder.bound
    ]
    if not loops or not builder.choices.pick(f"repeated {frame.index}", [(0.0, False), (1.6, True)]):
        return done
    over = builder.expression(frame, loops[-1].iter)
    body: list[ast.stmt] = [ast.Expr(done)] if isinstance(done, ast.expr) else done
    return [ast.For(ast.Name("_", ast.Store()), over, body, [], lineno=0)]


def written(builder: Builder, frame: StackFrame, node: ast.expr | ast.stmt) -> ast.expr | list[ast.stmt]:
    """A part of the caller's source as it stands there, an expression or a whole statement."""
    if isinstance(node, ast.expr):
        return builder.expression(frame, node)
    done = Rebind(builder, frame, "crash").statement(node)
    builder.is_async = builder.is_async or isinstance(node, ast.AsyncWith)
    return [done]


def is_lazy(frame: StackFrame) -> bool:
    """Whether a frame runs a plain generator function: its call alone runs none of it."""
    node = frame.view.node
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("__") or frame.is_comprehension:
        return False
    managers = {"contextmanager", "asynccontextmanager"}
    return direct.is_generator(node) and not managers & {direct.decorator(item) for item in node.decorator_list}


def everything(builder: Builder, frame: StackFrame) -> None:
    """All visible statements of the caller before the crash line, for effects that no name shows."""
    rebind = Rebind(builder, frame, "crash")
    for node in frame.view.before:
        if id(node) in frame.view.enclosing or isinstance(node, ast.Return | ast.Raise | ast.Global | ast.Nonlocal):
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            continue
        builder.add(rebind.statement(node))
        for name, local in rebind.targets.items():
            builder.bound[flow._key(frame, name)] = ast.Name(local)


def executed(builder: Builder, frame: StackFrame, statement: ast.stmt) -> ast.expr:
    """The part of a statement that was being executed, as one expression."""
    if (
        isinstance(statement, ast.Return | ast.Expr | ast.Assign | ast.AnnAssign | ast.AugAssign)
        and statement.value is not None
    ):
        value = statement.value
    elif isinstance(statement, ast.If | ast.While | ast.Assert):
        value = statement.test
    elif isinstance(statement, ast.For | ast.AsyncFor):
        value = ast.Call(ast.Name("list", ast.Load()), [statement.iter], [])
    elif isinstance(statement, ast.Raise) and statement.exc is not None:
        value = statement.exc
    else:
        raise Dead(f"a {type(statement).__name__} statement cannot be called")
    if isinstance(value, ast.Yield | ast.YieldFrom) and value.value is not None:
        value = value.value
    return builder.expression(frame, value)


def entry_name(builder: Builder, frame: StackFrame, callee: StackFrame) -> str:
    """The qualified name of the repo's function that the caller reached first."""
    inside = next((item for item in builder.scene.frames[frame.index + 1 :] if item.kind is Kind.REPO), callee)
    return f"{inside.module}.{inside.qualname}"
