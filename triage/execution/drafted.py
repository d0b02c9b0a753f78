"""Puts a draft's file into a worktree, and after the run says what else was changed and undoes it."""

import asyncio
import os
import shutil
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from triage.errors import BadInput
from triage.execution.manifest import CACHES, Changes, compare, scan
from triage.execution.process import collect
from triage.execution.worktree import Worktree

# Files that make later runs or the user's tools execute something.
POWERFUL = frozenset(
    {
        "conftest.py", "sitecustomize.py", "usercustomize.py", "__init__.py", "pytest.ini", ".pytest.ini", "tox.ini",
        "setup.cfg", "setup.py", "pyproject.toml", "noxfile.py", "Makefile", ".gitattributes", ".gitmodules",
        ".gitignore", ".pre-commit-config.yaml", ".coveragerc", ".env",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Aftermath:
    """`refused` are changes no draft may make; `notes` speak of harmless ones."""

    refused: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


def put(tree: Worktree, path: str, source: str) -> Path:
    """Write the test file; its absolute path. Raises BadInput when a link would lead elsewhere."""
    file = tree.path / path
    for parent in (file, *file.parents):
        if parent == tree.path:
            break
        if parent.is_symlink():
            raise BadInput(f"{path} goes through a symbolic link", "a test file must lie in the repo itself")
    file.parent.mkdir(parents=True, exist_ok=True)
    if file.exists() and tree.replaced is None:
        tree.replaced = file.read_bytes()
    file.write_bytes(source.encode("utf-8", "surrogatepass"))
    return file


async def settle(tree: Worktree, path: str, source: str, clean: bool) -> Aftermath:
    """Compare the worktree with what it was before the run, and make it so again.

    A worktree that was changed otherwise, or whose run was killed (something may still write),
    is given up.
    """
    after = await asyncio.to_thread(scan, tree.path, CACHES)
    changes = compare(tree.pristine, after)
    folders = {str(parent) for parent in PurePosixPath(path).parents}
    own = {path, *folders}
    refused = [name for name in changes.modified if name != path]
    refused += changes.removed
    if _content(tree.path / path) != source.encode("utf-8", "surrogatepass"):
        refused.append(path)
    fresh = [name for name in changes.added if name not in own]
    added = [name for name in fresh if "__pycache__" not in PurePosixPath(name).parts or name in changes.symlinks]
    ignored = await _ignored(tree, added)
    refused += [name for name in added if name not in ignored or _is_powerful(name, changes)]
    harmless = [name for name in added if name not in refused]
    if refused or fresh or not clean:
        tree.spoiled = True
    else:
        await asyncio.to_thread(_take_back, tree, path)
    notes = (f"left files behind that git ignores: {', '.join(harmless[:5])}",) if harmless else ()
    return Aftermath(tuple(sorted(set(refused))), notes)


def clear(tree: Worktree) -> None:
    """Remove the files that a run added, so that the next one answers for its own; what it changed otherwise stays."""
    for name in compare(tree.pristine, scan(tree.path, CACHES)).added:
        file = tree.path / name
        if file.is_symlink() or not file.is_dir():
            file.unlink(missing_ok=True)


def _is_powerful(name: str, changes: Changes) -> bool:
    return name in changes.symlinks or is_code(name)


def is_code(name: str) -> bool:
    """Whether later runs or the user's tools would execute a file of this name."""
    pure = PurePosixPath(name)
    return (
        pure.name in POWERFUL
        or pure.suffix in (".pth", ".so", ".pyd", ".py")
        or ".git" in pure.parts
        or "hooks" in pure.parts
    )


async def _ignored(tree: Worktree, names: list[str]) -> set[str]:
    """Those of `names` that the commit's own .gitignore files ignore."""
    if not names or len(names) > 2000:
        return set()
    empty = tree.folder / "empty.git"
    around = {"PATH": os.environ.get("PATH", os.defpath), "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
    await collect(["git", "init", "-q", "--bare", "--template=", str(empty)], env=around, timeout=30)
    done = await collect(
        [
            "git",
            f"--git-dir={empty}",
            f"--work-tree={tree.path}",
            "-c",
            "core.bare=false",
            "check-ignore",
            "--no-index",
            "-z",
            "--stdin",
        ],
        cwd=tree.path,
        env=around,
        input="\0".join(names).encode("utf-8", "surrogateescape"),
        timeout=30,
    )
    return {os.fsdecode(name) for name in done.stdout.split(b"\0") if name}


def _content(file: Path) -> bytes | None:
    try:
        return None if file.is_symlink() else file.read_bytes()
    except OSError:
        return None


def _take_back(tree: Worktree, path: str) -> None:
    """Make the worktree as it was before `put`."""
    file = tree.path / path
    if tree.replaced is not None:
        file.write_bytes(tree.replaced)
        tree.replaced = None
    else:
        file.unlink(missing_ok=True)
        for parent in file.parents:
            name = parent.relative_to(tree.path).as_posix()
            if parent == tree.path or name in tree.pristine:
                break
            shutil.rmtree(parent, ignore_errors=True)
    tree.note_restored(path)
