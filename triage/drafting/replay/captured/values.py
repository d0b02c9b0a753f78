"""Turns values that our capture hook recorded into expressions that a maintainer would write."""

import ast
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from triage.domain.capture import UNUSABLE, reason
from triage.domain.event import Json
from triage.drafting.replay.building import objects
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured.frames import MUTABLE, Circular, Typed
from triage.drafting.replay.captured.kinds import MAKERS, number
from triage.drafting.replay.stack.safe import UNSAFE_BUILTINS, may_reach
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.world import files

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

MAX_DEPTH = 60
FILLED = ("list", "dict", "set", "deque", "defaultdict", "OrderedDict", "Counter")
# Modules in C whose content others show.
BEHIND = {
    f"_{name}": name
    for name in (
        "operator",
        "functools",
        "collections",
        "io",
        "datetime",
        "decimal",
        "bisect",
        "heapq",
        "random",
        "csv",
    )
} | {"_weakrefset": "weakref"}


def build(builder: "Builder", frame: StackFrame, name: str, typed: Typed, key: str) -> ast.expr:
    """An expression for a captured value; what it needs stands before it. Raises Dead when it cannot be made.

    What is more than plain data may also be made the way it would be without the hook.
    """
    if typed.sent is not None:
        way = builder.choices.pick(f"{key}:recorded", [(0.0, "recorded"), (1.2, "sent")])
        if way == "sent":
            return builder.value(frame, name, typed.sent, f"{key}:sent")
    maker = Maker(builder, frame, typed, key)
    try:
        made = maker.value(_before(builder, typed, key), name)
    except Circular as circle:
        raise Dead(f"{name} cannot be written: {circle}") from circle
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise Dead(f"{name} was recorded malformed: {error}") from error
    maker.mend()
    return made


def _before(builder: "Builder", typed: Typed, key: str) -> Json:
    """The value; of a container that the code had changed in place also the empty one that it may have been."""
    node = typed.capture.node(typed.value)
    if not typed.changed or not isinstance(node, list) or len(node) < 2 or node[0] not in FILLED or not node[1]:
        return typed.value
    way = builder.choices.pick(f"{key}:before", [(0.0, "as it was left"), (0.9, "empty")])
    return typed.value if way == "as it was left" else [node[0], [], *node[2:]]


class Maker:
    """Makes one captured variable. Objects met before in the same candidate are taken by their name."""

    def __init__(self, builder: "Builder", frame: StackFrame, typed: Typed, key: str) -> None:
        self.builder, self.frame, self.key = builder, frame, key
        self.capture, self.shared = typed.capture, typed.shared
        self.busy: list[int] = []
        self.named: set[int] = set()
        self.patches: list[tuple[int, Callable[[ast.expr, ast.expr], ast.stmt], int]] = []

    def value(self, value: Json, name: str) -> ast.expr:
        """The expression for a value, a reference or a node."""
        if value is None or isinstance(value, bool | int):
            return ast.Constant(value)
        if isinstance(value, float):
            return number(value)
        if isinstance(value, str):
            return self.text(value)
        if not isinstance(value, list) or not value:
            raise Dead(f"{name} was recorded malformed")
        if len(value) == 1 and type(value[0]) is int:
            return self.known(value[0], name)
        return self.node(value, name, None)

    def text(self, value: str) -> ast.expr:
        if files.is_path(value):
            return files.options(self.builder, self.frame, value, self.key)
        return ast.Constant(value)

    def known(self, at: int, name: str) -> ast.expr:
        """The object of that number: by its variable when it has one, else made, once."""
        bound = self.builder.bound
        known = ("@captured", str(at))
        if known in bound:
            return bound[known]
        if at in self.busy:
            self.named.add(at)
            raise Circular(at)
        if len(self.busy) > MAX_DEPTH:
            raise Dead(f"{name} is nested too deeply")
        node = self.capture.node([at])
        if not isinstance(node, list):
            return self.value(node, name)
        self.busy.append(at)
        try:
            made = self.node(node, name, at)
        finally:
            self.busy.pop()
        if node and node[0] in MUTABLE and (at in self.shared or at in self.named):
            made = self.builder.assign(name, made, keep=not isinstance(made, ast.Name))
        if isinstance(made, ast.Name):
            bound[known] = made
        return made

    def part(
        self, value: Json, name: str, owner: int | None, put: Callable[[ast.expr, ast.expr], ast.stmt]
    ) -> ast.expr | None:
        """A part of a changeable object; None when it leads back to what is being made: then it is put in later."""
        try:
            return self.value(value, name)
        except Circular as circle:
            if owner is None or circle.number not in self.busy or value != [circle.number]:
                raise
            self.named.add(owner)
            self.patches.append((owner, put, circle.number))
            return None

    def mend(self) -> None:
        """Close the circles."""
        for owner, put, target in self.patches:
            pair = [self.builder.bound.get(("@captured", str(at))) for at in (owner, target)]
            if pair[0] is None or pair[1] is None:
                raise Dead("an object that holds itself has no name")
            self.builder.add(put(pair[0], pair[1]))

    def node(self, node: Sequence[Json], name: str, at: int | None) -> ast.expr:
        """The expression for a node."""
        kind, parts = str(node[0]), list(node[1:])
        if kind in UNUSABLE and kind != "secret":
            raise Dead(f"{name} was not captured: {reason(node)}")
        maker = MAKERS.get(kind)
        if maker is None:
            raise Dead(f"{name} is of a kind that is not known here: {kind[:40]}")
        return maker(self, parts, name, at)

    # -- names -----------------------------------------------------------------------

    def path(self, text: str) -> str:
        """`module:chain` in the repo, as it may be used. Raises Dead."""
        module, _, chain = text.partition(":")
        module = BEHIND.get(module, module)
        if "<" in chain or not chain:
            raise Dead(f"{chain or text} lives inside a function")
        builder = self.builder
        if module == "__main__":
            module = next((item.module for item in builder.scene.repo_frames if item.name == "<module>"), "")
            if not module:
                raise Dead(f"{chain} is of another program")
        path = f"{module}:{chain}"
        if module == "builtins" and chain.split(".")[0] in (*UNSAFE_BUILTINS, "open"):
            raise Dead(f"{chain} is not used for values of an event")
        if module != "builtins" and not may_reach(module, chain, builder.scene.packages):
            raise Dead(f"{path} is not used for values of an event")
        if not builder.names.exists(path):
            path = objects.class_path(builder, self.frame, f"{module}.{chain}")
        return path

    def named_thing(self, text: str) -> ast.expr:
        """A class or function by its path, also one that the calling program defines."""
        module, _, chain = text.partition(":")
        if module == "__main__" and chain.isidentifier():
            for frame in reversed(self.builder.scene.frames):
                if frame.kind is Kind.SERVICE:
                    return self.builder.global_name(frame, chain)
        return self.builder.name(self.builder.names.public(self.path(text)))

    def class_named(self, text: str) -> ast.expr:
        """A class by its path: what is called for values of an event is a class, never a function."""
        if not text.startswith("__main__:") and self.builder.names.describe(self.path(text)).get("kind") != "class":
            raise Dead(f"{text} is no class")
        return self.named_thing(text)

    def call(self, path: str, *arguments: ast.expr, **keywords: ast.expr) -> ast.Call:
        return ast.Call(self.builder.name(path), list(arguments), [ast.keyword(*item) for item in keywords.items()])

    # -- containers ------------------------------------------------------------------

    def items(self, values: Json, name: str, at: int | None) -> list[ast.expr]:
        made: list[ast.expr] = []
        for item in values if isinstance(values, list) else ():
            inner = self.part(item, f"{name}_item", at, _append)
            if inner is not None:
                made.append(inner)
        return made

    def pairs(self, values: Json, name: str, at: int | None) -> ast.Dict:
        keys: list[ast.expr | None] = []
        made: list[ast.expr] = []
        for pair in values if isinstance(values, list) else ():
            if not isinstance(pair, list) or len(pair) != 2:
                raise ValueError("a dict's item")
            key = self.value(pair[0], f"{name}_key")
            label = f"{name}_{pair[0]}"[:40] if isinstance(pair[0], str) else f"{name}_value"
            inner = self.part(pair[1], label, at, partial(_put, key))
            if inner is not None:
                keys.append(key)
                made.append(inner)
        return ast.Dict(keys, made)


def _append(owner: ast.expr, target: ast.expr) -> ast.stmt:
    return ast.Expr(ast.Call(ast.Attribute(owner, "append"), [target], []))


def _put(key: ast.expr, owner: ast.expr, target: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Subscript(owner, key, ast.Store())], target, lineno=0)
