"""Entry: a task of a queue (Celery, Huey, Dramatiq, RQ, arq), called in the test's own process."""

import ast
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, direct
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

MARKS = {"task", "shared_task", "periodic_task", "db_task", "db_periodic_task", "actor", "job", "cron"}

# Huey's tasks only enqueue when they are called; this runs them.
HERE = "call_local"


def sites(scene: Scene) -> Iterable[Site]:
    """Functions of the stack that a queue's decorator marks, outermost first."""
    for frame in scene.repo_frames:
        node = frame.view.node
        if frame.kind is Kind.REPO and node is not None and not frame.view.nested and not frame.view.classes:
            marks = {_name(item): item for item in node.decorator_list}
            if marks.keys() & MARKS:
                yield Site(f"task {frame.index}", 0.3, partial(build, frame=frame, bound=_is_bound(frame, marks)))


def _name(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _is_bound(frame: StackFrame, marks: dict[str, ast.expr]) -> bool:
    """Whether the queue hands the task itself in as first argument."""
    for node in marks.values():
        for item in node.keywords if isinstance(node, ast.Call) else ():
            if item.arg == "bind" and isinstance(item.value, ast.Constant) and item.value.value is True:
                return True
    return list(frame.view.parameters[:1]) == ["self"]


def build(builder: Builder, frame: StackFrame, bound: bool) -> Candidate:
    """`task(...)` with its captured arguments: what a worker does, without the queue."""
    node = frame.view.node
    assert node is not None
    path = f"{frame.module}:{node.name}"
    if not builder.names.exists(path):
        raise Dead(f"{path} cannot be imported")
    positional, keywords = direct.arguments(builder, frame, node, skip=1 if bound else 0)
    function = builder.name(path)
    if builder.names.exists(f"{path}.{HERE}"):
        function = ast.Attribute(function, HERE)
    call = ast.Call(function, positional, keywords)
    done = direct.consumed(builder, frame, node, set(), call)
    return builder.finish(done, f"{frame.module}.{frame.qualname}", "as a task, without its queue")
