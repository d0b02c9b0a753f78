"""A request that was an upload sends its file along, as the framework's test client takes it."""

import ast
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from triage.domain.event import Json, Request
from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.building.builder import Builder
from triage.drafting.replay.candidate import Choices
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world import uploads
from triage.sources import parse_event

VIEW = """
import csv

def take(request):
    for row in csv.DictReader(request.files["people"].stream, delimiter=";"):
        born(row["born"])
"""
SENT = (("Content-Type", "multipart/form-data; boundary=--x"),)


class Installed:
    """An interpreter with these top-level modules."""

    def __init__(self, *tops: str) -> None:
        self.tops = tops

    def ask(self, op: str, timeout: float = 30.0, **fields: object) -> dict[str, Any]:
        return {"names": list(self.tops)} if op == "tops" else {}


def builder(root: Path, *tops: str) -> Builder:
    source = SourceFile("people/views.py", dict(enumerate(VIEW.split("\n"), 1)), True)
    held: Mapping[str, Json] = {
        "row": {"number": "'N-78'", "born": "'1979'"},
        "file": "<FileStorage: 'staff.csv' ('text/csv')>",
    }
    frame = StackFrame(
        1, Kind.REPO, "take", source.path, 6, source, view_of(source, 6, ""), held, "people.views", "take"
    )  # fmt: skip
    plain = SourceFile("flask/app.py", {}, False)
    outer = StackFrame(0, Kind.LIBRARY, "dispatch", f"{tops[0]}/app.py", 1, plain, view_of(plain, 1, ""), {})
    raw = {"event_id": "a", "exception": {"values": [{"type": "ValueError", "value": "bad"}]}}
    scene = Scene(parse_event(json.dumps(raw).encode(), Wire.SDK), (outer, frame), ("people",), root, (".",))
    return Builder(scene, Names(Installed(*tops), ("people",), ()), Mined(root), Choices())


@pytest.mark.parametrize(
    ("top", "keywords"),
    [
        ("flask", r"data={'month': '11', 'people': (io.BytesIO(b'number;born\nN-78;1979\n'), 'staff.csv')}"),
        ("starlette", r"files={'people': ('staff.csv', b'number;born\nN-78;1979\n')}, data={'month': '11'}"),
    ],
)
def test_the_file_is_sent_with_the_record_that_the_code_was_at(tmp_path: Path, top: str, keywords: str) -> None:
    request = Request(method="POST", url="http://x/take", headers=SENT, body={"month": "11", "people": ""})
    call = ast.parse("client.post('/take', data={'month': '11', 'people': ''})", mode="eval").body
    made = uploads.sent(builder(tmp_path, top), request, call)
    assert ast.unparse(ast.fix_missing_locations(made)) == f"client.post('/take', {keywords})"


def test_a_plain_form_stays_as_it_was(tmp_path: Path) -> None:
    form = (("Content-Type", "application/x-www-form-urlencoded"),)
    request = Request(method="POST", url="http://x/take", headers=form, body={"people": ""})
    call = ast.parse("client.post('/take', data={'people': ''})", mode="eval").body
    assert uploads.sent(builder(tmp_path, "flask"), request, call) is call
    assert [item.arg for item in call.keywords] == ["data"]  # type: ignore[attr-defined]
