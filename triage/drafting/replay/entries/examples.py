"""Entry: a call that the repo's own tests or examples make, with one of its literals changed.

For events that carry few values or none: the shape of a real call is known, and the error's
message often holds the value that broke it.
"""

import ast
import builtins
import copy
import re
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.building.rebind import Given
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

MOST_CALLS = 6
MOST_CALLS_NEAR = 30


def sites(scene: Scene) -> Iterable[Site]:
    """Calls of the stack's functions in tests, outermost first, then calls of the tests that lie nearest."""
    seen: set[str] = set()
    poor = not any(frame.variables for frame in scene.repo_frames)
    for rank, frame in enumerate(scene.repo_frames):
        name = direct.name_of(frame)
        if frame.kind is not Kind.REPO or frame.view.node is None or name in seen or frame.view.nested:
            continue
        seen.add(name)
        if name in direct.UNARY_CALLS and direct.UNARY_CALLS[name] and frame.view.classes and poor:
            yield Site(f"operator {frame.index}", 1.5 + 0.6 * rank, partial(build_operator, frame=frame))
        if name.startswith("__") and name != "__init__":
            continue
        cost = (1.5 if poor else 6.0) + 0.6 * rank
        yield Site(f"example {frame.index}", cost, partial(build, frame=frame))
    if poor:
        for rank, called in enumerate(named_by_caller(scene, seen)):
            yield Site(f"named {called}", 1.6 + 0.6 * rank, partial(build_named, name=called))
    for rank in range(MOST_CALLS_NEAR if scene.repo_frames else 0):
        yield Site(f"near {rank}", (2.0 if poor else 7.0) + 0.15 * rank, partial(build_near, rank=rank))


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """One mined call, as it is or with one literal changed."""
    name = direct.name_of(frame)
    wanted = frame.view.classes[-1] if name == "__init__" and frame.view.classes else name
    calls = builder.mined.calls(wanted)[:MOST_CALLS]
    at, node = builder.choices.pick("the example", [(0.7 * rank, call) for rank, call in enumerate(calls)])
    changed = builder.choices.pick("the change", [*captured(builder, frame, node), *changes(builder.scene, node)])
    builder.notes.append("the call is one of the repo's own examples with a value changed")
    call = builder.expression(at, changed)
    decorators = {ast.unparse(item) for item in frame.view.node.decorator_list} if frame.view.node else set()
    if frame.view.node is None:
        raise Dead(f"{name} has no visible definition")
    done = direct.consumed(builder, frame, frame.view.node, decorators, call)
    return builder.finish(done, f"{frame.module}.{frame.qualname}", "like an example of the repo")


def named_by_caller(scene: Scene, seen: set[str]) -> list[str]:
    """What the nearest line of another program calls by name: it may lead to the stack by a way that left no
    frame (a generator's function, a factory, a view)."""
    first = next((frame.index for frame in scene.frames if frame.kind is Kind.REPO), len(scene.frames))
    near = [frame for frame in scene.frames[:first] if frame.kind is Kind.SERVICE and frame.view.statement is not None]
    statement = near[-1].view.statement if near else None
    names: dict[str, None] = {}
    for node in ast.walk(statement) if statement is not None else ():
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name and name not in seen and not hasattr(builtins, name):
                names[name] = None
    return list(names)[:3]


def build_named(builder: Builder, name: str) -> Candidate:
    """One mined call of a function that the caller's line names, gone through to its end where it is lazy."""
    calls = builder.mined.calls(name)[:MOST_CALLS]
    at, node = builder.choices.pick("the example", [(0.7 * rank, call) for rank, call in enumerate(calls)])
    changed = builder.choices.pick("the change", changes(builder.scene, node))
    crash = builder.scene.repo_frames[0]
    builder.notes.append("the call is one of the repo's own examples with a value changed")
    call = builder.expression(at, changed)
    lazy = crash.view.node is not None and direct.is_generator(crash.view.node)
    done = ast.Call(ast.Name("list"), [call], []) if lazy else call
    if at.view.node is not None and isinstance(at.view.node, ast.AsyncFunctionDef):
        builder.is_async = True
    return builder.finish(done, f"{crash.module}.{crash.qualname}", "like an example of the repo")


def build_operator(builder: Builder, frame: StackFrame) -> Candidate:
    """A mined construction of the class, under the operator or the function of Python that called its method."""
    calls = builder.mined.calls(frame.view.classes[-1])[:MOST_CALLS]
    at, node = builder.choices.pick("the example", [(0.5 * rank, call) for rank, call in enumerate(calls)])
    made = builder.expression(at, builder.choices.pick("the change", changes(builder.scene, node)))
    done = ast.Call(ast.Name(direct.UNARY_CALLS[direct.name_of(frame)]), [made], [])
    builder.notes.append("the object is one of the repo's own examples with a value changed")
    return builder.finish(done, f"{frame.module}.{frame.qualname}", "like an example of the repo")


def captured(builder: Builder, frame: StackFrame, node: ast.expr) -> list[tuple[float, ast.expr]]:
    """The example's call with the values that the frame was called with, where they are plain."""
    function = frame.view.node
    if not isinstance(node, ast.Call) or function is None or any(isinstance(item, ast.Starred) for item in node.args):
        return []
    names = [item.arg for item in (*function.args.posonlyargs, *function.args.args)]
    bound = bool(frame.view.classes) and not any(
        ast.unparse(item) == "staticmethod" for item in function.decorator_list
    )
    names = names[1:] if bound else names
    changed = copy.deepcopy(node)
    count = 0

    def value_of(name: str) -> ast.expr | None:
        wire = frame.variables.get(name)
        if name not in frame.variables or values.trust(wire) > 0.2 or frame.view.reassigned_before_crash(name):
            return None
        return values.build(builder, frame, name, wire, f"{frame.index}.{name}")

    for at, name in enumerate(names[: len(changed.args)]):
        if (value := value_of(name)) is not None:
            changed.args[at], count = Given(value), count + 1
    for item in changed.keywords:
        if item.arg and (value := value_of(item.arg)) is not None:
            item.value, count = Given(value), count + 1
    return [(-0.1, changed)] if count else []


def build_near(builder: Builder, rank: int) -> Candidate:
    """A call of a test that lies near the crash, as the test makes it."""
    calls = builder.mined.near(builder.scene)
    if rank >= len(calls):
        raise Dead("no further test lies near the crash")
    frame, node = calls[rank]
    crash = builder.scene.repo_frames[-1]
    builder.notes.append("the call is one of the repo's own tests with a value changed")
    call = builder.expression(frame, node)
    if frame.view.node is not None and isinstance(frame.view.node, ast.AsyncFunctionDef):
        builder.is_async = True
    return builder.finish(call, f"{crash.module}.{crash.qualname}", "like a test of the repo")


def changes(scene: Scene, node: ast.expr) -> list[tuple[float, ast.expr]]:
    """The call itself, then copies with one literal changed to a value of the message; `fuzz` tries the rest."""
    found: list[tuple[float, ast.expr]] = [(0.0, node)]
    for index in range(len(literals_of(node))):
        for value in values_said(scene):
            found.append((0.4 + 0.1 * index, replaced(node, index, ast.Constant(value))))
    return sorted(found, key=lambda item: item[0])[:24]


def values_said(scene: Scene) -> list[str | int | float | bytes]:
    """Literals that the exception's message quotes."""
    crash = scene.event.crash
    message = crash.value[:2000] if crash else ""
    found: list[str | int | float | bytes] = []
    for text in [message, *re.findall(r"b?'(?:[^'\\]|\\.)*'|b?\"(?:[^\"\\]|\\.)*\"|-?\d+(?:\.\d+)?", message)]:
        read = read_repr(text)
        value = read.tree.value if read is not None and isinstance(read.tree, ast.Constant) else None
        if isinstance(value, str | int | float | bytes) and value not in found and not isinstance(value, bool):
            found.append(value)
    return found[:4]


def literals_of(node: ast.expr) -> list[ast.expr]:
    """Constants and containers among the arguments, in the order of `ast.walk`."""
    kinds = ast.Constant | ast.List | ast.Tuple | ast.Set | ast.Dict
    return [part for part in ast.walk(node) if isinstance(part, kinds)]


class _Swap(ast.NodeTransformer):
    def __init__(self, old: ast.expr, new: ast.expr) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else super().visit(node)


def replaced(node: ast.expr, index: int, new: ast.expr) -> ast.expr:
    """A copy of `node` with its literal number `index` replaced."""
    whole = copy.deepcopy(node)
    done = _Swap(literals_of(whole)[index], new).visit(whole)
    assert isinstance(done, ast.expr)
    return done
