"""Recorded instances of classes that derive from Python's own: named tuples, subclasses of values, exceptions."""

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured.objects import constructed, planned, with_attributes

if TYPE_CHECKING:
    from triage.drafting.replay.captured.values import Maker


def namedtuple(maker: "Maker", parts: list[Json], name: str, at: int | None) -> ast.expr:
    kind = maker.class_named(str(parts[0]))
    fields = [str(item) for item in parts[1]] if isinstance(parts[1], list) else []
    inner = maker.capture.node(parts[2])
    values = inner[1] if isinstance(inner, list) and len(inner) > 1 and isinstance(inner[1], list) else []
    made = [maker.value(item, label) for item, label in zip(values, fields, strict=True)]
    if len(made) > 2 and all(label.isidentifier() for label in fields):
        return ast.Call(kind, [], [ast.keyword(label, item) for label, item in zip(fields, made, strict=True)])
    return ast.Call(kind, made, [])


def subclass(maker: "Maker", parts: list[Json], name: str, at: int | None) -> ast.expr:
    """An instance of a subclass of a builtin: the class called with the plain value, or the plain value alone."""
    try:
        path = maker.path(str(parts[0]))
    except Dead:
        return maker.value(parts[1], name)  # of a class that nobody can reach: a frozen clock's date, a lazy text
    if maker.builder.names.describe(path).get("kind") != "class":
        raise Dead(f"{path} is no class")
    state = parts[2] if len(parts) > 2 and isinstance(parts[2], dict) else {}
    inner = maker.value(parts[1], name)
    options: list[tuple[float, str]] = [(0.0, "class"), (1.2, "plain")]
    if state:
        options.append((0.4, "patched"))
    chosen = maker.builder.choices.pick(f"{maker.key}:subclass", options)
    if chosen == "plain":
        return inner
    kind = maker.builder.name(maker.builder.names.public(path))
    parts_of = isinstance(inner, ast.Call) and ast.unparse(inner.func).rpartition(".")[2] in BY_PARTS
    made = (
        ast.Call(kind, inner.args, inner.keywords)
        if parts_of and isinstance(inner, ast.Call)
        else ast.Call(kind, [inner], [])
    )
    return with_attributes(maker, made, path, state if chosen == "patched" else {}, name, at)


# Types that are made of their parts, not of another of their kind.
BY_PARTS = ("date", "datetime", "time", "timedelta", "Fraction", "UUID")


def error(maker: "Maker", parts: list[Json], name: str, at: int | None) -> ast.expr:
    """An exception: of its `args`, of what its constructor is known to take, or bare with its attributes."""
    builder = maker.builder
    node = maker.capture.node(parts[1])
    given = node[1] if isinstance(node, list) and len(node) > 1 and isinstance(node[1], list) else []
    kind = maker.class_named(str(parts[0]))
    state = parts[2] if len(parts) > 2 and isinstance(parts[2], dict) else {}
    if not state or str(parts[0]).startswith("__main__:"):
        return ast.Call(kind, [maker.value(item, name) for item in given], [])
    path = maker.path(str(parts[0]))
    plan = planned(maker, path, builder.names.describe(path), "", state)
    needed = len(plan.unknown) + sum(how != "KEYWORD" for _, how, _ in plan.given)
    options = [(0.0 if needed <= len(given) else 0.8, "args"), (0.4, "bare")]
    if len(plan.unknown) <= len(given):
        options.append((0.1, "planned"))
    way = builder.choices.pick(f"{maker.key}:error", options)
    if way == "args":
        return ast.Call(kind, [maker.value(item, name) for item in given], [])
    if way == "planned":
        known = {parameter: value for parameter, _, value in plan.given}
        known.update({str(item.get("name")): value for item, value in zip(plan.unknown, given, strict=False)})
        order = [str(item.get("name")) for item in builder.names.describe(path).get("parameters") or ()]
        plan = replace(plan, given=[(label, "KEYWORD", known[label]) for label in order if label in known])
        return with_attributes(maker, constructed(maker, path, "", plan, at), path, plan.differing, name, at)
    made = ast.Call(ast.Attribute(kind, "__new__"), [kind, *(maker.value(item, name) for item in given)], [])
    return with_attributes(maker, made, path, state, name, at)
