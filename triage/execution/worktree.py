"""Lays a commit out in a folder of our own, and keeps it for the next run of the same commit.

Not a `git worktree`: that would write into the user's `.git`, and its `.git` pointer would lead
a draft there. `read-tree` with an index of our own gives the same files and touches nothing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from triage.errors import TriageError
from triage.execution import products, scratch
from triage.execution.manifest import CACHES, Manifest, compare, print_of, scan
from triage.execution.repository import git, resolve

_MOST_IDLE = 6


class Worktree:
    """A commit's files in `path`. `uncompiled` are modules the last run loaded, to be compiled once.

    `notes` say what was copied from the checkout besides the commit's own files.
    """

    def __init__(self, folder: Path, commit: str) -> None:
        self.folder = folder
        self.path = folder / "tree"
        self.commit = commit
        self.notes: tuple[str, ...] = ()
        self.pristine: Manifest = {}
        self.replaced: bytes | None = None
        self.uncompiled: tuple[str, ...] = ()
        self.compiled = False
        self.spoiled = False

    def note_restored(self, path: str) -> None:
        """A file of the commit was written anew with its old content: remember its new print."""
        if path in self.pristine:
            self.pristine = {**self.pristine, path: print_of(self.path / path)}


_idle: dict[tuple[str, str], list[Worktree]] = {}


@contextlib.asynccontextmanager
async def worktree(repo: Path, commit: str) -> AsyncIterator[Path]:
    """The path of `borrowed(repo, commit)`, for those who only read."""
    async with borrowed(repo, commit) as tree:
        try:
            yield tree.path
        finally:
            after = await asyncio.to_thread(scan, tree.path, CACHES)
            tree.spoiled = tree.spoiled or bool(compare(tree.pristine, after))


async def wrapped(path: Path) -> Worktree:
    """A worktree made by somebody else, as one of ours; what we need beside it lives with this process."""
    tree = Worktree(await asyncio.to_thread(scratch.new_folder), "")
    tree.path = path
    tree.pristine = await asyncio.to_thread(scan, path, CACHES)
    return tree


@contextlib.asynccontextmanager
async def borrowed(repo: Path, commit: str) -> AsyncIterator[Worktree]:
    """The files of `commit` (any ref), for this block alone.

    The user's worktree, index and `.git` are never written to; hooks and filters (LFS) don't
    run. Files that git ignores but an import needs (`_version.py`, built extensions, egg-info)
    are copied from the checkout. Laid out again when the last user spoiled it, else reused.
    Raises NotFound for an unknown ref and TriageError when git fails.
    """
    resolved = await resolve(repo, commit)
    key = (str(await asyncio.to_thread(repo.resolve)), resolved)
    waiting = _idle.get(key, [])
    tree = waiting.pop() if waiting else await _lay_out(repo, resolved)
    try:
        yield tree
    finally:
        _give_back(key, tree)


def _give_back(key: tuple[str, str], tree: Worktree) -> None:
    if tree.spoiled:
        scratch.discard(tree.folder)
        return
    _idle.setdefault(key, []).append(tree)
    while sum(len(trees) for trees in _idle.values()) > _MOST_IDLE:
        oldest = next(key for key, trees in _idle.items() if trees)
        scratch.discard(_idle[oldest].pop(0).folder)
        if not _idle[oldest]:
            del _idle[oldest]


async def _lay_out(repo: Path, commit: str) -> Worktree:
    folder = await asyncio.to_thread(scratch.new_folder)
    tree = Worktree(folder, commit)
    try:
        tree.path.mkdir()
        notes = await _fill(repo, commit, tree.path, folder / "index", depth=0)
        copied = await products.copy(repo, tree.path)
        if copied:
            notes.append(f"copied from the checkout, ignored by git: {', '.join(copied[:5])}{' …' * (len(copied) > 5)}")
        tree.notes = tuple(notes)
        tree.pristine = await asyncio.to_thread(scan, tree.path, CACHES)
    except BaseException:
        scratch.discard(folder)
        raise
    return tree


async def _fill(repo: Path, commit: str, target: Path, index: Path, depth: int) -> list[str]:
    """Write the commit's files into `target`, submodules too where the checkout has them."""
    git_dir = (await git(repo, "rev-parse", "--absolute-git-dir")).text.strip()
    settings = await _filters_off(repo)
    around = {
        "GIT_DIR": git_dir,
        "GIT_WORK_TREE": str(target),
        "GIT_INDEX_FILE": str(index),
        "GIT_LFS_SKIP_SMUDGE": "1",
    }
    await git(target, "read-tree", "-u", "--reset", commit, env=around, settings=settings)
    if depth > 3 or not (target / ".gitmodules").is_file():
        return []
    notes: list[str] = []
    listed = await git(target, "ls-files", "--stage", "-z", env=around)
    for entry in listed.text.split("\0"):
        about, _, path = entry.partition("\t")
        if not about.startswith("160000 "):
            continue
        if (repo / path / ".git").exists():
            (target / path).mkdir(parents=True, exist_ok=True)
            try:
                number = f"{index.name}-{len(notes)}-{depth}"
                notes += await _fill(repo / path, about.split()[1], target / path, index.with_name(number), depth + 1)
                continue
            except TriageError:
                pass
        notes.append(f"submodule {path} is not in the checkout and stays empty")
    return notes


async def _filters_off(repo: Path) -> dict[str, str]:
    """Settings that switch off every content filter (LFS, git-crypt) the user has configured."""
    listed = await git(
        repo, "config", "--name-only", "--get-regexp", r"^filter\..*\.(smudge|process|required)$", check=False
    )
    return {name: "false" if name.endswith(".required") else "" for name in listed.text.split("\n") if name.strip()}
