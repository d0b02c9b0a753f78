"""Objects that cannot be made again, told by what was read of them or by a variable that printed the same."""

import ast
from pathlib import Path

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.building import carriers
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.sources import parse_event


class Nobody:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, object]:
        return {}


def frame(at: int, lines: str, name: str, line: int, kind: Kind, **variables: str) -> StackFrame:
    source = SourceFile(f"shop/{name}.py", dict(enumerate(lines.split("\n"), 1)), kind is Kind.REPO)
    return StackFrame(at, kind, name, source.path, line, source, view_of(source, line, name), variables, f"shop.{name}")


def builder_of(root: Path, *frames: StackFrame) -> Builder:
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    return Builder(
        Scene(event, frames, ("shop",), root, (".",)), Names(Nobody(), ("shop",), ()), Mined(root), Choices()
    )


def lines(builder: Builder, done: ast.expr) -> list[str]:
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in builder.items] + [ast.unparse(done)]


STYLE = 'def style(node):\n    return add(node.text or "")'
ASKED = 'def style(node):\n    node.check()\n    return add(node.text or "")'
ADD = "def add(rules):\n    return rules.index('x')"


def made(root: Path, text: str, **held: str) -> list[str]:
    line = len(text.split("\n"))
    first = frame(0, text, "style", line, Kind.REPO, node="<Node <Element {svg}style at 0x7f03>>")
    builder = builder_of(root, first, frame(1, ADD, "add", 2, Kind.REPO, **held))
    found = carriers.ways(builder, first, "node", "entry")
    return lines(builder, found[0][1]()) if found else []


def test_an_object_with_what_the_next_function_got_of_it(tmp_path: Path) -> None:
    assert made(tmp_path, STYLE, rules="'a { }'") == ["node = types.SimpleNamespace(text='a { }')", "node"]


def test_a_mock_where_more_is_asked_of_it(tmp_path: Path) -> None:
    assert made(tmp_path, ASKED, rules="'a { }'")[0].endswith("MagicMock(text='a { }')")


def test_nothing_where_the_next_function_shows_nothing(tmp_path: Path) -> None:
    assert made(tmp_path, STYLE) == []


PUT = "def put(text):\n    grammar = list(text)\n    before = known.get(text)\n    return before != grammar"


def test_a_twin_is_made_the_same_way_and_is_another_object(tmp_path: Path) -> None:
    shown = "<Sequence items = item>"
    at = frame(0, PUT, "put", 4, Kind.SERVICE, text="'ab'", grammar=shown, before=shown)
    builder = builder_of(tmp_path, at)
    (_, way), *_ = carriers.ways(builder, at, "before", "crash")
    assert lines(builder, way()) == ["before = list('ab')", "before"]
    other = frame(0, PUT, "put", 4, Kind.SERVICE, text="'ab'", grammar="<Sequence a>", before=shown)
    assert carriers.ways(builder_of(tmp_path, other), other, "before", "crash") == []


BRANCH = """def read(path):
    if isinstance(path, str):
        path = path.strip()
    return open(path)"""


def test_a_branch_that_reads_what_it_may_assign_finds_it_assigned(tmp_path: Path) -> None:
    at = frame(0, BRANCH, "read", 4, Kind.REPO, path="' a '")
    builder = builder_of(tmp_path, at)
    done = lines(builder, flow.emit_binding(builder, at, "path"))
    assert done[0] == "path = ' a '"
    assert done[1].startswith("if isinstance(path, str):")
    assert done[-1] == "path"
