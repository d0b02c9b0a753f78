"""The files of a commit, and where its code is imported from."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.codebase.git import Git, TreeEntry
from triage.codebase.layout import PROJECT_FILES, roots_of
from triage.codebase.source import decode
from triage.codebase.stack_paths import FileTree


@dataclass(frozen=True, slots=True)
class CommitTree:
    """A commit's files and where its code is imported from."""

    commit: str
    entries: Mapping[str, TreeEntry]
    files: FileTree


_TREES: dict[tuple[str, str], CommitTree] = {}


async def commit_tree(git: Git, commit: str) -> CommitTree:
    """The files of a commit; the last few are kept, since a commit never changes."""
    key = (str(git.repo), commit)
    if key in _TREES:
        return _TREES[key]
    entries = await git.entries(commit)
    projects = [path for path in entries if path.rpartition("/")[2] in PROJECT_FILES and path.count("/") <= 3]
    contents = await git.blobs(entries[path].blob for path in projects)
    texts = {path: decode(contents[entries[path].blob]) for path in projects if entries[path].blob in contents}
    tree = CommitTree(commit, entries, FileTree.of(entries, roots_of(entries, texts)))
    for old in list(_TREES)[:-5]:  # several threads look here
        _TREES.pop(old, None)
    _TREES[key] = tree
    return tree
