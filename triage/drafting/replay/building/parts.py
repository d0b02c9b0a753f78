"""What an object of the stack was made of, told by the frames that its parts' methods run in."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

# How long or how much something keeps: with nothing of it left, what was put in is gone when it is asked for.
LIMIT = re.compile(r"(^|_)(ttl|max_?age|expir\w*|lifetime|max_?size|capacity|keep|window)(_|$)")
GONE = ("KeyError", "IndexError", "LookupError", "AttributeError", "TypeError")


def frame_of(builder: "Builder", class_name: str, parameter: str) -> StackFrame | None:
    """The frame of a method of the object that the class keeps as it was given: `self.cache = cache or Cache()`, and
    the stack goes on from `self.cache.get(key)`. None where the stack shows no such frame."""
    frames = builder.scene.frames
    for frame in builder.scene.repo_frames:
        following = next((item for item in frames if item.index == frame.index + 1), None)
        if frame.class_name.rpartition(".")[2] != class_name or following is None or following.kind is not Kind.REPO:
            continue
        if following.view.node is None or not following.class_name or not following.view.parameters:
            continue
        call = flow.call_of(frame, following)
        own = following.view.parameters[0]
        owner = flow.argument_for(call, following, own) if call is not None else None
        if (
            not isinstance(owner, ast.Attribute)
            or not isinstance(owner.value, ast.Name)
            or own not in following.variables
        ):
            continue
        if list(frame.view.parameters[:1]) != [owner.value.id]:
            continue
        kept = frame.source.attribute_value(owner.attr)
        if kept is not None and parameter in _given(kept[0]):
            return following
    return None


def as_tests_give(builder: "Builder", class_name: str, parameter: str, place: int) -> list[tuple[StackFrame, ast.expr]]:
    """What the repo's own tests and examples give for a parameter that is no plain value: `Store(Shelf(3), clock)`."""
    found: dict[str, tuple[StackFrame, ast.expr]] = {}
    for where, node in builder.mined.calls(class_name)[:5]:
        if not isinstance(node, ast.Call) or any(isinstance(item, ast.Starred) for item in node.args):
            continue
        given = next((item.value for item in node.keywords if item.arg == parameter), None)
        given = node.args[place] if given is None and place < len(node.args) else given
        if isinstance(given, ast.Call):
            found.setdefault(ast.unparse(given), (where, given))
    return list(found.values())


def made(builder: "Builder", frame: StackFrame, name: str) -> ast.expr:
    """That object, once. Raises Dead for one that is a part of itself."""
    known = ("part", str(frame.index))
    if known not in builder.bound:
        if known in builder.filled:
            raise Dead(f"{name} is a part of itself")
        builder.filled.add(known)
        own = frame.view.parameters[0]
        value = values.build(builder, frame, name, frame.variables[own], f"{frame.index}.{own}")
        builder.bound[known] = builder.assign(name, value)
    return builder.bound[known]


def _given(value: ast.expr) -> list[str]:
    """Names that may stand for the whole value: `cache`, `cache or Cache()`, `Cache() if cache is None else cache`."""
    if isinstance(value, ast.Name):
        return [value.id]
    parts = value.values if isinstance(value, ast.BoolOp) else []
    if isinstance(value, ast.IfExp):
        parts = [value.body, value.orelse]
    return [name for part in parts for name in _given(part)]


def keeps_nothing(builder: "Builder", name: str, default: object) -> ast.expr | None:
    """0 for a limit with a number as default, where the crash may be that something was gone; else None."""
    crash = builder.scene.event.crash
    number = re.fullmatch(r"\d+(\.\d+)?", str(default))
    if crash is None or crash.type not in GONE or number is None or LIMIT.search(name) is None:
        return None
    return ast.Constant(0.0 if number[1] else 0)
