"""What the hook writes of a value is written down as code that gives the same value again."""

import importlib.util
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings

from tests.unit.capture.hook_ground import crashing, given_of
from tests.unit.capture.test_capture_hook import _has_secret, plain
from triage.domain.capture import Capture
from triage.domain.event import Event, Json
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.captured import values as captured_values
from triage.drafting.replay.captured.frames import Typed, shared_objects, usable
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.searching.server import ReplayServer
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionView, SourceFile

ZOO = Path(__file__).parent / "zoo"
MOST_TRIES = 12
# What comes back as something that only behaves alike, or not at all.
OTHERWISE = {
    "streams[3]": "a buffered reader over memory becomes the memory",
    "iterators[11]": "an itertools.chain keeps its parts to itself",
    "iterators[13]": "so does an itertools.cycle",
    "local_class": "a class of a function's own becomes a namespace",
    "generics[0]": "the arguments of a generic class are not given to it",
    "patterns[4]": "a match is found by a search from the start",
    "generators": "its rest becomes a generator over a tuple",
    "views[3]": "views of an OrderedDict become views of a dict",
}


def load() -> ModuleType:
    if "zoo" not in sys.modules:
        spec = importlib.util.spec_from_file_location("zoo", ZOO / "zoo.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules["zoo"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["zoo"])
    return sys.modules["zoo"]


def kinds() -> Iterator[tuple[str, Any]]:
    for name, make in load().VALUES.items():
        whole = make()
        if type(whole) is list and name not in ("shared", "circles", "deep"):
            yield from ((f"{name}[{at}]", item) for at, item in enumerate(whole))
        else:
            yield name, whole


KINDS = dict(kinds())


@pytest.fixture(scope="module")
def names() -> Iterator[Names]:
    """Introspection by a real server in the zoo."""
    environment = {"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0"}
    server = ReplayServer(Path(sys.executable), ZOO, (".",), lambda argv, at: (list(argv), environment))
    server.ask("import", modules=["zoo"])
    yield Names(server, ("zoo",), ("zoo",))
    server.close()


def sources(names: Names, capture: Capture, wire: Json) -> Iterator[str]:
    """The programs that give the value, in the order in which they would be tried."""
    tries: list[dict[str, int]] = [{}]
    typed = Typed.of(capture, wire, shared_objects(capture, [wire]))
    view = FunctionView(None, (), frozenset(), None)
    frame = StackFrame(
        0, Kind.REPO, "use", "zoo.py", 1, SourceFile("zoo.py", {}, True), view, {"value": typed}, module="zoo"
    )
    scene = Scene(Event("1", "t", datetime(2024, 1, 1, tzinfo=UTC)), (frame,), ("zoo",), ZOO, (".",))
    for _ in range(MOST_TRIES):
        if not tries:
            return
        choices = Choices(tries.pop(0))
        builder = Builder(scene, names, Mined(ZOO, (".",)), choices)
        try:
            call = captured_values.build(builder, frame, "value", typed, "0.value")
            yield builder.finish(call, "zoo.use", "called").source()
        except Dead:
            pass
        tries += list(choices.successors())


def told(value: object) -> tuple[Capture, Json, Json]:
    """What the hook writes: the capture, the value, and both as one value without places in files."""
    capture, written = given_of(crashing(value=value))
    return capture, written["value"], [_placeless(written["value"]), [_placeless(item) for item in capture.objects]]


def _placeless(node: Json) -> Json:
    if isinstance(node, dict):
        return {key: _placeless(item) for key, item in node.items()}
    if not isinstance(node, list):
        return node
    if node and (node[0] == "iterator" or node[:2] == ["made", "builtins:iter"]):
        return ["an iterator"]
    if node and node[0] in ("function", "generator"):
        return [node[0], "<" if "<" in str(node[1]) else node[1], *(_placeless(item) for item in node[4:])]
    return [_placeless(item) for item in node]


def revived(names: Names, value: object) -> str:
    """ "" when one of the programs gives the value again; else what the first of them gave."""
    capture, wire, wanted = told(value)
    assert usable(capture, wire), capture.node(wire)
    first = ""
    for source in sources(names, capture, wire):
        load().Effects.made = 0
        scope: dict[str, Any] = {}
        try:
            exec(compile(source, "test", "exec"), scope)
            found = told(scope["test_candidate"]())[2]
        except Exception as error:
            first = first or f"{error!r} of\n{source}"
            continue
        if found == wanted:
            return ""
        first = first or f"{found}\n{wanted}\n{source}"
    return first or "cannot be written down"


@pytest.mark.parametrize("name", [name for name in KINDS if name not in OTHERWISE])
def test_a_value_of_every_kind_comes_back(names: Names, name: str) -> None:
    if name == "weak":  # its target lives as long as the test
        [source] = list(sources(names, *told(KINDS[name])[:2]))[:1]
        assert "weakref" not in source
        return
    assert revived(names, KINDS[name]) == ""


@settings(max_examples=40, deadline=None)
@given(plain)
def test_any_plain_value_is_written_down_as_itself(value: object) -> None:
    if _has_secret(value):
        return
    capture, wire, _ = told(value)
    [source, *_] = sources(NAMES, capture, wire)
    scope: dict[str, Any] = {}
    exec(compile(source, "test", "exec"), scope)
    assert scope["test_candidate"]() == value


class Standard:
    """Introspection that knows the standard library only."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        paths = fields.get("paths")
        return {"found": {path: {"kind": "class"} for path in paths}} if isinstance(paths, list) else {"paths": []}


NAMES = Names(Standard(), ("zoo",), ("zoo",))
