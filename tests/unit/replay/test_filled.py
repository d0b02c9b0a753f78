"""What an object of the calling program holds where no visible line assigns it; what stands in for what is called."""

import ast
import json
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import objects
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.entries import direct
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

DRIVER = """    def start(self, command):
        self.started.append(self.context.run(command, hide=True))

    def status(self):
        return [repr(one) for one in self.started]


def main():
    deployer = Deployer()
    deployer.start("echo built")
    print(deployer.status())
"""
CLASSES = """class Result:
    def __repr__(self):
        return self.command

    def __getattr__(self, name):
        return self.settings[name]
"""
KNOWN: dict[str, dict[str, Any]] = {
    "runs:Context": {"kind": "class", "parameters": []},
    "runs:Result": {"kind": "class", "parameters": []},
    "runs:Promise": {"kind": "class", "parameters": []},
    "runs:Parser": {
        "kind": "class",
        "parameters": [
            {"name": name, "kind": "POSITIONAL_OR_KEYWORD", "default": None, "annotation": text}
            for name, text in (("received", "Callable[[bytes], None]"), ("later", "Optional[Callable[[], Awaitable]]"))
        ],
    },
}


class Target:
    """An interpreter with a few classes."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        if op == "find":
            return {"paths": [path for path in KNOWN if path.partition(":")[2] == fields["name"]]}
        if op == "heirs":
            return {"paths": ["runs:Promise"]}
        paths = fields.get("paths")
        return {"found": {path: KNOWN.get(path, {"error": "-"}) for path in paths} if isinstance(paths, list) else {}}


def made(
    root: Path, variables: dict[str, Json], line: int = 3, driver: str = DRIVER
) -> tuple[Builder, list[StackFrame]]:
    outside = SourceFile("/srv/driver.py", dict(enumerate(driver.split("\n"), 20)), False)
    frames = [
        StackFrame(at, Kind.SERVICE, name, outside.path, number, outside, view_of(outside, number, name), {})
        for at, (name, number) in enumerate((("main", 30), ("status", 24)))
    ]
    own = SourceFile("runs.py", dict(enumerate(CLASSES.split("\n"), 1)), True)
    view = view_of(own, line, "")
    name = view.node.name if view.node else ""
    frames.append(StackFrame(2, Kind.REPO, name, own.path, line, own, view, variables, "runs", f"Result.{name}"))
    raw = {"event_id": "a", "exception": {"values": [{"type": "AttributeError", "value": "x"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), tuple(frames), ("runs",), root, (".",))
    return Builder(scene, Names(Target(), ("runs",), ()), Mined(root), Choices()), frames


def program(builder: Builder) -> list[str]:
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items]


def test_a_list_holds_what_a_visible_method_puts_in_it(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {"self": "<broken repr>"})
    statement = frames[1].view.statement
    assert isinstance(statement, ast.Return)
    assert statement.value is not None
    assert ast.unparse(builder.expression(frames[1], statement.value)) == "[repr(one) for one in started]"
    assert program(builder) == ["context = Context()", "started = [context.run('echo built', hide=True)]"]


def test_a_method_that_nobody_is_seen_to_call_tells_nothing(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {}, driver=DRIVER.replace('deployer.start("echo built")', "pass"))
    with pytest.raises(Dead):
        builder.expression(frames[1], ast.parse("self.started", mode="eval").body)


def test_an_object_without_a_repr_may_be_of_a_class_below(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {"self": "<broken repr>"})
    objects.receiver(builder, frames[2])
    builder.choices.made = {"2.receiver": 2}
    assert ast.unparse(objects.receiver(builder, frames[2])) == "promise"


def test_what_is_called_back_is_a_mock(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {"self": "<Result>"})
    parser = objects.by_constructor(builder, frames[2], "runs:Parser", KNOWN["runs:Parser"], "x")
    assert ast.unparse(parser) == "Parser(MagicMock(), AsyncMock())"
    assert objects.is_callable("typing.Callable")
    assert not objects.is_callable("CallableGroup")


def test_an_attribute_that_only_copying_asks_for_is_reached_by_a_copy(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {"self": "<runs.Result object at 0x7f02>", "name": "'__setstate__'"}, line=6)
    builder.choices.made = {"2.self": 1, "2.receiver": 1}
    assert direct.build(builder, frames[2]).source().splitlines()[-1].strip() == "return copy.copy(result)"


def test_a_store_that_is_filled_by_key_begins_empty(tmp_path: Path) -> None:
    lines = DRIVER.replace("self.started.append(self.context.run(command, hide=True))", "self.started[command] = 1")
    builder, frames = made(tmp_path, {}, driver=lines)
    assert ast.unparse(builder.expression(frames[1], ast.parse("self.started", mode="eval").body)) == "started"
    assert program(builder) == ["started = {}"]


def test_what_an_outer_function_made_under_the_same_name_was_handed_over(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {}, driver=DRIVER.replace("deployer = Deployer()", "context = [1, 2]"))
    assert ast.unparse(builder.expression(frames[1], ast.parse("self.context[0]", mode="eval").body)) == "context[0]"
    assert program(builder) == ["context = [1, 2]"]


def test_a_connection_to_nowhere_in_particular_may_be_opened(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {}, driver=DRIVER.replace("Deployer()", "[]"))
    opened = builder.expression(frames[0], ast.parse("deployer.connect()", mode="eval").body)
    assert ast.unparse(opened) == "deployer.connect()"
    with pytest.raises(Dead, match="connect"):
        builder.expression(frames[0], ast.parse("deployer.connect('example.org', 25)", mode="eval").body)


def test_a_class_of_the_calling_program_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    builder, frames = made(tmp_path, {})
    assert ast.unparse(builder.global_name(frames[0], "Context")) == "Context"
    builder, frames = made(tmp_path, {})
    frames[0].variables["context"] = "<__main__.Context object at 0x7f3>"  # type: ignore[index]
    with pytest.raises(Dead):
        builder.global_name(frames[0], "Context")
