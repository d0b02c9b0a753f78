"""The working directory of production, where it was not the repo: files that are named from there are not found."""

import ast
import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import Scene

KINDS = ("FileNotFoundError", "NotADirectoryError", "OSError", "IOError")
_MISSING = re.compile(r"No such file or directory: '([^'\n]+)'|'([^'\n]+)' (?:not found|does not exist)")


def missing(scene: "Scene") -> str:
    """The relative path that was not found; "" where the crash is another one."""
    crash = scene.event.crash
    if crash is None or crash.type.rpartition(".")[2] not in KINDS:
        return ""
    found = _MISSING.search(crash.value[:1000])
    path = PurePosixPath(found[1] or found[2]) if found else PurePosixPath("/")
    return "" if path.is_absolute() or ".." in path.parts else str(path)


def prepare(builder: "Builder") -> None:
    """Another working directory as the first choice where the repo has the file that was not found."""
    relative = missing(builder.scene)
    if not relative or not (builder.mined.root / relative).exists():
        return
    if builder.choices.pick("the working directory", [(0.0, True), (0.6, False)]):
        move = ast.Attribute(builder.fixture("monkeypatch"), "chdir")
        builder.add(ast.Expr(ast.Call(move, [builder.fixture("tmp_path")], [])))
        builder.notes.append("the working directory is another one than the repo's, as in production")
