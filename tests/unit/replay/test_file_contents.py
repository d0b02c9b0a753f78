"""Contents of files are read from the lines of the program that wrote them, never by running those."""

import ast
from pathlib import Path

import pytest

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world.contents import Unknown, reckoned, written
from triage.sources import parse_event


def contents(text: str, name: str) -> list[str | bytes]:
    """What a program with those lines, at its last one, wrote to the file."""
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    lines = dict(enumerate(["def main():", *(f"    {line}" for line in text.split("\n"))], 1))
    source = SourceFile("/srv/driver.py", lines, False)
    view = view_of(source, max(lines), "main")
    frame = StackFrame(0, Kind.SERVICE, "main", "/srv/driver.py", max(lines), source, view, {"folder": "'/tmp/x'"})
    return written(Scene(event, (frame,), ("shop",), Path("/nowhere"), (".",)), name)


LOOP = """for name, data in (("a.txt", "Où".encode("cp1252")), ("b.bin", bytes(range(4)) * 2)):
    with open(os.path.join(folder, name), "wb") as out:
        out.write(data)
read(folder)"""
OPENED = """path = os.path.join(folder, "rows.csv")
with open(path, "w") as out:
    out.write("a,b\\n" + "1,2\\n" * 2)
read(path)"""
DUMPED = """with open(folder + "/set.json", "w") as out:
    json.dump({"limit": -1, "tags": ["x"]}, out)
read(folder)"""


def test_the_content_beside_the_name() -> None:
    assert contents(LOOP, "a.txt") == [b"O\xf9"]
    assert contents(LOOP, "b.bin") == [b"\x00\x01\x02\x03" * 2]
    assert contents('save(folder, {"a.yml": "a: 1"})\nread(folder)', "a.yml") == ["a: 1"]


def test_what_is_written_to_the_open_file() -> None:
    assert contents(OPENED, "rows.csv")[0] == "a,b\n1,2\n1,2\n"
    assert contents(DUMPED, "set.json")[0] == '{"limit": -1, "tags": ["x"]}'
    assert contents('(folder / "n.md").write_text("# N")\nread(folder)', "n.md") == ["# N"]


def test_another_file_and_what_is_not_said_outright() -> None:
    assert contents(OPENED, "other.csv") == []
    assert contents('(folder / "n.md").write_text(render(1))\nread(folder)', "n.md") == []


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('x')", "open('/etc/passwd').read()", "'x' * 10**9", "'%999999999d' % 1", "a",
        "bytes(10**9)", "f'{x}'", "'x'.join(range(10**9))", "'{0.__class__}'.format(1)", "(lambda: 1)()",
    ],
)  # fmt: skip
def test_nothing_is_run_and_nothing_grows(text: str) -> None:
    with pytest.raises((Unknown, ValueError, TypeError, LookupError, OverflowError)):
        reckoned(ast.parse(text, mode="eval").body)
