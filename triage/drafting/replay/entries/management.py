"""Entry: a Django management command, called with the words of its command line."""

import ast
from collections.abc import Iterable

from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Candidate, Dead
from triage.drafting.replay.entries import Site, command
from triage.drafting.replay.stack.scene import Scene, StackFrame
from triage.drafting.replay.world import django_world


def sites(scene: Scene) -> Iterable[Site]:
    """With a `management/commands` module in the stack; the words come from `sys.argv`, else none."""
    frame = next((item for item in scene.repo_frames if "/management/commands/" in f"/{item.path}"), None)
    if frame is not None:
        yield Site("management command", 0.2, lambda builder: build(builder, frame))


def build(builder: Builder, frame: StackFrame) -> Candidate:
    """`call_command("name", "--option", "value")` with the rows that the stack holds."""
    if not django_world.settings_of(builder):
        raise Dead("Django's settings are not found")
    name = frame.module.rpartition(".")[2]
    words = command.command_line(builder.scene)
    given = words[words.index(name) + 1 :] if name in words else []
    django_world.fill(builder)
    arguments = [ast.Constant(word) for word in (name, *given)]
    call = ast.Call(builder.name("django.core.management:call_command"), [*arguments], [])
    return builder.finish(call, f"{frame.module}.{frame.qualname}", "as a management command")
