"""A socket that brings what the stack had received from it."""

import ast
import json
from pathlib import Path
from typing import Any

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

READS = """
def headers(sock):
    line = take_line(sock)
    line = line.strip()
    return int(line.split()[1])
"""
SOCKET = "<socket.socket [closed] fd=-1, family=2, type=1, proto=6>"


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {"found": {}}


def test_the_other_end_has_sent_the_line_that_was_received(tmp_path: Path) -> None:
    source = SourceFile("link/app.py", dict(enumerate(READS.split("\n"), 1)), True)
    variables = {"sock": SOCKET, "line": "'HTTP/1.1'"}
    frame = StackFrame(
        0, Kind.REPO, "headers", source.path, 5, source, view_of(source, 5, ""), variables, "link.app", "headers"
    )
    raw = {"event_id": "a", "exception": {"values": [{"type": "IndexError", "value": "list index out of range"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("link",), tmp_path, (".",))
    made = Builder(scene, Names(NoTarget(), ("link",), ()), Mined(tmp_path), Choices())
    assert ast.unparse(values.build(made, frame, "sock", SOCKET, "0.sock")) == "sock"
    assert [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items] == [
        "sock, peer = socket.socketpair()",
        r"peer.sendall(b'HTTP/1.1\r\n\r\n')",
        "peer.close()",
    ]
