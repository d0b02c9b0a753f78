"""A captured address of a plain HTTP server may be served by the test itself."""

import ast
import threading
import urllib.request
from http.server import HTTPServer
from pathlib import Path

import pytest

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building import values
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import peers
from triage.sources import parse_event


class Nobody:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        return {}


def built(root: Path, name: str, variables: dict[str, str], made: dict[str, int]) -> str:
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    source = SourceFile("/srv/driver.py", {7: "    fetch(url)"}, False)
    frame = StackFrame(0, Kind.SERVICE, "ask", "/srv/driver.py", 7, source, view_of(source, 7, "ask"), dict(variables))
    builder = Builder(
        Scene(event, (frame,), ("shop",), root, (".",)), Names(Nobody(), (), ()), Mined(root), Choices(made)
    )
    done = values.build(builder, frame, name, variables[name], f"0.{name}")
    lines = [*builder.imports.values(), *(ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items)]
    return "\n".join([*lines, f"result = {ast.unparse(ast.fix_missing_locations(done))}"])


def test_the_server_answers_with_what_was_captured(tmp_path: Path) -> None:
    captured = {"url": "'http://127.0.0.1:41235/a?x=1'", "status": "404", "content": "'nothing here'"}
    text = built(tmp_path, "url", captured, {"the server": 1, "the server's answer": 1})
    names: dict[str, object] = {}
    exec(text, names)
    server = names["server"]
    assert isinstance(server, HTTPServer)
    try:
        assert str(names["result"]).endswith("/a?x=1")
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(str(names["result"]), timeout=5)
        assert caught.value.code == 404
        assert caught.value.read() == b"nothing here"
    finally:
        server.shutdown()
        server.server_close()
        assert threading.active_count() >= 1


def test_the_address_stays_as_it_was_at_first(tmp_path: Path) -> None:
    assert built(tmp_path, "url", {"url": "'http://127.0.0.1:9/'"}, {}) == "result = 'http://127.0.0.1:9/'"


def test_a_port_on_this_machine(tmp_path: Path) -> None:
    text = built(tmp_path, "port", {"host": "'127.0.0.1'", "port": "41235"}, {"the server": 1})
    assert text.endswith("result = server.server_port")


@pytest.mark.parametrize("text", ["https://example.org/", "http://", "ftp://a/b", "http://a b/", "http://a/{x}'\\"])
def test_what_is_no_plain_http_address(text: str) -> None:
    assert not peers.is_address(text)
