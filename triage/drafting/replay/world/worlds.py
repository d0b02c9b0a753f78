"""The world a candidate runs in: the clock of the event, streams that are pipes, the environment."""

import ast
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.building.opaque import content_options
from triage.drafting.replay.world import clock, django_world, elsewhere, files, log_level, own_database, surroundings

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_STREAMS = re.compile(r"seek|fileno|isatty|pseudofile|stdin|stdout|BrokenPipe|not readable|not writable")


def prepare(builder: "Builder") -> None:
    """Put questions about the world to the search, but only those that this crash can depend on."""
    django_world.prepare(builder)
    _streams(builder)
    _standard_input(builder)
    clock.prepare(builder)
    surroundings.prepare(builder)
    log_level.prepare(builder)
    own_database.prepare(builder)
    files.lay_relative(builder)
    elsewhere.prepare(builder)


def _streams(builder: "Builder") -> None:
    crash = builder.scene.event.crash
    if crash is None or not (crash.type in ("UnsupportedOperation", "BrokenPipeError") or _STREAMS.search(crash.value)):
        return
    if crash.type not in ("UnsupportedOperation", "OSError", "ValueError", "BrokenPipeError"):
        return
    if builder.choices.pick("streams", [(0.6, "as pytest has them"), (0.0, "pipes")]) == "pipes":
        system, monkeypatch = builder.import_module("sys"), builder.fixture("monkeypatch")
        pipe = ast.Subscript(
            ast.Call(ast.Attribute(builder.import_module("os"), "pipe"), [], []), ast.Constant(1), ast.Load()
        )
        stream = ast.Call(ast.Name("open"), [pipe, ast.Constant("w")], [])
        builder.add(
            ast.Expr(ast.Call(ast.Attribute(monkeypatch, "setattr"), [system, ast.Constant("stdout"), stream], []))
        )
        builder.notes.append("standard output is a pipe, as in production")


def _standard_input(builder: "Builder") -> None:
    """What the code on the path read from standard input, when some frame still holds it."""
    reader = next(
        (frame for frame in builder.scene.repo_frames if "sys.stdin" in frame.text),
        None,
    )
    if reader is None:
        return
    held = [item for item in content_options(builder, reader, str) if item[1] is not None]
    options: list[tuple[float, ast.expr | None]] = [(0.5, None), *held]
    content = builder.choices.pick("standard input", options)
    if content is not None:
        stream = ast.Call(builder.name("io:StringIO"), [content], [])
        setting = ast.Attribute(builder.fixture("monkeypatch"), "setattr")
        builder.add(ast.Expr(ast.Call(setting, [builder.import_module("sys"), ast.Constant("stdin"), stream], [])))
