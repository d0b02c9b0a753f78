"""What FastAPI hands in, overridden with something that answers as it did in production."""

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.recordings import handed_on, recordings
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_APP = r"\b(?:fastapi\.)?FastAPI\("
MARKS = ("Depends", "Security")


def dependencies(frame: StackFrame) -> Iterator[tuple[str, ast.expr]]:
    """(parameter, dependency) of a path operation: `service: Service = Depends(get_service)`, the same in
    `Annotated[...]`, and an alias for that."""
    node = frame.view.node
    if node is None:
        return
    plain = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(plain) - len(node.args.defaults)) + list(node.args.defaults)
    pairs = [*zip(plain, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    for item, default in pairs:
        for part in (default, *_annotated(frame, item.annotation)):
            if isinstance(part, ast.Call) and ast.unparse(part.func).rpartition(".")[2] in MARKS and part.args:
                yield item.arg, part.args[0]
                break


def _annotated(frame: StackFrame, annotation: ast.expr | None) -> list[ast.expr]:
    if isinstance(annotation, ast.Name):
        tree = frame.source.tree
        for statement in tree.body if tree is not None else ():
            if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == annotation.id:
                annotation = statement.value
                break
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Annotated"):
        return list(annotation.slice.elts) if isinstance(annotation.slice, ast.Tuple) else []
    return []


def answering(builder: "Builder") -> list[tuple[StackFrame, str, ast.expr]]:
    """(frame, parameter, dependency) of what was handed in and whose answers the stack still holds; objects of the
    repo's own classes answer by their class."""
    from triage.drafting.replay.entries.recorded import is_opaque, own_class

    return [
        (frame, name, node)
        for frame in builder.scene.repo_frames
        for name, node in dependencies(frame)
        if is_opaque(frame, name)
        and own_class(builder, frame, name) is None
        and any(item.root == name for item in (*recordings(frame), *handed_on(builder.scene, frame)))
    ]


def lay(builder: "Builder") -> int:
    """Override them in the app that is a module's global. How many."""
    from triage.drafting.replay.entries.recorded import stand_in

    places = [place for place, factory in builder.mined.makers(_APP) if factory is None and builder.names.exists(place)]
    laid = 0
    for frame, name, node in answering(builder) if places else ():
        mock = stand_in(builder, frame, name)
        if mock is None:
            continue
        given = ast.Lambda(ast.arguments([], [], None, [], [], None, []), mock)
        words = [ast.Attribute(builder.name(places[0]), "dependency_overrides"), builder.expression(frame, node), given]
        setting = ast.Attribute(builder.fixture("monkeypatch"), "setitem")
        builder.add(ast.Expr(ast.Call(setting, words, [])))
        laid += 1
    return laid
