"""Keeps compiled modules between runs, which halves the time of one; drafts can only read them.

Environments made by uv come without bytecode, and a draft must not write any: what it wrote,
the next run would execute. So the probe says which modules it loaded, and before the next run we
compile those ourselves, without running them. Modules of the worktree are cached in it; those of
an environment without bytecode in a folder of ours (PYTHONPYCACHEPREFIX), kept for good.
"""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path

from triage import paths
from triage.domain.verdict import Isolation
from triage.execution import scratch
from triage.execution.process import Exited, stream
from triage.execution.sandbox import wrap

_COMPILER = Path(__file__).parent.parent / "inside" / "probe_compile.py"
_MOST_FILES = 4_000
_SECONDS = 60.0
_tidied: set[Path] = set()
_going: set[asyncio.Task[None]] = set()
log = logging.getLogger("triage.execution")


def prefix(interpreter: Path, roots: Sequence[Path]) -> Path | None:
    """Where this interpreter's bytecode is kept; None when its environment has bytecode of its own.

    The first of `roots` that holds a pytest decides: the interpreters below a venv have their own.
    """
    found = next((folder for root in roots for folder in root.glob("lib/python3*/site-packages/_pytest")), None)
    if found is None or (found / "__pycache__").is_dir():
        return None
    name = hashlib.sha256(f"{interpreter}\0{interpreter.resolve()}".encode()).hexdigest()[:16]
    folder = paths.data_dir() / "bytecode" / name
    folder.mkdir(parents=True, exist_ok=True)
    if folder not in _tidied:
        _tidied.add(folder)
        _forget_old_worktrees(folder)
    return folder


def _forget_old_worktrees(folder: Path) -> None:
    runs = paths.scratch_dir() / "runs"
    kept = folder / str(runs).lstrip("/")
    if kept.is_dir():
        for child in kept.iterdir():
            if not (runs / child.name).exists():
                scratch.discard(child)


def worth_compiling(files: Sequence[str], tree: Path, kept: Path | None) -> list[str]:
    """Of the files a run loaded those that have no bytecode yet and may get some."""
    inside = f"{tree}{os.sep}"
    chosen = []
    for file in files[:_MOST_FILES]:
        if not file.endswith(".py") or not os.path.isfile(file):
            continue
        if kept is not None or file.startswith(inside):
            chosen.append(file)
    return chosen


def beside(compiling: Coroutine[None, None, None]) -> None:
    """Compile while other things go on; given up when the program ends before."""
    task = asyncio.ensure_future(compiling)
    _going.add(task)
    task.add_done_callback(_done)


def _done(task: asyncio.Task[None]) -> None:
    _going.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        log.info("modules stay uncompiled: %s", error)


async def compile_files(
    files: Sequence[str],
    *,
    interpreter: Path,
    read_only: Sequence[Path],
    tree: Path,
    kept: Path | None,
    tier: Isolation,
) -> None:
    """Compile `files` with the target's interpreter, in the sandbox; a file that will not compile is left out."""
    env = {"PYTHONPYCACHEPREFIX": str(kept)} if kept is not None else {}
    argv = wrap(
        tier,
        [str(interpreter), "-I", "-S", str(_COMPILER)]
        if kept is None
        else [str(interpreter), "-s", "-S", str(_COMPILER)],
        read_only=(*read_only, *(() if kept is None else (tree,))),
        writable=(tree,) if kept is None else (kept,),
        cwd=tree,
        env=env,
        cpu_seconds=_SECONDS,
    )
    async for item in stream(argv, timeout=_SECONDS, input=json.dumps(list(files)).encode()):
        if isinstance(item, Exited):
            return
