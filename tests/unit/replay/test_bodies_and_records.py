"""What a request or a file held is read back from the variables of the code that read it."""

import textwrap
from collections.abc import Mapping
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.event import Json
from triage.drafting.replay.stack.records import _documents, _lines, _rows
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world.bodies import _kind, plain


def frame_at(code: str, line: int, variables: Mapping[str, Json]) -> StackFrame:
    source = SourceFile("app.py", dict(enumerate(textwrap.dedent(code).strip("\n").split("\n"), 1)), True)
    view = view_of(source, line, "")
    return StackFrame(0, Kind.REPO, "read", "app.py", line, source, view, variables, "app", "read")


VIEW = """
    async def view(request):
        form = await request.form()
        payload = request.get_json()
        text = request.get_data(as_text=True)
        other = compute(form)
        return crash(form)
"""


def test_how_the_request_was_read_tells_what_kind_of_body_it_had() -> None:
    frame = frame_at(VIEW, 6, {})

    assert [_kind(frame, name) for name in ("form", "payload", "text", "other")] == ["form", "json", "raw", ""]


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
        max_leaves=8,
    )
)
def test_plain_data_survives_being_captured_as_reprs(value: Json) -> None:
    def captured(item: Json) -> Json:
        if isinstance(item, dict):
            return {name: captured(inner) for name, inner in item.items()}
        return [captured(inner) for inner in item] if isinstance(item, list) else repr(item)

    assert plain(captured(value)) == value


def test_rows_come_back_with_their_delimiter_and_header() -> None:
    code = """
        def read(stream):
            for record in csv.reader(stream, delimiter=";"):
                day, amount = record
                crash(amount)
    """
    frame = frame_at(code, 4, {"record": ["'2024-05-03'", "'-'"], "stream": "<_io.TextIOWrapper>"})
    assert _rows(frame, Path("app.py").name + "csv.reader(stream, delimiter=';')") == ["2024-05-03;-\n"]

    code = """
        def read(stream):
            for row in csv.DictReader(stream):
                crash(row)
    """
    frame = frame_at(code, 3, {"row": {"name": "'Ada'", "city": "'a, b'"}})
    assert _rows(frame, "csv.DictReader(stream)") == ['name,city\nAda,"a, b"\n']


def test_documents_and_lines_come_back() -> None:
    code = """
        def read(path):
            data = json.loads(path.read_text())
            for line in data:
                crash(line)
    """
    frame = frame_at(code, 4, {"data": ["'a'", "'b'"], "line": "'a'"})

    assert _documents(frame) == ['["a", "b"]']
    assert _lines(frame) == ["a\n"]
