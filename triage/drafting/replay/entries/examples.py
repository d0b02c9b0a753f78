"""Entry: a call that the repo's own tests or examples make, with one of its literals changed.

For events that carry few values or none: the shape of a real call is known, and the error's
message often holds the value that broke it.
"""

import ast
import copy
import re
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.reprs import read_repr
from triage.drafting.replay.scene import Kind, Scene, StackFrame

MOST_CALLS = 6
EDGES: dict[type, tuple[object, ...]] = {
    str: ("", " ", None, "0", "é"),
    bytes: (b"", b"\xff", None),
    int: (0, -1, None, 10**12),
    float: (0.0, -1.0, float("1e308"), None),
    bool: (False, None),
}


def sites(scene: Scene) -> Iterable[Site]:
    """Functions of the stack that tests may call, outermost first; later than everything with values."""
    seen: set[str] = set()
    poor = not any(frame.variables for frame in scene.repo_frames)
    for rank, frame in enumerate(scene.repo_frames):
        name = direct.name_of(frame)
        if frame.kind is not Kind.REPO or frame.view.node is None or name in seen or frame.view.nested:
            continue
        seen.add(name)
        if name.startswith("__") and name != "__init__":
            continue
        cost = (1.5 if poor else 6.0) + 0.6 * rank
        yield Site(f"example {frame.index}", cost, partial(build, frame=frame))


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """One mined call, as it is or with one literal changed."""
    name = direct.name_of(frame)
    wanted = frame.view.classes[-1] if name == "__init__" and frame.view.classes else name
    calls = builder.mined.calls(wanted)[:MOST_CALLS]
    at, node = builder.choices.pick("the example", [(0.7 * rank, call) for rank, call in enumerate(calls)])
    changed = builder.choices.pick("the change", changes(builder.scene, node))
    builder.notes.append("the call is one of the repo's own examples with a value changed")
    call = builder.expression(at, changed)
    decorators = {ast.unparse(item) for item in frame.view.node.decorator_list} if frame.view.node else set()
    if frame.view.node is None:
        raise Dead(f"{name} has no visible definition")
    done = direct.consumed(builder, frame, frame.view.node, decorators, call)
    return builder.finish(done, f"{frame.module}.{frame.qualname}", "like an example of the repo")


def changes(scene: Scene, node: ast.expr) -> list[tuple[float, ast.expr]]:
    """The call itself, then copies with one literal changed: to a value of the message, then to an edge."""
    found: list[tuple[float, ast.expr]] = [(0.0, node)]
    said = values_said(scene)
    for index, part in enumerate(literals_of(node)):
        for value in said:
            found.append((0.4 + 0.1 * index, replaced(node, index, ast.Constant(value))))
        if isinstance(part, ast.Constant):
            for rank, edge in enumerate(EDGES.get(type(part.value), (None, ""))):
                if edge != part.value:
                    found.append((0.8 + 0.15 * rank + 0.1 * index, replaced(node, index, _constant(edge))))
        else:
            empty = copy.copy(part)
            if isinstance(empty, ast.List | ast.Tuple | ast.Set) and empty.elts:
                found.append((0.8 + 0.1 * index, replaced(node, index, ast.List([], ast.Load()))))
            elif isinstance(empty, ast.Dict) and empty.keys:
                found.append((0.8 + 0.1 * index, replaced(node, index, ast.Dict([], []))))
                for at in range(len(empty.keys)):
                    fewer = ast.Dict(empty.keys[:at] + empty.keys[at + 1 :], empty.values[:at] + empty.values[at + 1 :])
                    found.append((1.0 + 0.1 * at, replaced(node, index, fewer)))
    return sorted(found, key=lambda item: item[0])[:60]


def _constant(value: object) -> ast.expr:
    return ast.parse(repr(value), mode="eval").body


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
