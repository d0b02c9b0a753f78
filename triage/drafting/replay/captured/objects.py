"""Makes objects again from their recorded state: by constructor, with attributes set after, bare as a last resort."""

import ast
import keyword
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from triage.domain.event import Json
from triage.drafting.replay.building import objects
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured.frames import BY_FIELDS, Circular
from triage.drafting.replay.stack.views import SourceFile

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.captured.values import Maker

BY_KEYWORDS = ("argparse:Namespace", "types:SimpleNamespace")
MAPPED = ("sqlalchemy", "django", "peewee")
LEVELS = ((0.0, "plain"), (0.4, "patched"), (2.0, "bare"))
MAX_SOURCE = 3_000_000


@dataclass
class Plan:
    """How an object comes about: its constructor's arguments, and the state that they do not explain."""

    given: list[tuple[str, str, Json]] = field(default_factory=list)
    unknown: list[Mapping[str, Any]] = field(default_factory=list)
    differing: dict[str, Json] = field(default_factory=dict)


def instance(maker: "Maker", parts: list[Json], name: str, at: int | None) -> ast.expr:
    """An object: what a maintainer would write first, what surely restores its state last.

    How much is restored is one question for all objects of a variable, so that the search
    does not try every mixture.
    """
    builder = maker.builder
    style = str(parts[1])
    state = parts[2] if len(parts) > 2 and isinstance(parts[2], dict) else {}
    try:
        path = maker.path(str(parts[0]))
    except Dead as dead:
        return _look_alike(maker, state, name, dead)
    found = builder.names.describe(path)
    if found.get("kind") != "class":
        raise Dead(f"{path} is no class")
    if style == "pydantic":
        state = _given_fields(maker, state)
    plan = planned(maker, path, found, style, state)
    if style in MAPPED:
        return with_attributes(maker, constructed(maker, path, style, plan, at), path, {}, name, at)
    if style == "pydantic":
        ways = [(0.5 if not plan.unknown else 3.0, "call"), (0.8, "past")]
        if builder.choices.pick(f"{maker.key}:model", ways) == "past":
            return _past_validation(maker, path, state)
        plan.unknown = []
    level = builder.choices.pick(f"{maker.key}:state", list(LEVELS)) if style != "pydantic" else "plain"
    if level == "bare" or (plan.unknown and (level == "patched" or found.get("abstract") or style in BY_FIELDS)):
        return bare(maker, path, state, name, at)
    if plan.unknown:
        return objects.construct(builder, maker.frame, path, f"{maker.key}.{name}")
    made = constructed(maker, path, style, plan, at)
    return with_attributes(maker, made, path, plan.differing if level == "patched" else {}, name, at)


def _look_alike(maker: "Maker", state: Mapping[str, Json], name: str, dead: Dead) -> ast.expr:
    """An object of a class that nobody can reach, by its attributes alone."""
    given = {label: item for label, item in state.items() if label.isidentifier() and not keyword.iskeyword(label)}
    if not given or maker.builder.choices.pick(f"{maker.key}:class", [(0.8, True)]) is not True:
        raise dead
    maker.builder.notes.append(f"{name} is of a class that a test cannot reach; its attributes stand in for it")
    return maker.call("types:SimpleNamespace", **{label: maker.value(item, label) for label, item in given.items()})


def _given_fields(maker: "Maker", state: Mapping[str, Json]) -> dict[str, Json]:
    """The fields that a model was given, its extra ones too; all of them where that is not known."""
    names = next((maker.capture.node(state[key]) for key in FIELDS_SET if key in state), None)
    extra = maker.capture.node(state.get("__pydantic_extra__"))
    found = {name: value for name, value in state.items() if not name.startswith("__")}
    if isinstance(names, list) and len(names) == 2 and names[0] == "set" and isinstance(names[1], list):
        found = {name: value for name, value in found.items() if name in names[1]}
    if isinstance(extra, list) and len(extra) == 2 and extra[0] == "dict" and isinstance(extra[1], list):
        pairs = [pair for pair in extra[1] if isinstance(pair, list) and len(pair) == 2]
        found.update({str(key): value for key, value in pairs})
    return found


FIELDS_SET = ("__pydantic_fields_set__", "__fields_set__")


def _past_validation(maker: "Maker", path: str, state: Mapping[str, Json]) -> ast.expr:
    """A pydantic model by its fields' own names: its constructor may know them by aliases, or refuse the values."""
    method = "model_construct" if maker.builder.names.exists(f"{path}.model_construct") else "construct"
    kind = maker.builder.name(maker.builder.names.public(path))
    named = [(name, value) for name, value in state.items() if name.isidentifier() and not name.startswith("__")]
    keywords = [ast.keyword(name, maker.value(value, name)) for name, value in named]
    return ast.Call(ast.Attribute(kind, method), [], keywords)


def constructed(maker: "Maker", path: str, style: str, plan: Plan, at: int | None) -> ast.expr:
    """The call of the class with the arguments of the plan."""
    builder = maker.builder
    arguments: list[ast.expr] = []
    keywords: list[ast.keyword] = []
    for parameter, kind, value in plan.given:
        label = parameter if parameter.isidentifier() else "value"
        try:
            inner = maker.part(value, label, at, partial(_set_later, label))
        except Circular:
            if style not in MAPPED:
                raise
            inner = None  # the other side of a relation, which the mapper fills in
        if inner is None:
            continue
        if kind == "KEYWORD" or keywords or (style in BY_FIELDS and len(plan.given) > 1):
            if parameter.isidentifier():
                keywords.append(ast.keyword(parameter, inner))
        else:
            arguments.append(inner)
    return ast.Call(builder.name(builder.names.public(path)), arguments, keywords)


def bare(maker: "Maker", path: str, state: Mapping[str, Json], name: str, at: int | None) -> ast.expr:
    """The object without its `__init__`, every attribute set."""
    builder = maker.builder
    kind = builder.name(builder.names.public(path))
    made = ast.Call(ast.Attribute(kind, "__new__"), [kind], [])
    builder.notes.append(f"{path.rpartition(':')[2]} is made without its constructor, from its recorded state")
    return with_attributes(maker, made, path, state, name, at, always=True)


def with_attributes(
    maker: "Maker",
    made: ast.expr,
    path: str,
    state: Mapping[str, Json],
    name: str,
    at: int | None,
    always: bool = False,
) -> ast.expr:
    """The object under a name, with attributes set one by one; those that cannot be made are left out."""
    if not state and not always:
        return made
    builder = maker.builder
    variable = builder.assign(name if name.isidentifier() else objects.snake(path.rpartition(":")[2]), made, keep=True)
    if at is not None:
        builder.bound["@captured", str(at)] = variable
    guarded = bool(builder.names.describe(path).get("guarded"))
    for attribute, value in state.items():
        if not attribute.isidentifier() or (attribute.startswith("__") and attribute.endswith("__")):
            continue
        try:
            inner = maker.part(value, attribute.strip("_") or "value", at, partial(_set_later, attribute))
        except Dead:
            continue
        if inner is not None:
            builder.add(_forced(variable, attribute, inner) if guarded else _set(variable, attribute, inner))
    return variable


def _set(owner: ast.expr, attribute: str, target: ast.expr) -> ast.stmt:
    return ast.Assign([ast.Attribute(owner, attribute, ast.Store())], target, lineno=0)


def _forced(owner: ast.expr, attribute: str, target: ast.expr) -> ast.stmt:
    """Past the class's own `__setattr__`."""
    setting = ast.Attribute(ast.Name("object"), "__setattr__")
    return ast.Expr(ast.Call(setting, [owner, ast.Constant(attribute), target], []))


def _set_later(attribute: str, owner: ast.expr, target: ast.expr) -> ast.stmt:
    return _set(owner, attribute, target)


def planned(maker: "Maker", path: str, found: Mapping[str, Any], style: str, state: Mapping[str, Json]) -> Plan:
    """Which recorded attributes the constructor's parameters stand for, and which it does not explain."""
    if path in BY_KEYWORDS:
        return Plan([(name, "KEYWORD", value) for name, value in state.items()])
    if style in MAPPED:
        return Plan([(name, "KEYWORD", value) for name, value in state.items() if value is not None])
    plan = Plan()
    parameters = found.get("parameters")
    assigned = {} if style in BY_FIELDS else assignments(maker.builder, path, found)
    explained: set[str] = set()
    for item in parameters if isinstance(parameters, list) else ():
        parameter, kind, default = str(item.get("name")), str(item.get("kind")), item.get("default")
        if kind in ("VAR_POSITIONAL", "VAR_KEYWORD"):
            continue
        attribute = _attribute_of(parameter, state, assigned, path)
        behind = _weakly_held(maker.capture.node(state.get(attribute or "")), assigned.get(attribute or ""))
        if attribute is not None and behind is None and not _is_kept(parameter, assigned.get(attribute)):
            plan.differing[attribute] = state[attribute]
        if attribute is None:
            if default is None:
                plan.unknown.append(item)
            continue
        explained.add(attribute)
        if behind is not None:
            plan.given.append((parameter, "KEYWORD" if default is not None else "", ["strong", behind]))
            continue
        if default is not None and _same(state[attribute], str(default), style):
            continue
        keyword = kind == "KEYWORD_ONLY" or default is not None
        plan.given.append((parameter, "KEYWORD" if keyword else "", state[attribute]))
    for attribute, value in state.items():
        if attribute in explained or attribute.startswith("__"):
            continue
        first = assigned.get(attribute)
        if (
            first is None
            or (isinstance(first, ast.Constant) and not _is_constant(value, first))
            or _is_filled(value, first)
        ):
            plan.differing[attribute] = value
    if style == "pydantic":
        plan.differing = {}
    return plan


def _attribute_of(parameter: str, state: Mapping[str, Json], assigned: Mapping[str, ast.expr], path: str) -> str | None:
    """The attribute that holds what the parameter was given."""
    owner = path.rpartition(":")[2].rpartition(".")[2].lstrip("_")
    for attribute, value in assigned.items():
        if isinstance(value, ast.Name) and value.id == parameter and attribute in state:
            return attribute
    for attribute in (
        parameter,
        f"_{parameter}",
        f"_{owner}__{parameter}",
        parameter.lstrip("_"),
        parameter.rstrip("_"),
    ):
        if attribute in state:
            return attribute
    for attribute, value in assigned.items():
        names = {node.id for node in ast.walk(value) if isinstance(node, ast.Name)}
        if parameter in names and attribute in state and not isinstance(value, ast.Compare | ast.Lambda):
            return attribute
    return None


KEEPING = (
    "int",
    "str",
    "list",
    "tuple",
    "dict",
    "set",
    "frozenset",
    "float",
    "bool",
    "bytes",
    "Path",
    "Decimal",
    "copy",
)
IDEMPOTENT = ("strip", "rstrip", "lstrip", "lower", "upper", "copy", "resolve", "absolute", "deepcopy")


def _is_kept(parameter: str, node: ast.expr | None) -> bool:
    """Whether giving the attribute's value for the parameter leads to that same attribute again."""
    if node is None or isinstance(node, ast.Name):
        return True
    if isinstance(node, ast.Call):
        label = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        inner = node.args[0] if node.args else node.func.value if isinstance(node.func, ast.Attribute) else None
        return label in (*KEEPING, *IDEMPOTENT) and inner is not None and _is_kept(parameter, inner)
    if isinstance(node, ast.BoolOp):
        return _is_kept(parameter, node.values[0])
    if isinstance(node, ast.IfExp):
        parts = [item for item in (node.body, node.orelse) if _mentions(item, parameter)]
        return bool(parts) and all(_is_kept(parameter, item) for item in parts)
    return False


def _weakly_held(value: Json, assigned: ast.expr | None) -> Json:
    """What was given for a parameter that the constructor keeps a weak reference to; None for all else."""
    weak = isinstance(value, list) and len(value) == 2 and value[0] == "weakref"
    return value[1] if weak and isinstance(value, list) and isinstance(assigned, ast.Call) else None


def _mentions(node: ast.expr, name: str) -> bool:
    return any(isinstance(item, ast.Name) and item.id == name for item in ast.walk(node))


def _same(value: Json, default: str, style: str) -> bool:
    """Whether a recorded value is what the default would have given."""
    if default in ("<factory>", "NOTHING") or "factory" in default:
        return False
    return not isinstance(value, list | dict) and repr(value) == default


def _is_constant(value: Json, node: ast.Constant) -> bool:
    return not isinstance(value, list | dict) and value == node.value and type(value) is type(node.value)


def _is_filled(value: Json, node: ast.expr) -> bool:
    """Whether `__init__` made an empty container where something (that is referred to) stands now."""
    empty = isinstance(node, ast.List | ast.Tuple | ast.Set) and not node.elts
    empty = empty or (isinstance(node, ast.Dict) and not node.keys)
    called = isinstance(node, ast.Call) and not node.args and not node.keywords
    return (empty or called) and isinstance(value, list)


def assignments(builder: "Builder", path: str, found: Mapping[str, Any]) -> dict[str, ast.expr]:
    """What `__init__` assigns to the attributes of `self`, for classes whose source is in the repo."""
    for kind in found.get("mro") or ():
        module, _, name = str(kind).rpartition(".")
        source = source_of(builder, module)
        node = source and _class(source, name)
        for item in node.body if node else ():
            if isinstance(item, ast.FunctionDef) and item.name == "__init__":
                return _assigned(item)
    return {}


def source_of(builder: "Builder", module: str) -> SourceFile | None:
    name = str(builder.names.describe(module).get("file") or "") if module else ""
    file = builder.scene.root / name
    if not name.endswith(".py") or not file.resolve().is_relative_to(builder.scene.root.resolve()):
        return None
    try:
        found = file.stat()
        return _read(file, found.st_mtime_ns) if found.st_size < MAX_SOURCE else None
    except OSError:
        return None


@lru_cache(maxsize=64)
def _read(file: Path, changed: int) -> SourceFile:
    text = file.read_text(encoding="utf-8", errors="replace")
    return SourceFile(str(file), dict(enumerate(text.split("\n"), 1)), True)


def _class(source: SourceFile, name: str) -> ast.ClassDef | None:
    tree = source.tree
    return (
        next((node for node in ast.walk(tree) if isinstance(node, ast.ClassDef) and node.name == name), None)
        if tree
        else None
    )


def _assigned(node: ast.FunctionDef) -> dict[str, ast.expr]:
    found: dict[str, ast.expr] = {}
    receiver = node.args.args[0].arg if node.args.args else ""
    for item in ast.walk(node):
        if not isinstance(item, ast.Assign | ast.AnnAssign) or item.value is None:
            continue
        for target in item.targets if isinstance(item, ast.Assign) else [item.target]:
            if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver:
                found[target.attr] = item.value
    return found
