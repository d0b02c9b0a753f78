"""What the message of an error tells of the line that crashed."""

import ast
import enum
import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import stand_ins
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.entries import command, direct
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import told
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.recordings import recordings
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.inside import replay_models
from triage.sources import parse_event


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def frame(text: str, line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(text.split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else "<module>"
    return StackFrame(0, Kind.REPO, name, source.path, line, source, view, variables, "shop.app", name)


def builder(root: Path, frames: tuple[StackFrame, ...], kind: str, value: str) -> Builder:
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": value}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(root), Choices())


def read(line: str, kind: str, message: str) -> dict[str, str]:
    return {ast.unparse(node): value for node, value in told.read(ast.parse(line).body[0], kind, message)}


@pytest.mark.parametrize(
    ("line", "kind", "message", "found"),
    [
        ("x = row['used'] / row['area']", "TypeError",
         "unsupported operand type(s) for /: 'float' and 'NoneType'", {"row['used']": "1.0", "row['area']": "None"}),
        ("total += item.amount", "TypeError", "unsupported operand type(s) for +=: 'decimal.Decimal' and 'float'",
         {"total": "decimal:Decimal('1')", "item.amount": "1.0"}),
        ("a.end < b", "TypeError", "'<' not supported between instances of 'NoneType' and 'datetime.datetime'",
         {"a.end": "None", "b": "datetime:datetime(2024, 1, 1)"}),
        ("'n: ' + order.number", "TypeError", 'can only concatenate str (not "int") to str',
         {"'n: '": "'x'", "order.number": "1"}),
        ("x = a.total / a.count", "ZeroDivisionError", "division by zero", {"a.count": "0"}),
        ("name = user.team.name", "AttributeError", "'NoneType' object has no attribute 'name'", {"user.team": "None"}),
        ("RATES[row.country] * 2", "KeyError", "'PL'", {"row.country": "'PL'"}),
        ("int(record['n'])", "ValueError", "invalid literal for int() with base 10: '1,5'", {"record['n']": "'1,5'"}),
        ("x = float(row['kwh'])", "TypeError",
         "float() argument must be a string or a real number, not 'NoneType'", {"row['kwh']": "None"}),
        ("Color(item.color)", "ValueError", "'mauve' is not a valid Color", {"item.color": "'mauve'"}),
        ("day = date.fromisoformat(row['day'])", "TypeError", "fromisoformat: argument must be str",
         {"row['day']": "None"}),
        ("return sum(x.size for x in box.items)", "TypeError", "'NoneType' object is not iterable",
         {"box.items": "None"}),
        ("a, b = pair(key)", "TypeError", "cannot unpack non-iterable NoneType object", {"pair(key)": "None"}),
        ("if key in shop.open:\n    pass", "TypeError", "argument of type 'NoneType' is not iterable",
         {"shop.open": "None"}),
        ("x = f'{p.price:.2f} {p.name}'", "TypeError", "unsupported format string passed to NoneType.__format__",
         {"p.price": "None"}),
        ("re.match(RULE, given)", "TypeError", "expected string or bytes-like object, got 'int'", {"given": "1"}),
        ("open(settings.file)", "TypeError", "expected str, bytes or os.PathLike object, not NoneType",
         {"settings.file": "None"}),
        ("x = y", "ValueError", "something of its own", {}),
    ],
)  # fmt: skip
def test_messages_of_python(line: str, kind: str, message: str, found: dict[str, str]) -> None:
    assert read(line, kind, message) == found


def test_a_variable_is_worth_what_it_was_assigned_from(tmp_path: Path) -> None:
    text = "def share(row):\n    area = row['area'].strip()\n    return SIZES[area]\n"
    at = frame(text, 3, {})
    made = builder(tmp_path, (at,), "KeyError", "'xl'")
    assert told.values(made, at) == {"area": "'xl'", "row['area'].strip()": "'xl'", "row['area']": "'xl'"}


def test_a_row_has_what_the_error_tells_and_numbers_where_it_is_reckoned_with(tmp_path: Path) -> None:
    text = "def f(store):\n    for row in store.all():\n        use(row['name'], row['used'] / row['area'])\n"
    variables: dict[str, Json] = {"row": "<sqlite3.Row object at 0x7f>", "store": "<shop.Store object at 0x7f>"}
    at = frame(text, 3, variables)
    made = builder(tmp_path, (at,), "TypeError", "unsupported operand type(s) for /: 'int' and 'NoneType'")
    row = stand_ins.subscripted(made, at, "row")
    assert row is not None
    assert ast.unparse(row) == "{'name': 'x', 'used': 1, 'area': None}"


LOOPS = """
def plain(store):
    for row in store.monthly(1):
        use(row)

def counted(store):
    for at, row in enumerate(store.monthly(1), 2):
        use(row)

async def waiting(store):
    async for row in store.monthly(1):
        use(row)

def own(store):
    for row in rows(store):
        use(row)
"""


@pytest.mark.parametrize(
    ("line", "chain"),
    [(4, ("monthly",)), (8, ("monthly",)), (12, ("monthly", "return_value", "__aiter__")), (16, None)],
)
def test_what_a_loop_went_through_is_what_the_dependency_gave(line: int, chain: tuple[str, ...] | None) -> None:
    at = frame(LOOPS, line, {"row": "{'a': 1}", "store": "<shop.Store object at 0x7f>"})
    found = [(item.chain, item.each) for item in recordings(at)]
    assert found == ([] if chain is None else [(chain, True)])


@pytest.mark.parametrize(
    ("shown", "made"),
    [
        ("datetime.datetime(2026, 1, 2, tzinfo=datetime.timezone.utc)", "datetime(2024, 1, 1)"),
        ("datetime.datetime(2026, 1, 2, 3, 4)", "datetime(2024, 1, 1, tzinfo=timezone.utc)"),
    ],
)
def test_of_two_times_one_has_a_zone(shown: str, made: str, tmp_path: Path) -> None:
    at = frame("def f(invite, now):\n    return invite.ends < now\n", 2, {"now": shown})
    build = builder(tmp_path, (at,), "TypeError", "can't compare offset-naive and offset-aware datetimes")
    said = told.values(build, at)
    assert ast.unparse(told.written(build, said["invite.ends"])) == made


def test_what_fastapi_hands_in_is_no_default() -> None:
    defaults = ["Depends(get_db)", "fastapi.Query(3)", "make()", "3"]
    found = [direct.is_injected(ast.parse(text, mode="eval").body) for text in defaults]
    assert found == [True, True, False, False]


def test_the_frames_that_read_the_command_line(tmp_path: Path) -> None:
    at = frame("def main(argv=None):\n    args = parser.parse_args(argv)\n    return run(args)\n", 3, {})
    made = builder(tmp_path, (at,), "KeyError", "'a'")
    assert [frame.name for _, frame in command.readers(made.scene)] == ["main"]


def test_the_default_of_a_column_as_text() -> None:
    class Status(enum.Enum):
        NEW = "new"

    shown_default: Callable[[object], str] = replay_models.shown_default
    shown = [shown_default(item) for item in (Status.NEW, 3, "a", Decimal(1))]
    assert shown == ["member NEW", "3", "'a'", ""]
