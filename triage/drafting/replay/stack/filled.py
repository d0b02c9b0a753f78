"""What a caller's object holds where no visible line assigns it: what its methods put in, its namesake."""

import ast
import re
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.safe import may_reach
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import FunctionNode, SourceFile, parameter_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from triage.drafting.replay.building.builder import Builder

PUTS = ("append", "appendleft", "add", "insert", "put", "put_nowait", "push")


def ways(builder: "Builder", frame: StackFrame, attribute: str) -> "list[tuple[float, Callable[[], ast.expr]]]":
    """Ways to get `self.<attribute>` of an object of the calling program that its visible assignments do not give."""
    if frame.kind is not Kind.SERVICE or frame.source.whole:
        return []
    found: list[tuple[float, Callable[[], ast.expr]]] = [
        (0.1 + 0.3 * at, partial(_holding, builder, frame, attribute, method, item))
        for at, (method, item) in enumerate(fillings(frame.source, attribute))
    ]
    if frame.source.attribute_values(attribute):
        return found
    for other in reversed(builder.outer(frame)):
        if other.kind is Kind.SERVICE and builder.is_local(other, attribute):
            found.append((0.2, partial(builder.bind, other, attribute)))
            break
    text = "\n".join(frame.source.lines.values())
    if re.search(rf"\bself\.{re.escape(attribute)}\[[^\]\n]+\] = ", text):
        found.append((0.4, lambda: ast.Dict([], [])))
    found.append((0.6, partial(_namesake, builder, frame, attribute)))
    return found


def fillings(source: SourceFile, attribute: str) -> Iterator[tuple[FunctionNode, ast.expr]]:
    """(method, value) of each visible `self.<attribute>.append(value)` and the like."""
    for _, node in source.loose:
        for part in ast.walk(node) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) else ():
            call = part if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) else None
            if call is None or not isinstance(call.func, ast.Attribute) or call.func.attr not in PUTS or not call.args:
                continue
            if call.func.attr == "insert" and len(call.args) != 2:  # of a query, not of a list
                continue
            if ast.unparse(call.func.value) == f"self.{attribute}":
                assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                yield node, call.args[-1]


def is_empty(node: ast.expr) -> bool:
    """Whether an expression makes a container with nothing in it."""
    text = ast.unparse(node)
    return text in ("[]", "{}") or (isinstance(node, ast.Call) and not node.args and not node.keywords)


def _holding(builder: "Builder", frame: StackFrame, attribute: str, method: FunctionNode, item: ast.expr) -> ast.expr:
    """A list of the one thing that the method puts in, called as an outer frame calls it."""
    from triage.drafting.replay.building.rebind import Given, Rebind

    names = [name for name in parameter_names(method) if name != "self"]
    used = {part.id for part in ast.walk(item) if isinstance(part, ast.Name)}
    bound: dict[str, ast.expr] = {}
    if used & set(names):
        at, call = _call(builder, frame, method.name)
        given = dict(zip(names, call.args, strict=False))
        given.update({word.arg: word.value for word in call.keywords if word.arg})
        bound = {name: Given(builder.expression(at, given[name])) for name in names if name in given and name in used}
        if missing := sorted(used & set(names) - set(bound)):
            raise Dead(f"{method.name} is not given {', '.join(missing)}")
    made = flow._Replace(bound).visit(ast.parse(ast.unparse(item), mode="eval").body)
    return ast.List([Rebind(builder, frame, "module").expression(made)], ast.Load())


def _call(builder: "Builder", frame: StackFrame, method: str) -> tuple[StackFrame, ast.Call]:
    """The last visible call of a method in an outer frame of the same program."""
    for other in reversed(builder.outer(frame)):
        for root in reversed([*other.view.before, *([other.view.statement] if other.view.statement else [])]):
            for node in ast.walk(root) if other.kind is Kind.SERVICE else ():
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
                    return other, node
    raise Dead(f"nobody is seen to call {method}")


def _namesake(builder: "Builder", frame: StackFrame, attribute: str) -> ast.expr:
    """An object of the repo's class that the attribute is named after."""
    from triage.drafting.replay.building import objects

    name = "".join(part[:1].upper() + part[1:] for part in attribute.split("_"))
    path = next(iter(builder.names.find(name)), "")
    if not path or not may_reach(*path.partition(":")[::2], builder.scene.packages):
        raise Dead(f"nothing is known of self.{attribute}")
    builder.notes.append(f"self.{attribute} of the caller is taken for a {name}")
    return objects.construct(builder, frame, path, f"{frame.index}.self.{attribute}")
