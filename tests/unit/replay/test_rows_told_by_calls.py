"""Rows that variables hold get the columns that calls passed on; a file that is not found from elsewhere."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building import columns
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import elsewhere
from triage.sources import parse_event

CODE = """
def extend(session, number):
    lease = session.get(Lease, number)
    note = Note(lease=lease)
    limit = lease.limit
    return until(lease.start, kind=lease.kind)

def until(day, kind):
    return day.replace(year=day.year + kind.years)
"""
LEASE, NOTE = "<shop.Lease object at 0x7f01>", "<shop.Note object at 0x7f02>"


class NoTarget:
    """An interpreter that knows nothing."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {}


def frame(index: int, line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("shop/app.py", dict(enumerate(CODE.strip("\n").split("\n"), 1)), True)
    view = view_of(source, line, "")
    name = view.node.name if view.node is not None else ""
    return StackFrame(index, Kind.REPO, name, source.path, line, source, view, variables, "shop.app", name)


def builder(root: Path, frames: tuple[StackFrame, ...], kind: str = "ValueError", message: str = "") -> Builder:
    raw = {"event_id": "a", "exception": {"values": [{"type": kind, "value": message}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), frames, ("shop",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("shop",), ()), Mined(root), Choices())


def test_columns_are_what_was_passed_on_of_the_row(tmp_path: Path) -> None:
    outer = frame(0, 5, {"number": "7", "lease": LEASE, "note": NOTE, "limit": "12"})
    inner = frame(1, 8, {"day": "20280229", "kind": "<object object at 0x7f03>"})
    made = builder(tmp_path, (outer, inner))
    found = columns.passed(made, LEASE)
    assert {name: ast.unparse(value) for name, value in found.items()} == {"limit": "12", "start": "20280229"}
    assert columns.passed(made, NOTE) == {}


def test_what_the_function_made_itself_was_in_no_database() -> None:
    at = frame(0, 5, {"number": "7", "lease": LEASE, "note": NOTE})
    assert [name for name in at.variables if columns.made_there(at, name)] == ["note"]


@pytest.mark.parametrize(
    ("kind", "text", "made"),
    [
        ("Date", "2028-02-29", "date(2028, 2, 29)"),
        ("DateTimeField", "2028-02-29T10:30:00Z", "datetime(2028, 2, 29, 10, 30, 0, tzinfo=timezone.utc)"),
        ("DateTime", "soon", None),
        ("String", "2028-02-29", "'2028-02-29'"),
    ],
)
def test_a_text_is_written_as_the_column_takes_it(tmp_path: Path, kind: str, text: str, made: str | None) -> None:
    found = columns.fitting(builder(tmp_path, ()), kind, ast.Constant(text))
    assert (ast.unparse(found) if found is not None else None) == made


def test_the_part_of_an_address_that_is_called_like_the_class_names_the_row() -> None:
    known: list[Mapping[str, object]] = [{"name": "title", "kind": "CharField"}, {"name": "slug", "kind": "SlugField"}]
    assert columns.of_route({"club": "rowing", "page": "2"}, {"club"}, known) == {"slug": "rowing"}
    assert columns.of_route({"club": "12"}, {"club"}, known) == {}
    assert columns.of_route({"page": "x"}, {"club"}, known) == {}


@pytest.mark.parametrize(
    ("message", "there", "moved"),
    [
        ("[Errno 2] No such file or directory: 'conf/rates.csv'", True, True),
        ("[Errno 2] No such file or directory: 'conf/rates.csv'", False, False),
        ("[Errno 2] No such file or directory: '/etc/conf/rates.csv'", True, False),
        ("[Errno 2] No such file or directory: '../conf/rates.csv'", True, False),
    ],
)
def test_a_file_of_the_repo_is_not_found_from_elsewhere(tmp_path: Path, message: str, there: bool, moved: bool) -> None:
    (tmp_path / "conf").mkdir()
    if there:
        (tmp_path / "conf" / "rates.csv").write_text("a,b\n")
    made = builder(tmp_path, (frame(0, 8, {}),), "FileNotFoundError", message)
    elsewhere.prepare(made)
    assert [ast.unparse(item) for item, _ in made.items] == (["monkeypatch.chdir(tmp_path)"] if moved else [])


@pytest.mark.parametrize(
    ("zone", "written"),
    [
        ("TzInfo(UTC)", "datetime.timezone.utc"),
        ("TzInfo(+05:30)", "datetime.timezone(datetime.timedelta(seconds=19800))"),
        ("TzInfo(-3600)", "datetime.timezone(datetime.timedelta(seconds=-3600))"),
    ],
)
def test_a_zone_of_pydantic_is_one_of_python(zone: str, written: str) -> None:
    read = read_repr(f"[datetime.datetime(2026, 1, 2, 3, 4, tzinfo={zone})]")
    assert read is not None
    assert ast.unparse(read.tree) == f"[datetime.datetime(2026, 1, 2, 3, 4, tzinfo={written})]"
    quoted = read_repr(repr(f"tzinfo={zone}"))
    assert quoted is not None
    assert ast.literal_eval(quoted.tree) == f"tzinfo={zone}"
