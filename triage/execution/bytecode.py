"""Keeps compiled modules between runs, which halves the time of one; drafts can only read them.

Environments made by uv come without bytecode, and a draft must not write any: what it wrote,
the next run would execute. So the probe says which modules it loaded, and before the next run we
compile those ourselves, without running them. Modules of the worktree are cached in it; those of
an environment without bytecode in a folder of ours (PYTHONPYCACHEPREFIX), kept for good. Such a folder is
used once it is filled: before that it would only hide the bytecode of the standard library.
"""

import asyncio
import hashlib
import json
import logging
import os
from collections.abc import Coroutine, Sequence
from pathlib import Path, PurePosixPath

from triage import paths
from triage.domain.verdict import Isolation
from triage.execution import scratch
from triage.execution.process import Exited, stream
from triage.execution.sandbox import wrap

INSIDE = Path(__file__).parent.parent / "inside"
_COMPILER = INSIDE / "probe_compile.py"
_MOST_FILES = 4_000
_FEW_FILES = 20
_FILLED = "filled"
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


def filled_prefix(interpreter: Path, roots: Sequence[Path]) -> Path | None:
    """`prefix`, once something was compiled into it."""
    kept = prefix(interpreter, roots)
    return kept if kept is not None and (kept / _FILLED).exists() else None


def uncompiled(files: Sequence[str], kept: Path, tag: str) -> list[str]:
    """Of modules' files those that `kept` has no bytecode for, none when they are not worth a process; `tag` is
    the interpreter's cache tag."""
    chosen = []
    for file in files[:_MOST_FILES]:
        pure = PurePosixPath(file)
        cached = kept / str(pure.parent).lstrip("/") / f"{pure.stem}.{tag}.pyc"
        if pure.suffix == ".py" and pure.is_absolute() and not cached.exists():
            chosen.append(file)
    if len(chosen) >= _FEW_FILES:
        return chosen
    (kept / _FILLED).touch()
    return []


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
    gently: bool = False,
) -> None:
    """Compile `files` with the target's interpreter, in the sandbox; a file that will not compile is left out.

    `gently`: only when the processor has nothing else to do."""
    env = {"PYTHONPYCACHEPREFIX": str(kept)} if kept is not None else {}
    argv = wrap(
        tier,
        [str(interpreter), *(("-I", "-S") if kept is None else ("-s", "-S")), str(_COMPILER)] + ["--gently"] * gently,
        read_only=(*read_only, *(() if kept is None else (tree,))),
        writable=(tree,) if kept is None else (kept,),
        cwd=tree,
        env=env,
        cpu_seconds=_SECONDS,
    )
    async for item in stream(argv, timeout=_SECONDS, input=json.dumps(list(files)).encode()):
        if isinstance(item, Exited):
            if kept is not None and item.code == 0:
                (kept / _FILLED).touch()
            return
