"""Events by strangers: values that are code, reprs that lie, huge texts, paths that climb, objects that act
when they are made. Whatever replay makes of them, nothing happens outside the sandbox."""

import ast
import asyncio
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.execution_ground import git, write
from triage.config import Config
from triage.domain.incoming import Kind
from triage.errors import TriageError
from triage.services.reproduce import Reproduction, reproduce, write_test
from triage.sources import parse_event

BUDGET = 4.0
SHOP = '''\
"""A shop whose objects act when they are made."""

import os
import socket


class Loud:
    """Making one writes a file and calls somebody."""

    def __init__(self, name="x", where=None):
        self.name = name
        with open({canary!r}, "w") as file:
            file.write("made")
        with open(os.path.expanduser("~/canary"), "w") as file:
            file.write("made")
        try:
            socket.create_connection(("127.0.0.1", {port}), timeout=0.5).close()
        except OSError:
            pass
        os.system("touch " + {canary!r})


class Quiet:
    """Making one does nothing."""

    def __init__(self, name="x"):
        self.name = name


def label(thing, prices):
    """Fails for a name without a price."""
    return prices[thing.name]


def describe(thing, prices):
    return "<" + label(thing, prices) + ">"
'''


class Ground:
    """A repo, and traps: a file and a port that nobody may touch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.canary = folder / "canary"
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.calls = 0
        threading.Thread(target=self._answer, daemon=True).start()
        self.repo = folder / "repo"
        self.repo.mkdir()
        git(self.repo, "init", "-q", "-b", "main")
        port = self.listener.getsockname()[1]
        write(self.repo, {"shop.py": SHOP.format(canary=str(self.canary), port=port), "README.md": "shop\n"})
        git(self.repo, "add", "-A")
        git(self.repo, "commit", "-q", "-m", "A shop")

    def _answer(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def untouched(self) -> bool:
        home = Path.home() / "canary"
        return not self.canary.exists() and not home.exists() and self.calls == 0

    def event(self, **values: object) -> dict[str, object]:
        """The crash of `describe`; `values` are the locals of both frames."""
        lines = {name: number for number, name in enumerate(SHOP.split("\n"), 1)}
        frames = [
            {"filename": "shop.py", "abs_path": "/srv/app/shop.py", "module": "shop", "function": function,
             "lineno": lines[line], "context_line": line, "in_app": True, "vars": values}
            for function, line in (
                ("describe", '    return "<" + label(thing, prices) + ">"'), ("label", "    return prices[thing.name]"),
            )
        ]  # fmt: skip
        raised = {"type": "KeyError", "module": None, "value": "'x'", "stacktrace": {"frames": frames}}
        return {
            "event_id": "a" * 32, "timestamp": "2026-05-01T10:00:00Z", "platform": "python", "level": "error",
            "exception": {"values": [raised]},
        }  # fmt: skip


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    home = tmp_path / "user"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    made = Ground(tmp_path)
    yield made
    made.listener.close()


def run(ground: Ground, event: dict[str, object]) -> Reproduction | TriageError:
    async def story() -> Reproduction:
        parsed = parse_event(json.dumps(event).encode(), Kind.SDK)
        async for item in reproduce(Config(repo=ground.repo, python=sys.executable), parsed, budget=BUDGET):
            if isinstance(item, Reproduction):
                return item
        raise AssertionError("no result")

    started = time.monotonic()
    try:
        found: Reproduction | TriageError = asyncio.run(story())
    except TriageError as error:
        found = error
    assert time.monotonic() - started < 60
    assert ground.untouched()
    assert git(ground.repo, "status", "--porcelain") == ""
    return found


def code(canary: Path) -> list[str]:
    return [
        f"__import__('os').system('touch {canary}')",
        f"open('{canary}', 'w')",
        f"[open('{canary}', 'w') for _ in (1,)]",
        f"<Loud object at 0x7f00>' + str(open('{canary}', 'w')) + '",
        f"'''\nimport os; os.system('touch {canary}')\n'''",
        f"Loud(name=__import__('pathlib').Path('{canary}').touch())",
        f'f\'{{open("{canary}", "w")}}\'',
        f"(lambda: open('{canary}', 'w'))()",
    ]


def test_values_that_are_code_are_not_run_by_us(ground: Ground) -> None:
    values: dict[str, object] = {f"value_{at}": text for at, text in enumerate(code(ground.canary))}
    run(ground, ground.event(thing=code(ground.canary)[0], prices="{}", **values))
    run(ground, ground.event(thing=code(ground.canary)[5], prices=code(ground.canary)[2]))


def test_objects_that_act_when_made_do_so_in_the_sandbox_only(ground: Ground) -> None:
    found = run(ground, ground.event(thing="Loud(name='x')", prices="{'y': 'Y'}"))
    assert isinstance(found, Reproduction)
    assert found.candidates_tried > 0
    # It may reproduce (the sandbox lets it write where it sees nothing of ours) or be refused, nothing else.
    assert found.before is None or found.before.verdict in ("REPRODUCED", "DENIED", "WRONG_TYPE")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param({"thing": "Loud(" * 4000, "prices": "[" * 20_000}, id="deep"),
        pytest.param({"thing": "<shop.Loud object at 0x1>", "prices": "{'x': 'y', 'x'}"}, id="no literal"),
        pytest.param({"thing": "datetime.datetime(99999999999, -1, 77)", "prices": "{1e999: nan}"}, id="numbers"),
        pytest.param(
            {"thing": {"name": "x" * 50, "__class__": "Loud"}, "prices": {"\u202e\x00\x1b[2J": None}}, id="controls"
        ),
        pytest.param({"thing": "9" * 100_000 + " ** " + "9" * 9, "prices": "'a' * 10**12"}, id="growth"),
        pytest.param(
            {"self; import os": "1", "class": "2", "thing": [[[[[[[["Loud()"]]]]]]]], "prices": "..."}, id="names"
        ),
    ],
)
def test_reprs_that_lie(ground: Ground, values: dict[str, object]) -> None:
    run(ground, ground.event(**values))


def test_ten_megabytes(ground: Ground) -> None:
    big = "x" * 10_000_000
    event = ground.event(thing=big, prices=f"{{'{big}': 1}}")
    event["exception"]["values"][0]["value"] = big  # type: ignore[index]
    run(ground, event)


@pytest.mark.parametrize(
    "place",
    [
        "../../../../../../etc/passwd",
        "/etc/passwd",
        "shop.py/../../outside.py",
        "..\\..\\outside.py",
        "shop.py\n/etc/x",
        "~/x.py",
        "",
    ],
)
def test_paths_that_climb(ground: Ground, place: str, tmp_path: Path) -> None:
    outside = ground.folder / "outside.py"
    outside.write_text(SHOP.format(canary=str(ground.canary), port=1))
    event = ground.event(thing="Loud(name='x')", prices="{}")
    for frame in event["exception"]["values"][0]["stacktrace"]["frames"]:  # type: ignore[index]
        frame["filename"] = frame["abs_path"] = place
        frame["module"] = "..outside; import os"
    found = run(ground, event)
    if isinstance(found, Reproduction) and found.test_path is not None:
        assert ".." not in found.test_path
        assert write_test(found, tmp_path / "out").resolve().is_relative_to((tmp_path / "out").resolve())


def test_hostile_words_stay_words_in_the_test(ground: Ground) -> None:
    """What the docstring quotes of an event cannot end it."""
    event = ground.event(thing="Loud(name='x')", prices="{'y': 'Y'}")
    event["release"] = '"""\nimport os\nos.system("touch ' + str(ground.canary) + '")\n"""'
    event["event_id"] = '"""+open("x")#'
    event["exception"]["values"][0]["value"] = '\'x\'\\\n"""\nraise SystemExit'  # type: ignore[index]
    found = run(ground, event)
    if isinstance(found, Reproduction) and found.test_source is not None:
        compile(found.test_source, "t", "exec")
        assert "os.system" not in found.test_source.split('"""')[-1]


# What a calling program's line, or a value that our hook recorded, may try in the test that people run later.
CALLERS = [
    "describe(Quiet(getattr(os, 'sys' + 'tem')('touch {canary}')), {{}})",
    "describe(Quiet(zipfile.ZipFile('{canary}', 'w')), {{}})",
    "describe(Quiet(operator.methodcaller('system', 'touch {canary}')(os)), {{}})",
    "describe(Quiet(shop.os.system('touch {canary}')), {{}})",
    "describe(Quiet(functools.reduce(getattr, ['system'], os)('touch {canary}')), {{}})",
    "describe(Quiet(argparse.FileType('w')('{canary}')), {{}})",
]
IMPORTS = ["import argparse, functools, operator, os, zipfile, shop", "from shop import Quiet, describe", "def main():"]
VALUES: list[list[object]] = [
    ["partial", ["function", "builtins:exec", "", 0], ["open('{canary}', 'w')"], []],
    ["partial", ["function", "shop:os.system", "", 0], ["touch {canary}"], []],
    ["made", "builtins:map", [["function", "builtins:eval", "", 0], ["list", ["open('{canary}', 'w')"]]]],
    ["method", ["module", "os"], "posix:system"],
    ["object", "zipfile:ZipFile", "", {"file": "{canary}", "mode": "w"}],
]


def code_of(source: str) -> str:
    """A test's source without its docstrings: what would run."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return ast.unparse(tree)


def is_harmless(ground: Ground, found: Reproduction | TriageError) -> bool:
    if not isinstance(found, Reproduction) or found.test_source is None:
        return True
    return not any(word in code_of(found.test_source) for word in (str(ground.canary), "system", "exec", "eval"))


@pytest.mark.parametrize("line", CALLERS)
def test_lines_that_are_attacks_do_not_stand_in_the_test(ground: Ground, line: str) -> None:
    event = ground.event(thing="<shop.Quiet object at 0x1>", prices="{}")
    frame = {
        "filename": "main.py", "abs_path": "/srv/job/main.py", "module": "__main__", "function": "main", "lineno": 4,
        "pre_context": IMPORTS, "context_line": "    " + line.format(canary=ground.canary), "in_app": True, "vars": {},
    }  # fmt: skip
    event["exception"]["values"][0]["stacktrace"]["frames"].insert(0, frame)  # type: ignore[index]
    assert is_harmless(ground, run(ground, event))


@pytest.mark.parametrize("node", VALUES, ids=lambda node: str(node[:2])[:40])
def test_recorded_values_that_are_attacks_do_not_stand_in_the_test(ground: Ground, node: list[object]) -> None:
    """What claims to come from the capture hook is written by strangers too."""
    event = ground.event(thing="<shop.Quiet object at 0x1>", prices="{}")
    text = json.dumps(node).replace("{canary}", str(ground.canary))
    objects = [["object", "shop:Quiet", "", {"name": json.loads(text)}]]
    frames = [
        {"error": 0, "at": at, "of": 2, "file": "/srv/app/shop.py", "line": frame["lineno"], "module": "shop",
         "function": frame["function"], "args": {"thing": [0], "prices": ["dict", []]}}
        for at, frame in enumerate(event["exception"]["values"][0]["stacktrace"]["frames"])  # type: ignore[index]
    ]  # fmt: skip
    whole = {"v": 1, "errors": ["builtins:KeyError"], "frames": frames, "objects": objects, "cut": {}, "sources": {}}
    event["contexts"] = {"triage": {"v": 1, "page": 1, "pages": 1, "data": [json.dumps(whole)]}}
    assert is_harmless(ground, run(ground, event))
