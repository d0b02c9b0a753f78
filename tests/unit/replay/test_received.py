"""An argument that its caller's lines do not explain is told by the frames that it was handed to."""

import ast
from collections.abc import Mapping
from pathlib import Path

from triage.domain.event import Event, Json
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import received
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

SERVICE = "    def read(self, html):\n        return pages.extract(html, prune=self.prune)"
PAGES = (
    "def extract(text, prune=None):\n    return cut(text, prune)\n\ndef cut(tree, nodes):\n    return nodes[0](tree)"
)


class Nobody:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        return {}


def ways(root: Path, outer: Mapping[str, Json], inner: Mapping[str, Json]) -> list[str]:
    """What `self.prune` may have been, with the values that the two functions of the repo held."""
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    service = SourceFile("/srv/driver.py", dict(enumerate(SERVICE.split("\n"), 20)), False)
    repo = SourceFile("shop/pages.py", dict(enumerate(PAGES.split("\n"), 1)), True)
    frames = (
        StackFrame(
            0, Kind.SERVICE, "read", "/srv/driver.py", 21, service, view_of(service, 21, "read"), {"html": "'<p>'"}
        ),
        StackFrame(1, Kind.REPO, "extract", "shop/pages.py", 2, repo, view_of(repo, 2, "extract"), outer, "shop.pages"),
        StackFrame(2, Kind.REPO, "cut", "shop/pages.py", 5, repo, view_of(repo, 5, "cut"), inner, "shop.pages"),
    )
    scene = Scene(event, frames, ("shop",), root, (".",))
    builder = Builder(scene, Names(Nobody(), ("shop",), ()), Mined(root), Choices())
    node = ast.parse("self.prune", mode="eval").body
    found = sorted(received.ways(builder, frames[0], node, "0.prune"), key=lambda item: item[0])
    return [ast.unparse(way()) for _, way in found]


def test_the_parameter_of_the_function_that_was_called(tmp_path: Path) -> None:
    assert ways(tmp_path, {"prune": "'//p'"}, {})[0] == "'//p'"


def test_a_text_inside_that_nothing_outside_explains(tmp_path: Path) -> None:
    assert ways(tmp_path, {"text": "'<p>'"}, {"nodes": ["//p[@class]"], "tree": "<Element p at 0x7f>"}) == [
        "['//p[@class]']", "'//p[@class]'",
    ]  # fmt: skip


def test_what_the_caller_holds_is_explained(tmp_path: Path) -> None:
    assert ways(tmp_path, {"text": "'<p>'"}, {"tree": "'<p>'"}) == []
