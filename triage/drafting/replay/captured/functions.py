"""Functions that a program made on the way (lambdas, nested ones, generators), from their source and what they held."""

import ast
import copy
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.building.rebind import Given, Rebind
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import FunctionView, SourceFile

if TYPE_CHECKING:
    from triage.drafting.replay.captured.values import Maker

Parts = list[Json]
LOCAL = "<locals>"


def function(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A function: by its name where it has one, else written down again."""
    path = str(parts[0])
    if "<" not in path:
        return maker.named_thing(path)
    node = _node(maker, path, str(parts[1]) if len(parts) > 1 else "", parts[2] if len(parts) > 2 else 0)
    held = parts[3] if len(parts) > 3 and isinstance(parts[3], dict) else {}
    return _rewritten(maker, node, held, name)


def generator(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A generator: its function called with what it was given; a generator expression over what was left."""
    path, held = str(parts[0]), parts[3] if len(parts) > 3 and isinstance(parts[3], dict) else {}
    label = path.rpartition(":")[2].rpartition(".")[2]
    if label == "<genexpr>":
        return _rewritten(maker, _node(maker, path, str(parts[1]), parts[2]), held, name)
    if "<" in path:
        raise Dead(f"{name} is a generator of a function that lives inside another")
    if maker.builder.names.describe(maker.path(path)).get("kind") != "generator":
        raise Dead(f"{label} makes no generators")
    given = {key: item for key, item in held.items() if key.isidentifier()}
    owner = path.rpartition(":")[2].rpartition(".")[0]
    keywords = [ast.keyword(key, maker.value(item, key)) for key, item in given.items() if key not in ("self", "cls")]
    if owner and "self" in given:
        return ast.Call(ast.Attribute(maker.value(given["self"], "owner"), label), [], keywords)
    return ast.Call(maker.named_thing(path), [], keywords)


def _node(
    maker: "Maker", path: str, file: str, line: Json
) -> "tuple[StackFrame, ast.Lambda | ast.FunctionDef | ast.GeneratorExp]":
    """The source of a function by its first line, and a frame of its file."""
    from triage.drafting.replay.captured.objects import source_of

    module, _, chain = path.partition(":")
    label = chain.rpartition(".")[2]
    frame = next((item for item in maker.builder.scene.frames if item.path == file and item.kind is Kind.SERVICE), None)
    if frame is None:
        source: SourceFile | None = source_of(maker.builder, module)
        frames = [item for item in maker.builder.scene.frames if item.module == module and item.kind is Kind.REPO]
        view = FunctionView(None, (), frozenset(), None)
        if source is not None:
            frame = frames[0] if frames else StackFrame(
                len(maker.builder.scene.frames), Kind.REPO, "<module>", source.path, 1, source, view, {}, module=module
            )  # fmt: skip
    else:
        source = frame.source
    tree = source.tree if source is not None else None
    kinds = {"<lambda>": ast.Lambda, "<genexpr>": ast.GeneratorExp}
    wanted = kinds.get(label, ast.FunctionDef)
    found = [
        node
        for node in (ast.walk(tree) if tree is not None else ())
        if isinstance(node, wanted) and _starts(node) == line and getattr(node, "name", label) == label
    ]
    if frame is None or len(found) != 1 or not isinstance(found[0], ast.Lambda | ast.FunctionDef | ast.GeneratorExp):
        raise Dead(f"the source of {chain} is not known")
    return frame, found[0]


def _starts(node: ast.AST) -> int:
    marks: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([int(getattr(node, "lineno", 0)), *(item.lineno for item in marks)])


class _Held(ast.NodeTransformer):
    """Puts in for names what the function held of its surroundings."""

    def __init__(self, given: dict[str, ast.expr]) -> None:
        self.given = given

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return Given(self.given[node.id]) if isinstance(node.ctx, ast.Load) and node.id in self.given else node


def _rewritten(
    maker: "Maker",
    known: "tuple[StackFrame, ast.Lambda | ast.FunctionDef | ast.GeneratorExp]",
    held: dict[str, Json],
    name: str,
) -> ast.expr:
    builder, (frame, node) = maker.builder, known
    given: dict[str, ast.expr] = {}
    for label, item in held.items():
        value = maker.value(item, label if label.isidentifier() else "rows")
        simple = isinstance(value, ast.Constant | ast.Name) or not label.isidentifier()
        given[label] = value if simple else builder.assign(label, value, keep=True)
    written = copy.deepcopy(node)
    if isinstance(written, ast.GeneratorExp):
        if ".0" not in given:
            raise Dead(f"what {name} was going over is not known")
        written.generators[0].iter = ast.Tuple([], ast.Load())
    rebind = Rebind(builder, frame, "module")
    if isinstance(written, ast.FunctionDef):
        written.body = [_Held(given).visit(item) for item in written.body]
        label = builder.fresh(written.name)
        made = rebind.visit(written)
        made.name = label
        builder.add(made)
        return ast.Name(label)
    done: ast.expr = rebind.visit(_Held(given).visit(written))
    if isinstance(done, ast.GeneratorExp):
        done.generators[0].iter = given[".0"]
    return done
