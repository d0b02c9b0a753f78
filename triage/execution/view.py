"""What a sandboxed run can see of the machine: an ordered list of mounts, everything else is absent."""

import glob
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.errors import Refused

HOME = "/tmp/home"
SCRATCH_BYTES = 512 * 1024 * 1024
_ETC = Path(__file__).parent / "etc"
_SYSTEM_FOLDERS = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/nix/store", "/gnu/store")
_SYSTEM_FILES = (
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/alternatives",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/mime.types",
    "/etc/services",
    "/etc/protocols",
    "/etc/ssl/openssl.cnf",
)
# Real root keeps its power over these in a user namespace (sysctl checks the outer uid), and
# bubblewrap 0.8 leaves them writable then. The masked ones tell about the machine or its keys.
PROC_READ_ONLY = ("sys", "sysrq-trigger", "irq", "bus", "fs", "mtrr", "driver", "pressure")
PROC_MASKED = ("kcore", "keys", "kallsyms", "timer_list", "kmsg", "key-users")
PROC_HIDDEN = ("acpi", "asound", "scsi")


@dataclass(frozen=True, slots=True)
class Mount:
    """`kind` is "ro", "rw" (bind of `source`), "tmpfs" (`size` bytes), "symlink" (to `source`),
    "proc", "dev", "dir", or "null" (an empty file over it)."""

    kind: str
    target: str
    source: str = ""
    size: int = 0


def view(read_only: Sequence[Path], writable: Sequence[Path]) -> list[Mount]:
    """The mounts of a run, parents before what lies in them.

    Paths appear inside under the names they have outside. Where one of `read_only` holds a
    `.git`, that is hidden. Raises Refused for a path so wide that it would show the home folder.
    """
    mounts = [*_system(), Mount("proc", "/proc"), Mount("dev", "/dev"), Mount("tmpfs", "/dev/shm", size=SCRATCH_BYTES)]
    mounts += [Mount("tmpfs", "/tmp", size=SCRATCH_BYTES), Mount("dir", HOME), Mount("dir", "/var/tmp")]
    shown: dict[str, Mount] = {}
    for kind, paths in (("ro", read_only), ("rw", writable)):
        for path in _spelled(paths):
            _check_narrow(path)
            if os.path.exists(path) and not (kind == "ro" and _is_system(path)):
                shown[path] = Mount(kind, path, os.path.realpath(path))
    for path in sorted(shown, key=lambda item: item.split("/")):
        mounts.append(shown[path])
        git = os.path.join(path, ".git")
        if os.path.isdir(git):
            mounts.append(Mount("tmpfs", git, size=4096))
        elif os.path.exists(git):
            mounts.append(Mount("null", git))
    return mounts


def interpreter_folders(roots: Iterable[Path], interpreter: Path, keep_out: Iterable[Path]) -> tuple[Path, ...]:
    """The folders an interpreter needs, as narrow as can be.

    A root that would show one of `keep_out` (the home folder, the repo) is replaced by its
    bin, lib and so on. Every link on the way from `interpreter` to the real program is kept.
    """
    hidden = [os.path.realpath(path) for path in keep_out]
    found: list[Path] = []
    for root in roots:
        inside = os.path.realpath(root)
        if inside == "/" or any(_holds(inside, path) for path in hidden):
            for name in ("bin", "lib", "lib64", "include", "share", "libexec", "pyvenv.cfg", "conda-meta"):
                if (root / name).exists() and not any(_holds(os.path.realpath(root / name), path) for path in hidden):
                    found.append(root / name)
        else:
            found.append(root)
    program = interpreter
    for _ in range(20):
        if not program.is_symlink():
            break
        program = Path(os.path.normpath(program.parent / os.readlink(program)))
        # A link inside a folder that is shown is there already, and cannot be bound over.
        if not any(_holds(str(root), str(program)) for root in found):
            found.append(program)
    return tuple(found)


def _holds(folder: str, path: str) -> bool:
    return path == folder or path.startswith(folder.rstrip("/") + "/")


def _system() -> list[Mount]:
    mounts = []
    for name in _SYSTEM_FOLDERS:
        if os.path.islink(name):
            mounts.append(Mount("symlink", name, os.readlink(name)))
        elif os.path.isdir(name):
            mounts.append(Mount("ro", name, name))
    for name in (*_SYSTEM_FILES, *sorted(glob.glob("/etc/python3*"))):
        if os.path.exists(name):
            mounts.append(Mount("ro", name, os.path.realpath(name)))
    for file in sorted(_ETC.iterdir()):
        mounts.append(Mount("ro", f"/etc/{file.name}", str(file)))
    return mounts


def _is_system(path: str) -> bool:
    return path == "/usr" or path.startswith("/usr/")


def _spelled(paths: Iterable[Path]) -> list[str]:
    """Each path as given and as resolved: links into a folder must work by either name."""
    names: list[str] = []
    for path in paths:
        for name in (os.path.abspath(path), os.path.realpath(path)):
            if name not in names:
                names.append(name)
    return names


def _check_narrow(path: str) -> None:
    home = os.path.realpath(os.path.expanduser("~"))
    if path in ("/", "/etc", "/var", "/home", "/root", "/proc", "/sys", "/dev", "/tmp") or _holds(path, home):
        raise Refused(
            f"the sandbox would show {path}",
            "a run may see only what it needs, and this folder holds other things",
            "use an interpreter in a virtual environment of its own (`python` in triage.toml)",
        )
