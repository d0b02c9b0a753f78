"""A coroutine that goes on for ever once nothing is wrong is given a second."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import direct
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.written.naming import called
from triage.sources import parse_event

LOOP = """
async def forever(every):
    while {test}:
        await sleep(every)
        sweep()
        {more}
"""


class NoTarget:
    """An interpreter that knows every name, and nothing about it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "function"} for path in paths}} if isinstance(paths, list) else {}


@pytest.mark.parametrize(
    ("test", "more", "body"),
    [
        (
            "True",
            "tell()",
            "with contextlib.suppress(asyncio.TimeoutError):\n    await asyncio.wait_for(forever(3), 1)",
        ),
        ("True", "return", "await forever(3)"),
        ("running()", "tell()", "await forever(3)"),
    ],
)
def test_only_a_loop_without_an_end_is_cut(tmp_path: Path, test: str, more: str, body: str) -> None:
    source = SourceFile("daemon/app.py", dict(enumerate(LOOP.format(test=test, more=more).split("\n"), 1)), True)
    frame = StackFrame(
        0, Kind.REPO, "forever", source.path, 5, source, view_of(source, 5, ""), {"every": "3"}, "daemon.app", "forever"
    )  # fmt: skip
    raw = {"event_id": "a", "exception": {"values": [{"type": "RuntimeError", "value": "changed size"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("daemon",), tmp_path, (".",))
    made = direct.build(Builder(scene, Names(NoTarget(), ("daemon",), ()), Mined(tmp_path), Choices()), frame)
    assert "\n".join(ast.unparse(item) for item in made.body) == body


def test_the_test_is_named_after_what_it_waits_for() -> None:
    found = called(ast.parse("asyncio.wait_for(forever(3), 1)", mode="eval").body)
    assert found is not None
    assert ast.unparse(found) == "forever(3)"
