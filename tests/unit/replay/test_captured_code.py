"""Recorded values as the code that a maintainer would write; malformed ones lead nowhere, quietly."""

import ast
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.sources.test_captured_parsing import anything, nodes
from triage.domain.capture import Capture
from triage.domain.event import Event, Json
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.captured import values as captured_values
from triage.drafting.replay.captured.frames import Typed, shared_objects
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import FunctionView, SourceFile

SOURCE = """
class Cart:
    def __init__(self, owner, limit=10):
        self.owner = owner
        self._limit = int(limit)
        self.rows = []
        self.closed = False


class Node:
    def __init__(self, name, parent=None):
        self.name, self.parent = name, parent
        self.children = []
"""
PARAMETERS = {
    "Cart": [("owner", None), ("limit", "10")],
    "Node": [("name", None), ("parent", "None")],
    "Line": [("sku", None), ("amount", "1")],
    "Odd": [("secret_source", None)],
}


class Answers:
    """The target's interpreter, with four classes in `shop`."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        if op == "describe":
            [path] = fields["paths"]  # type: ignore[misc]
            return {"found": {path: self.describe(path)}}
        return {"paths": [], "names": []}

    def describe(self, path: str) -> dict[str, Any]:
        module, _, name = path.partition(":")
        if path == "shop":
            return {"kind": "module", "name": "shop", "file": "shop.py"}
        if module == "shop" and name in PARAMETERS:
            items = [
                {"name": item, "kind": "POSITIONAL_OR_KEYWORD", "default": default, "annotation": ""}
                for item, default in PARAMETERS[name]
            ]
            return {"kind": "class", "parameters": items, "mro": [f"shop.{name}"], "abstract": False, "fields": []}
        if module == "builtins":
            return {"kind": "class"}
        if path == "shop:wipe":
            return {"kind": "function", "parameters": []}
        if module == "shop" and name == "Grade":
            return {"kind": "class", "style": "enum"}
        return {"error": "no such thing"}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.py").write_text(SOURCE)
    return folder


def written(
    root: Path, value: Json, *objects: Json, made: "dict[str, int] | None" = None, changed: bool = False
) -> str:
    """The statements for a value that `total(x)` was called with, and the call."""
    capture = Capture(objects=tuple(objects))
    view = FunctionView(None, (), frozenset(), None)
    source = SourceFile("shop.py", {}, True)
    wire = Typed.of(capture, value, shared_objects(capture, [value]), changed=changed)
    frame = StackFrame(0, Kind.REPO, "total", "shop.py", 1, source, view, {"x": wire}, module="shop")
    scene = Scene(Event("1", "t", datetime(2024, 1, 1, tzinfo=UTC)), (frame,), ("shop",), root, (".",))
    builder = Builder(scene, Names(Answers(), ("shop",), ("shop",)), Mined(root, (".",)), Choices(made or {}))
    call = ast.Call(ast.Name("total"), [captured_values.build(builder, frame, "x", wire, "0.x")], [])
    candidate = builder.finish(call, "shop.total", "called")
    return "\n".join(ast.unparse(item) for item in candidate.body)


@pytest.mark.parametrize(
    ("value", "objects", "code"),
    [
        (["datetime", [2024, 5, 6, 0, 0, 0, 0], ["timezone", 7200, 0], 0], [],
         "total(datetime(2024, 5, 6, tzinfo=timezone(timedelta(hours=2))))"),
        (["timedelta", [1, 0, 5]], [], "total(timedelta(days=1, microseconds=5))"),
        (["text of", "Decimal", "1.50"], [], "total(Decimal('1.50'))"),
        ([0], [["dict", [[[1], ["float", "nan"]]]], ["tuple", [1, "a"]]], "total({(1, 'a'): float('nan')})"),
        ([0], [["set", []]], "total(set())"),
        ([0], [["defaultdict", [["a", [1]]], ["class", "builtins:list"]], ["list", []]],
         "total(defaultdict(list, {'a': []}))"),
        (["bytes", "AP8=", 64], [], "total(b'\\x00\\xff')"),
        (["range", 0, 5, 1], [], "total(range(5))"),
        (["pattern", "a+", 34], [], "total(re.compile('a+', re.IGNORECASE))"),
        (["enum", "shop:Grade", "NEW"], [], "total(Grade.NEW)"),
        ([0], [["object", "shop:Line", "dataclass", {"sku": "A", "amount": 1}]], "total(Line('A'))"),
        ([0], [["object", "shop:Cart", "", {"owner": "ana", "_limit": 7, "rows": [1], "closed": False}], ["list", []]],
         "total(Cart('ana', limit=7))"),
        ([0], [["stream", "BytesIO", ["bytes", "abc"], 2]], "total(io.BytesIO(b'abc'))"),
    ],
    ids=lambda item: str(item)[:30],
)  # fmt: skip
def test_values_become_what_a_maintainer_would_write(root: Path, value: Json, objects: list[Json], code: str) -> None:
    assert written(root, value, *objects) == code


CART: Json = ["object", "shop:Cart", "", {"owner": "ana", "_limit": 10, "rows": [1], "closed": True}]


def test_state_that_the_constructor_does_not_give_is_the_second_thing_to_try(root: Path) -> None:
    objects: list[Json] = [CART, ["list", [1]]]
    assert written(root, [0], *objects) == "total(Cart('ana'))"
    patched = written(root, [0], *objects, made={"0.x:state": 1})
    assert patched.splitlines() == ["x = Cart('ana')", "x.rows = [1]", "x.closed = True", "total(x)"]


def test_what_no_constructor_explains_is_made_bare_as_a_last_resort(root: Path) -> None:
    odd: Json = ["object", "shop:Odd", "", {"left": 1}]
    bare = written(root, [0], odd, made={"0.x:state": 2})
    assert bare.splitlines() == ["x = Odd.__new__(Odd)", "x.left = 1", "total(x)"]


def test_objects_that_are_shared_are_made_once_and_circles_are_closed(root: Path) -> None:
    shared = written(root, [0], ["tuple", [[1], [1]]], ["list", [7]])
    assert shared.splitlines() == ["x_item = [7]", "total((x_item, x_item))"]
    loop = written(root, [0], ["list", [1, [0]]])
    assert loop.splitlines() == ["x = [1]", "x.append(x)", "total(x)"]


def test_a_container_that_was_changed_in_place_may_have_been_empty(root: Path) -> None:
    assert written(root, [0], ["list", [7]], changed=True) == "total([7])"
    assert written(root, [0], ["list", [7]], changed=True, made={"0.x:before": 1}) == "total([])"
    assert written(root, [0], ["deque", [7], 3], changed=True, made={"0.x:before": 1}) == "total(deque([], maxlen=3))"
    assert written(root, [0], ["list", [7]], made={"0.x:before": 1}) == "total([7])"


def test_a_tree_that_knows_its_parents_is_built_from_the_root(root: Path) -> None:
    leaf: Json = ["object", "shop:Node", "", {"name": "leaf", "parent": [1], "children": [2]}]
    top: Json = ["object", "shop:Node", "", {"name": "top", "parent": None, "children": [3]}]
    code = written(root, [0], leaf, top, ["list", []], ["list", [[0]]])
    assert code.splitlines() == ["x = Node('leaf', parent=Node('top'))", "total(x)"]


@pytest.mark.parametrize(
    "value",
    [
        ["function", "os:system", "", 0], ["class", "subprocess:Popen"], ["module", "ctypes"],
        ["object", "os:_wrap_close", "", {}], ["enum", "shop:Grade", "x.__class__"], ["enum", "shop:Grade", "a b"],
        ["text of", "__import__('os')", "x"], ["method", 1, "x:y.a b"], ["name", "shop:evil"],
        ["error", "shop:wipe", ["a"]], ["enum of", "shop:wipe", 1], ["sub", "shop:wipe", "/", {}],
        ["namedtuple", "shop:wipe", ["a"], ["tuple", [1]]], ["object", "shop:wipe", "", {}],
        ["enum", "shop:Grade", "__subclasses__"], ["method", "x", "builtins:str.__class__"], ["method", 1, "os:popen"],
        ["made", "os:system", ["id"]], ["made", "numpy:memmap", ["x"]], ["made", "operator:methodcaller", ["unlink"]],
        ["made", "operator:attrgetter", ["a.__class__"]], ["generator", "shop:wipe", "", 1, {}, False],
        ["generator", "os:walk", "", 1, {"top": "/"}, False], ["runtime", "os:x"], ["queue", "shop:wipe", 0, []],
        ["function", "shop:<lambda>", "/etc/passwd", 1, {}, []], ["hint", None, ["class", "subprocess:Popen"], [1]],
        ["no", "a generator", "g"], ["cut", "builtins:list"], ["function", "shop:f.<locals>.g", "", 1],
    ],
    ids=str,
)  # fmt: skip
def test_what_must_not_or_cannot_be_made_is_refused(root: Path, value: Json) -> None:
    with pytest.raises(Dead):
        written(root, value)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nodes | anything, st.lists(nodes, max_size=8))
def test_malformed_values_are_written_or_refused_never_more(root: Path, value: Json, objects: list[Json]) -> None:
    try:
        ast.parse(written(root, value, *objects))
    except Dead:
        pass
