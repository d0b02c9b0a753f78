"""A mapping of the repo that the SDK flattened is made again as what it was, in its own methods."""

import ast
from pathlib import Path

from triage.domain.event import Event, Json
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event

TEXT = """class Headers(dict):
    def __eq__(self, other):
        return self.raw == other.raw

    def find(self, options):
        return self[options]
"""


class Interpreter:
    """One that knows the class."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        paths = fields.get("paths")
        known = {str(path): {"kind": "class", "parameters": []} for path in paths} if isinstance(paths, list) else {}
        return {"found": known}


def bound(root: Path, line: int, name: str, variables: dict[str, Json], which: str) -> str:
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    source = SourceFile("shop/http.py", dict(enumerate(TEXT.split("\n"), 1)), True)
    view = view_of(source, line, name)
    frame = StackFrame(0, Kind.REPO, name, "shop/http.py", line, source, view, variables, "shop.http")
    scene = Scene(event, (frame,), ("shop",), root, (".",))
    builder = Builder(scene, Names(Interpreter(), (), ()), Mined(root), Choices())
    done = builder.bind(frame, which, "entry")
    lines = [ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items]
    return "\n".join([*lines, ast.unparse(done)])


def test_self_is_an_object_of_its_class(tmp_path: Path) -> None:
    text = bound(tmp_path, 3, "__eq__", {"self": {"a": "'1'"}, "other": {"b": "'2'"}}, "self")
    assert text == "headers = Headers({'a': '1'})\nheaders"


def test_so_is_the_other_operand(tmp_path: Path) -> None:
    text = bound(tmp_path, 3, "__eq__", {"self": {"a": "'1'"}, "other": {"b": "'2'"}}, "other")
    assert text == "headers = Headers({'b': '2'})\nheaders"


def test_another_argument_stays_a_dict(tmp_path: Path) -> None:
    text = bound(tmp_path, 6, "find", {"self": {"a": "'1'"}, "options": {"b": "'2'"}}, "options")
    assert text == "options = {'b': '2'}\noptions"
