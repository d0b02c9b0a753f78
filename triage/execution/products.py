"""Copies what git ignores but an import of the checkout needs: generated modules, built extensions.

`_version.py` from setuptools-scm and an in-place built `.so` are the usual ones. Only files that
lie beside tracked Python files are taken, so neither environments nor build folders come along.
"""

import asyncio
import os
import shutil
from pathlib import Path

from triage.execution.repository import git

_SUFFIXES = (".py", ".so", ".pyd", ".dylib")
_MOST_BYTES = 200 * 1024 * 1024
_NOT_NEEDED = frozenset({"conftest.py", "sitecustomize.py", "usercustomize.py"})


async def copy(repo: Path, target: Path) -> list[str]:
    """Copy build products of the checkout at `repo` into `target`; their paths, sorted.

    Nothing for a bare repository. A file that the commit itself has is never overwritten.
    """
    listed = await git(
        repo,
        "ls-files",
        "--others",
        "--ignored",
        "--exclude-standard",
        "--directory",
        "--full-name",
        "-z",
        ":/",
        check=False,
    )
    if listed.code != 0:
        return []
    top = (await git(repo, "rev-parse", "--show-toplevel", check=False)).text.rstrip("\n")
    if not top:
        return []
    return await asyncio.to_thread(_copy, Path(top), target, listed.text.split("\0"))


def _copy(top: Path, target: Path, names: list[str]) -> list[str]:
    copied = []
    room = _MOST_BYTES
    for name in sorted(filter(None, names)):
        source, place = top / name, target / name.rstrip("/")
        if place.exists() or not place.parent.is_dir() or source.is_symlink():
            continue
        if name.endswith(".egg-info/"):
            shutil.copytree(source, place, symlinks=True)
        elif (
            name.endswith(_SUFFIXES)
            and source.is_file()
            and source.name not in _NOT_NEEDED
            and _has_python(place.parent)
        ):
            size = source.stat().st_size
            if size > room:
                continue
            room -= size
            shutil.copy2(source, place)
        else:
            continue
        copied.append(name.rstrip("/"))
    return copied


def _has_python(folder: Path) -> bool:
    with os.scandir(folder) as entries:
        return any(entry.name.endswith((".py", ".pyx")) and entry.is_file() for entry in entries)
