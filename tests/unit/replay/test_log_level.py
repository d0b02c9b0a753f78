"""Lines that only run when somebody asked for details: the test asks for them too."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import log_level
from triage.sources import parse_event

GUARDED = """
def parse(line):
    fields = line.split(";")
    if LOG.isEnabledFor(logging.INFO):
        LOG.info("%s", fields[3])
    return fields
"""
BESIDE = """
def parse(line):
    quiet = LOG.getEffectiveLevel() > 10
    fields = line.split(";")
    show(fields[3])
    return fields
"""
PLAIN = """
def parse(line):
    fields = line.split(";")
    LOG.debug("read")
    show(fields[3])
"""


class NoTarget:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "function"} for path in paths}} if isinstance(paths, list) else {}


def build(tmp_path: Path, text: str, choices: Choices) -> list[str]:
    source = SourceFile("feed/app.py", dict(enumerate(text.split("\n"), 1)), True)
    frame = StackFrame(
        0, Kind.REPO, "parse", source.path, 5, source, view_of(source, 5, ""), {"line": "'a;b'"}, "feed.app", "parse"
    )  # fmt: skip
    raw = {"event_id": "a", "exception": {"values": [{"type": "IndexError", "value": "list index out of range"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("feed",), tmp_path, (".",))
    builder = Builder(scene, Names(NoTarget(), ("feed",), ()), Mined(tmp_path), choices)
    log_level.prepare(builder)
    assert builder.fixtures == (["caplog"] if builder.items else [])
    return [ast.unparse(item) for item, _ in builder.items]


@pytest.mark.parametrize(
    ("text", "chosen", "lines"),
    [
        (GUARDED, {}, ["caplog.set_level(logging.INFO)"]),
        (BESIDE, {}, []),
        (BESIDE, {"log level": 1}, ["caplog.set_level(logging.DEBUG)"]),
        (PLAIN, {}, []),
    ],
)
def test_the_level_is_set_where_the_crashed_lines_ask_for_it(
    tmp_path: Path, text: str, chosen: dict[str, int], lines: list[str]
) -> None:
    choices = Choices(chosen)
    assert build(tmp_path, text, choices) == lines
    assert ("log level" in choices.seen) == (text != PLAIN)
