"""The `triage` command as a stranger runs it: a process of its own, on a real repo."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "triage")

SOURCE = """\
def total(items, discount):
    rate = 100 / discount
    return sum(items) * rate
"""
TEST = """\
from shop.price import total


def test_total():
    assert total([1], 100) == 1
"""


@dataclass(frozen=True)
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # whatever the command's document holds
        return json.loads(self.out)

    @property
    def last(self) -> str:
        return self.err.rstrip("\n").rpartition("\n")[2]


def environment(**more: str) -> dict[str, str]:
    """This process's, with the package importable from anywhere."""
    return {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", **more}


def triage(
    *arguments: object, env: Mapping[str, str] | None = None, cwd: Path | None = None, timeout: float = 60
) -> Said:
    """Run the command to its end; whatever happens, no traceback is printed."""
    command: Sequence[str] = (*COMMAND, *map(str, arguments))
    done = subprocess.run(
        command,
        capture_output=True,
        env=dict(env or environment()),
        cwd=cwd,
        timeout=timeout,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    said = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in said.out + said.err, said
    assert said.code != 70, said
    return said


def git(repo: Path, *arguments: str) -> str:
    person = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    done = subprocess.run(("git", *person, *arguments), cwd=repo, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def make_repo(folder: Path) -> Path:
    """A checkout with one bug and one test that does not see it."""
    (folder / "shop").mkdir(parents=True)
    (folder / "tests").mkdir()
    (folder / "shop/__init__.py").touch()
    (folder / "shop/price.py").write_text(SOURCE)
    (folder / "tests/test_price.py").write_text(TEST)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "a shop")
    return folder


def crash(variables: Mapping[str, object] | None = None, /, **frame: object) -> dict[str, Any]:
    """The event that the bug sends, with parts of its one frame replaced."""
    return {
        "event_id": "ab" * 16,
        "timestamp": "2026-01-01T00:00:00Z",
        "platform": "python",
        "level": "error",
        "exception": {
            "values": [
                {
                    "type": "ZeroDivisionError",
                    "value": "division by zero",
                    "stacktrace": {
                        "frames": [
                            {
                                "filename": "shop/price.py",
                                "abs_path": "/app/shop/price.py",
                                "module": "shop.price",
                                "function": "total",
                                "lineno": 2,
                                "context_line": "    rate = 100 / discount",
                                "in_app": True,
                                "vars": dict(variables or {"items": ["1", "2"], "discount": "0"}),
                                **frame,
                            }
                        ]
                    },
                }
            ]
        },
    }


def saved(folder: Path, event: object, name: str = "event.json") -> Path:
    file = folder / name
    file.write_text(json.dumps(event))
    return file
