"""Files that a function had come to by a path of its own making are written where the test's run finds them."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import records
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import files
from triage.sources import parse_event

TABLE = """
def table(day):
    path = DATA / f"rates-{day}.json"
    raw = json.loads(path.read_text())["rates"]
    return [float(item["rate"]) for item in raw]
"""


class NoTarget:
    """An interpreter that knows no name."""

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {"found": {}}


def builder(root: Path, variables: Mapping[str, Json]) -> Builder:
    source = SourceFile("fx/rates.py", dict(enumerate(TABLE.split("\n"), 1)), True)
    view = view_of(source, 5, "")
    frame = StackFrame(0, Kind.REPO, "table", source.path, 5, source, view, variables, "fx.rates", "table")
    raw = {"event_id": "a", "exception": {"values": [{"type": "TypeError", "value": "no"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (frame,), ("fx",), root, (".",))
    return Builder(scene, Names(NoTarget(), ("fx",), ()), Mined(root), Choices({"files by relative paths": 1}))


def written(made: Builder) -> list[str]:
    return [ast.unparse(ast.fix_missing_locations(item)) for item, _ in made.items]


HELD: dict[str, Json] = {"day": "'2026-11-02'", "raw": [{"rate": "None"}]}


def test_a_file_by_a_relative_path(tmp_path: Path) -> None:
    made = builder(tmp_path, {**HELD, "path": "PosixPath('data/rates-2026-11-02.json')"})
    assert records.contents(made) == ['{"rates": [{"rate": null}]}']
    files.lay_relative(made)
    assert written(made) == [
        "(tmp_path / 'data').mkdir(parents=True, exist_ok=True)",
        "(tmp_path / 'data' / 'rates-2026-11-02.json').write_text('{\"rates\": [{\"rate\": null}]}', encoding='utf-8')",
        "monkeypatch.chdir(tmp_path)",
    ]


def test_a_file_in_a_folder_that_was_handed_in(tmp_path: Path) -> None:
    made = builder(tmp_path, {**HELD, "path": "PosixPath('/srv/fx/2026/rates.json')"})
    place = files.below_tmp_path(made, made.scene.frames[0], "/srv/fx")
    assert ast.unparse(place) == "str(tmp_path)"
    assert written(made)[0] == "(tmp_path / '2026').mkdir(parents=True, exist_ok=True)"


def test_a_path_out_of_the_folder_is_not_written(tmp_path: Path) -> None:
    made = builder(tmp_path, {**HELD, "path": "PosixPath('data/../../rates.json')"})
    files.lay_relative(made)
    assert not any("write_text" in line for line in written(made))


@pytest.mark.parametrize("name", ["worker.env", "conf/site.conf", "a-b.tar.gz", "in/photo.JPEG", "deps.lock"])
def test_names_of_files_of_many_kinds(name: str) -> None:
    assert files.is_path(name)


@pytest.mark.parametrize("name", ["example.org", "shop.orders.total", "3.14", "Mr. Env", "//host/x.conf"])
def test_what_only_has_a_dot(name: str) -> None:
    assert not files.is_path(name)
