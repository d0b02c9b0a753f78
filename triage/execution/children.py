"""Which processes this one has started, and an end to them that does not ask."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Collection, Iterable
from pathlib import Path

_PROC = Path("/proc")


def children(pid: int | None = None) -> set[int]:
    """The direct children of a process (None: this one); empty where nobody can say."""
    pid = os.getpid() if pid is None else pid
    try:
        tasks = list((_PROC / str(pid) / "task").iterdir())
        return {int(word) for task in tasks for word in (task / "children").read_text().split()}
    except FileNotFoundError:
        pass  # gone meanwhile, another system, or a kernel without these lists
    except OSError:
        return set()
    return {child for child, parent in _parents() if parent == pid}


def end_children(spare: Collection[int] = ()) -> None:
    """SIGKILL to everything below this process, whatever session or group it went into, except
    the direct children in `spare` and what is below them."""
    pending = list(children() - set(spare))
    for pid in pending:  # grows: what is below a process is asked before the process is gone
        pending += children(pid)
    for pid in pending:
        with contextlib.suppress(OSError):
            if os.getpgid(pid) == pid:
                os.killpg(pid, signal.SIGKILL)
        with contextlib.suppress(OSError):
            os.kill(pid, signal.SIGKILL)


def _parents() -> Iterable[tuple[int, int]]:
    """(process, its parent) of all processes."""
    if _PROC.is_dir():
        for folder in _PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError, ValueError, IndexError):
                # The name in brackets may hold anything; the parent is the second word after it.
                yield int(folder.name), int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        return
    try:
        listing = subprocess.run(("ps", "-axo", "pid=,ppid="), capture_output=True, text=True, timeout=1, check=False)
    except (OSError, subprocess.SubprocessError):
        return
    for row in listing.stdout.splitlines():
        with contextlib.suppress(ValueError):
            child, parent = row.split()
            yield int(child), int(parent)
