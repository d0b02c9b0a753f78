"""Hands out folders that vanish with this process, and clears those of processes that crashed."""

import atexit
import contextlib
import fcntl
import os
import secrets
import shutil
import stat
import threading
from collections.abc import Callable
from pathlib import Path

from triage import paths
from triage.errors import Unavailable, full_disk

_own: dict[Path, Path] = {}
_locks: list[int] = []
_guard = threading.Lock()


def new_folder() -> Path:
    """A new empty folder on the same disk as our other data, for this process only.

    Raises Unavailable where nothing can be written.
    """
    with _guard:
        try:
            folder = _process_folder() / secrets.token_hex(4)
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise full_disk(error) or Unavailable(
                "no room for scratch folders",
                f"{paths.scratch_dir()}: {error.strerror}",
                "make it writable, or name another place with TRIAGE_HOME",
            ) from error
        return folder


def discard(folder: Path) -> None:
    """Remove a folder whatever a draft did to it; what cannot be removed goes at the next start."""
    with contextlib.suppress(OSError):
        shutil.rmtree(folder, onerror=_open_up)


def _process_folder() -> Path:
    base = paths.scratch_dir() / "runs"
    if base in _own and _own[base].is_dir():
        return _own[base]
    base.mkdir(parents=True, exist_ok=True)
    clear_stale(base)
    while True:
        name = f"{os.getpid()}-{secrets.token_hex(3)}"
        lock = os.open(base / f"{name}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            continue
        _locks.append(lock)
        folder = base / name
        folder.mkdir(mode=0o700)
        _own[base] = folder
        atexit.register(_leave, folder, os.getpid())
        return folder


def clear_stale(base: Path) -> None:
    """Remove what processes that are gone left behind; a held lock means that its owner lives."""
    for lock in base.glob("*.lock"):
        try:
            handle = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            continue
        else:
            discard(lock.with_suffix(""))
            lock.unlink(missing_ok=True)
        finally:
            os.close(handle)


def _leave(folder: Path, owner: int) -> None:
    if os.getpid() == owner:
        discard(folder)
        folder.with_name(folder.name + ".lock").unlink(missing_ok=True)


def _open_up(function: Callable[..., object], path: str, _error: object) -> None:
    """rmtree met something it may not touch: a draft took the rights away from its own folder."""
    with contextlib.suppress(OSError):
        os.chmod(os.path.dirname(path), stat.S_IRWXU)
        if not os.path.islink(path):
            os.chmod(path, stat.S_IRWXU)
        if function in (os.scandir, os.open, os.listdir):
            shutil.rmtree(path, ignore_errors=True)
        else:
            function(path)
