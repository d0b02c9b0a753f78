"""Child processes that end when their parent does, however it ends."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1


def _end_with_parent() -> Callable[[], None] | None:
    """What a child does before it starts: on Linux, ask the kernel to be ended with us."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)

    return ask


def start(
    command: Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    log: Path | None = None,
    stdin: int = subprocess.DEVNULL,
    stdout: int | None = None,
) -> "subprocess.Popen[bytes]":
    """Start `command` in a process group of its own; what it says goes to the end of `log`.

    On Linux the child ends with the thread that starts it, so call this from one that stays.
    """
    with contextlib.ExitStack() as stack:
        out = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        return subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(env),
            stdin=stdin,
            stdout=out if stdout is None else stdout,
            stderr=out,
            start_new_session=True,
            preexec_fn=_end_with_parent(),
        )


def python_path() -> str:
    """PYTHONPATH for children that must find this very package."""
    package_root = str(Path(__file__).parents[2])
    return os.pathsep.join(filter(None, (package_root, os.environ.get("PYTHONPATH"))))


def end_soon(process: "subprocess.Popen[bytes]") -> None:
    """Ask the process and its group to end, without waiting: `stop` then waits for less."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGTERM)


def stop(process: "subprocess.Popen[bytes]", patience: float = 2.0) -> None:
    """End the process and its group: asked first, then forced after `patience` seconds."""
    if process.stdin:
        process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
            return
