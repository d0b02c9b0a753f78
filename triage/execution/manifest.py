"""Says what a run changed in a tree of files."""

import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

CACHES = frozenset({".pytest_cache", ".hypothesis", ".mypy_cache", ".ruff_cache"})

# Mode, size, inode, and both times: ctime cannot be set back by whoever owns the file.
Print = tuple[int, int, int, int, int]
Manifest = Mapping[str, Print]


@dataclass(frozen=True, slots=True)
class Changes:
    """Posix paths relative to the root, sorted. `symlinks` are those of `added` that are links."""

    added: tuple[str, ...] = ()
    modified: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    symlinks: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.modified or self.removed)


def scan(root: Path, skip: Iterable[str] = ()) -> Manifest:
    """A print of everything below `root` except folders named in `skip`; links are not followed.

    Folders that cannot be read are recorded and not entered. About 2.5 µs a file.
    """
    left_out = frozenset(skip)
    found: dict[str, Print] = {}
    pending = [("", os.fspath(root))]
    while pending:
        prefix, folder = pending.pop()
        try:
            entries = os.scandir(folder)
        except OSError:
            continue
        with entries:
            for entry in entries:
                name = prefix + entry.name
                info = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(info.st_mode):
                    if entry.name in left_out:
                        continue
                    found[name] = (info.st_mode, 0, 0, 0, 0)
                    pending.append((name + "/", entry.path))
                else:
                    found[name] = (info.st_mode, info.st_size, info.st_ino, info.st_mtime_ns, info.st_ctime_ns)
    return found


def print_of(path: Path) -> Print:
    """The print that `scan` would record for one file."""
    info = path.lstat()
    return (info.st_mode, info.st_size, info.st_ino, info.st_mtime_ns, info.st_ctime_ns)


def compare(before: Manifest, after: Manifest) -> Changes:
    """What differs; a folder that only holds what was added is not listed itself."""
    added = sorted(name for name in after.keys() - before.keys() if not stat.S_ISDIR(after[name][0]))
    parents = {parent for name in added for parent in _parents(name)}
    added += sorted(
        name for name in after.keys() - before.keys() if stat.S_ISDIR(after[name][0]) and name not in parents
    )
    modified = sorted(name for name in after.keys() & before.keys() if after[name] != before[name])
    return Changes(
        tuple(added),
        tuple(modified),
        tuple(sorted(before.keys() - after.keys())),
        tuple(name for name in added if stat.S_ISLNK(after[name][0])),
    )


def _parents(name: str) -> Iterable[str]:
    while "/" in name:
        name = name.rsplit("/", 1)[0]
        yield name
