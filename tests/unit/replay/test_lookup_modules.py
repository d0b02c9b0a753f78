"""A name that is only read from is a module of the repo where a module of that name has what is read."""

from pathlib import Path

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import lookup
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

KNOWN = {
    "shop.tools.plumbing": "module", "shop.tools.plumbing:init": "function", "charts.output.svg": "module",
    "charts.output.svg:draw": "function",
}  # fmt: skip


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


def library(root: Path, line: str, name: str, chain: tuple[str, ...]) -> list[str]:
    """What a name of a program may come from whose next frame lies in a library."""
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    service = SourceFile("/srv/driver.py", {1: "def page(data):", 2: f"    return {line}"}, False)
    outside = SourceFile("charts/output/svg.py", {7: "def draw(d):", 8: "    return d.render()"}, False)
    frames = (
        StackFrame(0, Kind.SERVICE, "page", "/srv/driver.py", 2, service, view_of(service, 2, "page"), {"data": "1"}),
        StackFrame(
            1, Kind.LIBRARY, "draw", "charts/output/svg.py", 8, outside, view_of(outside, 8, "draw"), {},
            "charts.output.svg",
        ),
    )  # fmt: skip
    builder = Builder(
        Scene(event, frames, ("shop",), root, (".",)), Names(Interpreter(), ("shop",), ()), Mined(root), Choices()
    )
    return lookup._from_stack(builder, name, chain)


def test_a_module_of_a_library_that_the_next_frame_runs_in(tmp_path: Path) -> None:
    assert library(tmp_path, "svg.draw(data)", "svg", ("draw",)) == ["charts.output.svg"]
    assert library(tmp_path, "draw(data)", "draw", ()) == ["charts.output.svg:draw"]
    assert library(tmp_path, "png.draw(data)", "png", ("draw",)) == []


def test_what_the_repo_imports_of_the_standard_library_comes_from_there(tmp_path: Path) -> None:
    class Told:
        """An interpreter that knows where a class of a module was made."""

        def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
            return {
                "found": {path: {"kind": "class", "module": "_io"} for path in ("shop.svg:BytesIO", "shop.svg:Own")}
            }

    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    builder = Builder(
        Scene(event, (), ("shop",), tmp_path, (".",)), Names(Told(), ("shop",), ()), Mined(tmp_path), Choices()
    )
    assert lookup._at_home(builder, "shop.svg:BytesIO", "BytesIO") == "io:BytesIO"
    assert lookup._at_home(builder, "shop.svg:Own", "Own") == "shop.svg:Own"
    assert lookup._at_home(builder, "shop.svg", "BytesIO") == "shop.svg"
