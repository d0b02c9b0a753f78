"""Entry: an error while a module of the repo is imported."""

import ast
from collections.abc import Iterable
from functools import partial

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.entries import Site
from triage.drafting.replay.stack.scene import Scene, StackFrame


def sites(scene: Scene) -> Iterable[Site]:
    """Module frames of the repo, outermost first; first of all when the crash lies in one."""
    frames = [frame for frame in scene.repo_frames if frame.name == "<module>" and frame.module]
    crashed = bool(frames) and scene.repo_frames[-1] is frames[-1]
    for rank, frame in enumerate(frames[:4]):
        yield Site(f"import {frame.index}", (0.3 if crashed else 3.0) + rank, partial(build, frame=frame))


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """`importlib.import_module("package.module")`."""
    call = ast.Call(builder.name("importlib:import_module"), [ast.Constant(frame.module)], [])
    return builder.finish(call, frame.module, "by importing it")
