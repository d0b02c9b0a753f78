"""Line numbers carried from one version of a file to another by diff."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.codebase.git import Git, TreeEntry

_HUNK = re.compile(rb"^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class LineMap:
    """The changed stretches: old start, old count, new start, new count, in order.

    Starts are 1-based; for a count of 0 the start is the line before, as in a diff.
    """

    hunks: tuple[tuple[int, int, int, int], ...] = ()

    def carry(self, line: int) -> int | None:
        """The line's number in the new version, None when it was changed or removed."""
        shift = 0
        for old_start, old_count, _, new_count in self.hunks:
            first = old_start + (1 if old_count == 0 else 0)
            if line < first:
                break
            if line < first + old_count:
                return None
            shift += new_count - old_count
        return line + shift

    def reversed(self) -> "LineMap":
        return LineMap(tuple((new, count, old, old_count) for old, old_count, new, count in self.hunks))


IDENTITY = LineMap()


def parse_hunks(diff: bytes) -> LineMap:
    """The map of a `git diff -U0` of one file."""
    hunks = []
    for found in _HUNK.finditer(diff):
        old, old_count, new, new_count = found.groups()
        hunks.append((int(old), int(old_count or 1), int(new), int(new_count or 1)))
    return LineMap(tuple(hunks))


async def line_map(git: Git, old_blob: str, new_blob: str) -> LineMap:
    """How lines moved between two blobs; whitespace changes leave a line in place."""
    if old_blob == new_blob:
        return IDENTITY
    result = await git.call("diff", "-U0", "-w", "--no-ext-diff", "--no-textconv", "--text", old_blob, new_blob)
    return parse_hunks(result.stdout)


async def renamed(git: Git, old: str, new: str, gone: Sequence[str]) -> dict[str, str]:
    """Where files that are gone went, as far as git recognises a rename."""
    if not gone:
        return {}
    result = await git.call("diff", "--raw", "-z", "-M", "--diff-filter=R", "--no-ext-diff", "-l", "2000", old, new)
    found = {}
    parts = result.text.split("\0")
    for index in range(0, len(parts) - 2, 3):
        found[parts[index + 1]] = parts[index + 2]
    return {path: found[path] for path in gone if path in found}


async def maps_between(
    git: Git,
    old: str,
    new: str,
    old_tree: dict[str, TreeEntry],
    new_tree: dict[str, TreeEntry],
    paths: Sequence[str],
) -> dict[str, tuple[str, LineMap] | None]:
    """For each path at commit `old`: its path at `new` and the line map; None when it is gone."""
    gone = [path for path in paths if path not in new_tree]
    moved = await renamed(git, old, new, gone)
    found: dict[str, tuple[str, LineMap] | None] = {}
    for path in paths:
        target = path if path in new_tree else moved.get(path)
        if target is None or target not in new_tree:
            found[path] = None
            continue
        found[path] = (target, await line_map(git, old_tree[path].blob, new_tree[target].blob))
    return found
