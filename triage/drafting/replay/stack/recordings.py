"""What calls had given that a frame made before its crash line: its variables, or the next frame's, still hold it."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

# What a loop may go through a call's answer with.
WRAPS = ("enumerate", "sorted", "list", "tuple", "reversed", "iter")


@dataclass(frozen=True)
class Recording:
    """`name = [await] root.chain(...)` in a frame that still holds `name`; `each`: `for name in root.chain(...)`.
    Of an answer that was only passed on, `holder` is the frame that it was passed to, `name` its parameter there and
    `keys` the items that were taken out of the answer on the way: `convert(root.chain(...)["rows"][0])`."""

    frame: StackFrame
    name: str
    root: str
    chain: tuple[str, ...]
    awaited: bool
    each: bool = False
    holder: StackFrame | None = None
    keys: tuple[str | int, ...] = ()

    @property
    def held(self) -> StackFrame:
        """The frame whose variable `name` is."""
        return self.holder or self.frame


def recordings(frame: StackFrame) -> Iterator[Recording]:
    """What the frame's function was given by calls that ended before its crash line."""
    for statement in _ran(frame.view.before, frame.view.enclosing):
        if isinstance(statement, ast.With | ast.AsyncWith):
            yield from _entered(frame, statement)
        if isinstance(statement, ast.For | ast.AsyncFor) and id(statement) in frame.view.enclosing:
            yield from _looped(frame, statement)
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target, value = statement.targets[0], statement.value
        yield from _gathered(frame, target, value)
        awaited = isinstance(value, ast.Await)
        call = value.value if isinstance(value, ast.Await) else value
        if not isinstance(target, ast.Name) or not isinstance(call, ast.Call) or target.id not in frame.variables:
            continue
        chain, root = chain_of(call.func)
        if root is not None and chain:
            yield Recording(frame, target.id, root, tuple(chain), awaited)


def _ran(before: Iterable[ast.stmt], enclosing: frozenset[int]) -> Iterator[ast.stmt]:
    """The statements, and those of the blocks that were left in the ordinary way: `with` and `try`."""
    for statement in before:
        yield statement
        if isinstance(statement, ast.With | ast.AsyncWith | ast.Try) and id(statement) not in enclosing:
            yield from _ran(statement.body, enclosing)


def assignment(frame: StackFrame, name: str) -> ast.stmt | None:
    """The last statement that gave `name` its value, also inside a `try` or a `with` that was left."""
    found = flow.last_binding(frame.view, name)
    if not isinstance(found, ast.Try | ast.With | ast.AsyncWith) or id(found) in frame.view.enclosing:
        return found
    for statement in _ran(found.body, frame.view.enclosing):
        targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
        if any(isinstance(item, ast.Name) and item.id == name for item in targets):
            found = statement
    return found


def _entered(frame: StackFrame, statement: ast.With | ast.AsyncWith) -> Iterator[Recording]:
    """`async with session.get(...) as response`."""
    method = "__enter__" if isinstance(statement, ast.With) else "__aenter__"
    for item in statement.items:
        call, target = item.context_expr, item.optional_vars
        chain, root = chain_of(call.func) if isinstance(call, ast.Call) else ([], None)
        if isinstance(target, ast.Name) and target.id in frame.variables and root is not None and chain:
            yield Recording(frame, target.id, root, (*chain, "return_value", method), False)


def _looped(frame: StackFrame, statement: ast.For | ast.AsyncFor) -> Iterator[Recording]:
    """`for row in store.monthly(month)`, `for at, row in enumerate(store.monthly(month))`, `async for ...`."""
    target, over = statement.target, statement.iter
    if isinstance(over, ast.Call) and isinstance(over.func, ast.Name) and over.func.id in WRAPS and over.args:
        if over.func.id == "enumerate" and isinstance(target, ast.Tuple):
            target = target.elts[-1]
        over = over.args[0]
    awaited = isinstance(over, ast.Await)
    call = over.value if isinstance(over, ast.Await) else over
    chain, root = chain_of(call.func) if isinstance(call, ast.Call) else ([], None)
    if not isinstance(target, ast.Name) or target.id not in frame.variables or root is None or not chain:
        return
    if isinstance(statement, ast.AsyncFor):
        chain = [*chain, "return_value", "__aiter__"]
    yield Recording(frame, target.id, root, tuple(chain), awaited, True)


def _gathered(frame: StackFrame, target: ast.expr, value: ast.expr) -> Iterator[Recording]:
    """`a, b = await asyncio.gather(x.one(), x.two())`."""
    call = value.value if isinstance(value, ast.Await) else None
    if not isinstance(call, ast.Call) or not isinstance(target, ast.Tuple | ast.List):
        return
    if not ast.unparse(call.func).endswith("gather"):
        return
    for name, part in zip(target.elts, call.args, strict=False):
        chain, root = chain_of(part.func) if isinstance(part, ast.Call) else ([], None)
        if isinstance(name, ast.Name) and name.id in frame.variables and root is not None and chain:
            yield Recording(frame, name.id, root, tuple(chain), True)


def handed_on(scene: Scene, frame: StackFrame) -> Iterator[Recording]:
    """What the crash line got from a call and passed on at once: the next frame still has it."""
    following = next((item for item in scene.frames if item.index == frame.index + 1), None)
    if following is None or following.kind is not Kind.REPO or following.view.node is None:
        return
    call = flow.call_of(frame, following)
    for label in following.view.parameters if call is not None else ():
        node = flow.argument_for(call, following, label) if call is not None else None
        keys: list[str | int] = []
        while isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            if not isinstance(node.slice.value, str | int):
                break
            keys.insert(0, node.slice.value)
            node = node.value
        awaited = isinstance(node, ast.Await)
        node = node.value if isinstance(node, ast.Await) else node
        if not isinstance(node, ast.Call) or label not in following.variables:
            continue
        chain, root = chain_of(node.func)
        if root is not None and chain and not following.view.reassigned_before_crash(label):
            yield Recording(frame, label, root, tuple(chain), awaited, holder=following, keys=tuple(keys))


def chain_of(node: ast.expr) -> tuple[list[str], str | None]:
    """Attributes and the root name of `root.a.b`; a call in between (`a().b`) counts as its return value."""
    chain: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            chain.insert(0, node.attr)
            node = node.value
        elif isinstance(node, ast.Call):
            chain.insert(0, "return_value")
            node = node.func
        else:
            break
    return chain, node.id if isinstance(node, ast.Name) else None
