"""An object of a caller that nobody captured, made anew: its class is told by the frame it was called into.

The lines that made it are often only half in the event: the SDK shows five lines around each frame, and a
call that spans more has lost its head. What is left of it, keywords and all, still says how to make it.
"""

import ast
import re
import textwrap
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.building import objects
from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.safe import may_reach
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.stack.views import SourceFile

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

MOST_LINES = 20
_OBJECT = re.compile(r"<([A-Za-z_][\w.]*) object at 0x")


def class_called(callee: StackFrame) -> str:
    """The dotted class of the object that `callee` is a method of, as its repr says; "" where it does not."""
    wire = callee.variables.get("self")
    found = _OBJECT.match(wire) if isinstance(wire, str) else None
    return found[1] if found and not found[1].startswith("__main__") and "." in found[1] else ""


def called_anew(builder: "Builder", frame: StackFrame, call: ast.Call, callee: StackFrame) -> ast.expr:
    """The method call of `frame`'s source on an object made for it. Raises Dead when it cannot be made."""
    path = objects.class_path(builder, callee, class_called(callee))
    if not may_reach(*path.partition(":")[::2], builder.scene.packages):
        raise Dead(f"{path} is not made for text of an event")
    found = builder.names.describe(path)
    if found.get("kind") != "class" or not isinstance(call.func, ast.Attribute):
        raise Dead(f"{path} is no class")
    known = {str(item.get("name")) for item in found.get("parameters") or ()}
    takes_any = any(item.get("kind") == "VAR_KEYWORD" for item in found.get("parameters") or ())
    options: list[tuple[float, Callable[[], ast.expr]]] = [
        (0.2 * at, partial(_made, builder, frame, path, rest))
        for at, rest in enumerate(cut_calls(frame.source))
        if rest.keywords and (takes_any or all(item.arg in known for item in rest.keywords))
    ]
    options.append((0.5, partial(objects.construct, builder, callee, path, f"{callee.index}.anew")))
    made = builder.choices.pick(f"{callee.index}.anew", options)()
    name = objects.snake(path.rpartition(":")[2].rpartition(".")[2])
    receiver = builder.assign(name, made, keep=not isinstance(made, ast.Name))
    arguments = [builder.expression(frame, item) for item in call.args]
    keywords = [ast.keyword(item.arg, builder.expression(frame, item.value)) for item in call.keywords]
    return ast.Call(ast.Attribute(receiver, call.func.attr), arguments, keywords)


def _made(builder: "Builder", frame: StackFrame, path: str, rest: ast.Call) -> ast.expr:
    rebind = Rebind(builder, frame, "module")
    arguments = [rebind.expression(item) for item in rest.args]
    keywords = [ast.keyword(item.arg, rebind.expression(item.value)) for item in rest.keywords]
    return ast.Call(builder.name(builder.names.public(path)), arguments, keywords)


def cut_calls(source: SourceFile) -> Iterator[ast.Call]:
    """What is left of calls whose head lies above the first line of what the event shows."""
    if source.whole:
        return
    for first in sorted(source.lines):
        if first - 1 in source.lines:
            continue
        block: list[str] = []
        for at in range(first, first + MOST_LINES):
            if at not in source.lines:
                break
            block.append(source.lines[at])
            if not block[-1].strip().startswith(")"):
                continue
            try:
                tree = ast.parse("made(\n" + textwrap.dedent("\n".join(block)).strip()).body
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                break
            if len(tree) == 1 and isinstance(tree[0], ast.Expr) and isinstance(tree[0].value, ast.Call):
                yield tree[0].value
            break
