"""Callbacks and classes of the calling program that no line shows: stand-ins from what the frames tell."""

import ast
from dataclasses import replace
from pathlib import Path

import pytest

from triage.domain.event import Event, Json
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building import made_up
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices, Dead
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

TEXT = """class Schema:
    def load(self, data):
        return self.fields[data]
"""


class Interpreter:
    """One that knows every class it is asked for."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        if op == "find":
            return {"paths": ["shop.schema:Schema"] if fields["name"] == "Schema" else []}
        paths = fields.get("paths")
        return {"found": {str(path): {"kind": "class"} for path in paths} if isinstance(paths, list) else {}}


def builder_for(root: Path, variables: dict[str, Json]) -> Builder:
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    source = SourceFile("shop/schema.py", dict(enumerate(TEXT.split("\n"), 1)), True)
    view = view_of(source, 3, "load")
    repo = StackFrame(1, Kind.REPO, "load", "shop/schema.py", 3, source, view, variables, "shop.schema")
    seen = SourceFile("/srv/driver.py", {9: "    return plan.add(run_once, every=3)"}, False)
    service = StackFrame(0, Kind.SERVICE, "plan", "/srv/driver.py", 9, seen, view_of(seen, 9, "plan"), {})
    scene = Scene(event, (service, repo), ("shop",), root, (".",))
    return Builder(scene, Names(Interpreter(), (), ()), Mined(root), Choices())


def program(builder: Builder) -> str:
    return "\n".join(ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items)


def test_a_callback_that_only_has_to_be_there(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {})
    assert ast.unparse(made_up.function(builder, "run_once")) == "run_once"
    assert program(builder) == "def run_once(*arguments, **keywords):\n    pass"


def test_a_class_on_the_base_whose_method_ran(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {"self": "<JobSchema(many=False)>"})
    assert made_up.is_known(builder, "JobSchema")
    made_up.a_class(builder, "JobSchema")
    assert program(builder) == "class JobSchema(Schema):\n    pass"


def test_a_class_with_the_fields_that_a_frame_holds_records_of(tmp_path: Path) -> None:
    records: list[Json] = [
        "Attribute(name='name', default=NOTHING, type=<class 'str'>, alias='name')",
        "Attribute(name='owner', default=NOTHING, type=<class 'shop.Owner'>, alias='owner')",
    ]
    builder = builder_for(tmp_path, {"attrs": records})
    made_up.a_class(builder, "Player")
    assert program(builder) == "@define\nclass Player:\n    name: str\n    owner: object"


def test_a_class_of_which_nothing_is_told_is_a_dead_end(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {"self": "<Schema(many=False)>"})
    assert not made_up.is_known(builder, "Hidden")
    with pytest.raises(Dead, match="another program"):
        made_up.a_class(builder, "Hidden")


def test_a_record_of_which_the_head_cannot_be_seen(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {})
    lines = ['    name: "str" = "nightly"', "    owner: Owner = Owner()", "    times: int = 3", "", "def run(kind):"]
    source = SourceFile("/srv/driver.py", dict(enumerate(lines, 20)), False)
    service = replace(builder.scene.frames[0], source=source)
    builder.scene = replace(builder.scene, frames=(service, *builder.scene.frames[1:]))
    made_up.a_class(builder, "Job")
    assert program(builder) == "@dataclasses.dataclass\nclass Job:\n    name: 'str' = 'nightly'\n    times: int = 3"


def test_the_body_of_a_function_is_no_record(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {})
    assert made_up.half_seen(builder.scene) == []


def test_a_field_with_a_name_that_cannot_be_written_is_left_out(tmp_path: Path) -> None:
    builder = builder_for(tmp_path, {"attrs": ["Attribute(name='class', type=<class 'str'>)"]})
    assert not made_up.is_known(builder, "Player")


def test_fields_that_an_object_prints_are_declared(tmp_path: Path) -> None:
    printed = "JobSchema({'name': 'a'}):\n    name = Schema()\n    days = Schema(many=True, required=False)"
    builder = builder_for(tmp_path, {"self": printed})
    made_up.a_class(builder, "JobSchema")
    assert program(builder) == (
        "class JobSchema(Schema):\n    name = Schema()\n    days = Schema(many=True, required=False)"
    )


def test_fields_whose_head_lies_above_the_visible_lines_are_declared(tmp_path: Path) -> None:
    lines = {7: "    days = Schema(many=True)", 8: "", 9: "def plan():", 10: "    return JobSchema()"}
    builder = builder_for(tmp_path, {"self": "<JobSchema(many=False)>"})
    service = builder.scene.frames[0]
    seen = SourceFile("/srv/driver.py", lines, False)
    frames = (replace(service, source=seen, view=view_of(seen, 10, "plan"), line=10), *builder.scene.frames[1:])
    builder.scene = replace(builder.scene, frames=frames)
    made_up.a_class(builder, "JobSchema")
    assert program(builder) == "class JobSchema(Schema):\n    days = Schema(many=True)"
