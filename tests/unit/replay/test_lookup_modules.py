"""A name that is only read from is a module of the repo where a module of that name has what is read."""

from pathlib import Path

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay import lookup
from triage.drafting.replay.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mined import Mined
from triage.drafting.replay.names import Names
from triage.drafting.replay.scene import Kind, Scene, StackFrame
from triage.drafting.replay.views import SourceFile, view_of
from triage.sources import parse_event

KNOWN = {"shop.tools.plumbing": "module", "shop.tools.plumbing:init": "function"}


class Interpreter:
    """One that knows a module and a function of it."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        paths = fields.get("paths")
        asked = [str(path) for path in paths] if isinstance(paths, list) else []
        return {"found": {path: {"kind": KNOWN[path]} for path in asked if path in KNOWN}}


def guessed(root: Path, name: str, attribute: str) -> list[str]:
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    source = SourceFile("shop/tools/parse.py", {1: "def parse(x):", 2: "    return x.id"}, True)
    view = view_of(source, 2, "parse")
    frame = StackFrame(0, Kind.REPO, "parse", "shop/tools/parse.py", 2, source, view, {}, "shop.tools.parse")
    scene = Scene(event, (frame,), ("shop",), root, (".",))
    return lookup._submodules(
        Builder(scene, Names(Interpreter(), ("shop",), ()), Mined(root), Choices()), name, attribute
    )


def test_a_module_beside_those_of_the_stack(tmp_path: Path) -> None:
    assert guessed(tmp_path, "plumbing", "init") == ["shop.tools.plumbing"]


def test_not_without_what_is_read_of_it(tmp_path: Path) -> None:
    assert guessed(tmp_path, "plumbing", "commit") == []
    assert guessed(tmp_path, "porcelain", "init") == []
