"""Whatever a stranger hands in: one clear line, nothing dangerous printed, nothing of it run."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.cli_ground import crash, make_repo, saved, triage

ODD = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

BROKEN = {
    "cut off": b'{"event_id": "abc", "exception": {"values": [',
    "empty": b"",
    "random": bytes(range(256)) * 400,
    "half of UTF-16": b"\xff\xfe\x00garbage",
    "a long line": b"x" * 100_000_000,
    "a long string": b'{"event_id": "' + b"x" * 100_000_000 + b'"}',
    "nested": b"[" * 100_000,
    "a bomb": gzip.compress(b'{"event_id": "' + b"x" * 300_000_000 + b'"}', 1),
    "a broken gzip": gzip.compress(b'{"event_id": "abc"}')[:-12],
    "no event": b"null",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_file_without_an_event_is_one_line(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "event.json"
    file.write_bytes(content)
    said = triage("import", "--json", file)
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert said.json["error"]["title"].startswith(("no events in", "cannot read"))
    assert "Sentry event JSON, envelopes and logs" in said.json["error"]["hint"]


def test_good_files_are_kept_and_the_bad_one_is_named(tmp_path: Path) -> None:
    bad = tmp_path / "bad.json"
    bad.write_bytes(b"{")
    said = triage("import", "--json", bad, saved(tmp_path, crash()), tmp_path / "absent")
    assert said.code == 1
    assert said.json["events"] == 1
    assert len(said.json["troubles"]) == 2
    assert len(triage("ls", "--json").json) == 1


@pytest.mark.parametrize("size", [600_000, 10_000_000])
def test_a_large_value_is_read(tmp_path: Path, size: int) -> None:
    said = triage("import", saved(tmp_path, crash({"items": "x" * size, "discount": "0"})))
    assert (said.code, said.out) == (0, "1 new event\n")


def evil(value: Any) -> Any:
    """The same shape with escapes, bidi, markup, line breaks and half characters in every text."""
    if isinstance(value, dict):
        return {key: evil(item) for key, item in value.items()}
    if isinstance(value, list):
        return [evil(item) for item in value]
    if isinstance(value, str):
        return f"[red]\x1b]0;x\x07\x1b[31m\u202e{value}\r\n\x9b2J\u2066\ud800"
    return value


def test_nothing_hostile_reaches_the_terminal(tmp_path: Path) -> None:
    event = {**evil(crash()), "event_id": "cd" * 16, "timestamp": "2026-01-01T00:00:00Z"}
    event |= {"release": "\x1b[31mr", "tags": {"\x1b[2J": "\x9b1m"}, "user": {"id": "\u202eid"}}
    event["request"] = {"url": "http://\x1b[31mx\ny", "method": "GE\x1bT"}
    file = saved(tmp_path, event)
    repo = make_repo(tmp_path / "repo")
    assert triage("import", file).code == 0
    for command in (("ls",), ("ls", "--json"), ("show", "1"), ("show", "1", "--json"), ("draft", "1")):
        said = triage(*command, "--repo", repo)
        assert not ODD.search(said.out), command
        assert not ODD.search(said.err), command
        if "--json" in command:
            assert said.json
    lines = triage("show", "1", "--repo", repo).out.splitlines()
    assert not [line for line in lines if line.startswith(("2J", "y"))], "a line break of theirs began a line of ours"


@pytest.mark.parametrize(
    "exception",
    [
        "nope",
        {"values": [{"type": "ValueError", "value": "x"}]},
        {"values": [{"type": 7, "value": {}, "stacktrace": {"frames": [None, 3, {"vars": [], "lineno": "x"}]}}]},
        {"values": [{"type": "E", "mechanism": {"exception_id": 0, "parent_id": 0}}] * 3},
        {
            "values": [
                {"type": "E", "value": str(at), "mechanism": {"exception_id": at, "parent_id": (at + 1) % 4}}
                for at in range(4)
            ]
        },
        {"values": [crash({"depth": str(n)})["exception"]["values"][0] for n in range(200)]},
    ],
    ids=["text", "no frames", "wrong types", "its own parent", "a cycle", "a long chain"],
)
def test_an_odd_event_is_kept_shown_and_told_why_not(tmp_path: Path, exception: object) -> None:
    file = saved(tmp_path, {**crash(), "exception": exception})
    assert triage("import", file).code == 0
    assert triage("show", "1", "--repo", tmp_path).code == 0


def test_a_recursion_1000_frames_deep_is_folded(tmp_path: Path) -> None:
    event = crash()
    event["exception"]["values"][0]["stacktrace"]["frames"] *= 1000
    triage("import", saved(tmp_path, event))
    shown = triage("show", "1", "--repo", make_repo(tmp_path / "repo")).out
    assert "frames left out" in shown
    assert len(shown.splitlines()) < 400


def hostile(mark: Path) -> dict[str, dict[str, Any]]:
    touch = f"__import__('os').system('touch {mark}')"
    titled = crash()
    titled["exception"]["values"][0]["value"] = f'"""\n{touch}\n"""'
    return {
        "values that are code": crash({"items": touch, "discount": f"open('{mark}', 'w')"}),
        "reprs that lie": crash({"items": f"Popen(['touch', '{mark}'])", "discount": "<Decimal object at 0x0>"}),
        "names that are code": crash({f'x"):\n {touch}\n#': "1", "__class__": "x", "items": "[1]", "discount": "0"}),
        "a message that ends the docstring": titled,
        "paths that climb": crash(filename="../../../../etc/passwd", abs_path="/app/../../etc/passwd"),
        "an option as release": {**crash(), "release": f"--upload-pack=touch {mark}"},
        "another repo": crash(filename="/usr/lib/x/views.py", abs_path="/usr/lib/x/views.py", module="x", function="v"),
        "ten megabytes": crash({"items": "'" + "x" * 10_000_000 + "'", "discount": "0"}),
    }


@pytest.mark.parametrize("case", hostile(Path("x")))
def test_nothing_of_an_event_runs_outside_the_sandbox(tmp_path: Path, case: str) -> None:
    mark = tmp_path / "pwned"
    repo = make_repo(tmp_path / "repo")
    file = saved(tmp_path, hostile(mark)[case])
    said = triage("reproduce", "--event", file, "--repo", repo, "--budget", "5", "--json")
    assert not mark.exists()
    found = said.json
    assert said.code == (0 if found["verdict"] == "REPRODUCED" else 1)
    assert found["verdict"] == "REPRODUCED" or found["why"]
    if found["test_path"]:
        assert found["test_path"].startswith("tests/")
        compile(found["test_source"], "test", "exec")
        assert json.dumps(found["test_source"]).count("system") <= 1, "only quoted, in the docstring"
