"""What a program visibly put into a folder that it handed over: files, folders, in loops, with what they hold."""

from pathlib import Path

import pytest

from triage.domain.event import Event
from triage.domain.incoming import Kind as Payload
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of
from triage.drafting.replay.world.folders import Laid, laid
from triage.sources import parse_event


def below(text: str) -> Laid:
    """What a program with those lines, at its last one, put into its folder."""
    event: Event = parse_event(b'{"exception": {"values": [{"type": "ValueError", "value": "x"}]}}', Payload.SDK)
    lines = dict(enumerate(["def main():", *(f"    {line}" for line in text.split("\n"))], 1))
    source = SourceFile("/srv/driver.py", lines, False)
    frame = StackFrame(
        0, Kind.SERVICE, "main", "/srv/driver.py", max(lines), source, view_of(source, max(lines), "main"),
        {"folder": "'/tmp/x1'", "other": "'/srv/data'"},
    )  # fmt: skip
    return laid(Scene(event, (frame,), ("shop",), Path("/nowhere"), (".",)), "/tmp/x1")


WHOLE = """with tempfile.TemporaryDirectory() as folder:
    os.mkdir(os.path.join(folder, "a.info"))
    with open(os.path.join(folder, "a.info", "META"), "w") as out:
        out.write("Name: a\\n")
        out.write("Version: 1\\n")
    os.makedirs(folder + "/b.info")
    (Path(folder) / "c" / "n.txt").write_text("n")
    read(folder)"""
ROUNDS = """for name, data in (("a.txt", b"1"), ("b.txt", b"2" * 3)):
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(data)
read(folder)"""


def test_files_and_empty_folders() -> None:
    assert below(WHOLE) == {"a.info/META": "Name: a\nVersion: 1\n", "b.info": None, "c/n.txt": "n"}


def test_each_round_of_a_loop_over_literals() -> None:
    assert below(ROUNDS) == {"a.txt": b"1", "b.txt": b"222"}


@pytest.mark.parametrize(
    "line",
    [
        'os.mkdir(os.path.join(folder, "..", "x"))', 'os.mkdir("/etc/x")', 'os.mkdir(os.path.join(other, "x"))',
        'Path(folder, name()).write_text("x")', 'Path(folder, "x").write_text(made())', "os.mkdir(folder)",
    ],
)  # fmt: skip
def test_no_other_place_and_nothing_that_is_not_said_outright(line: str) -> None:
    assert below(f"{line}\nread(folder)") == {}
