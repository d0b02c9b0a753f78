"""The streams of an asyncio connection, made from what the stack still holds of what it read."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

SERVE = """
async def serve(reader, writer):
    head = await reader.readline()
    return await reader.readexactly(int(head))
"""
READER = "<StreamReader eof transport=<_SelectorSocketTransport closed fd=8>>"


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {"found": {}}


def frame(index: int, kind: Kind, text: str, line: int, path: str, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile(path, dict(enumerate(text.split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else "readexactly"
    return StackFrame(index, kind, name, path, line, source, view, variables, "link.app", name)


def test_the_reader_brings_what_was_read_and_the_part_that_came(tmp_path: Path) -> None:
    outer = frame(0, Kind.REPO, SERVE, 4, "link/app.py", {"reader": READER, "head": r"b'31\n'"})
    inner = frame(1, Kind.LIBRARY, "", 1, "asyncio/streams.py", {"n": "31", "incomplete": "b'm=7;t'"})
    raw = {"event_id": "a", "exception": {"values": [{"type": "IncompleteReadError", "value": "6 bytes read"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (outer, inner), ("link",), tmp_path, (".",))
    made = Builder(scene, Names(NoTarget(), ("link",), ()), Mined(tmp_path), Choices())
    writer = f"<StreamWriter transport=<_SelectorSocketTransport closed fd=8> reader={READER}>"
    for name, text in (("reader", READER), ("writer", writer)):
        assert ast.unparse(values.build(made, outer, name, text, f"0.{name}")) == name
    assert [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items] == [
        "reader = asyncio.StreamReader()",
        r"reader.feed_data(b'31\nm=7;t')",
        "reader.feed_eof()",
        "writer = MagicMock(spec=asyncio.StreamWriter)",
    ]
