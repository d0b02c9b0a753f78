"""Line numbers carried from one version of a file to another by diff."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.codebase.git import Git, TreeEntry, explain

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
    changed: list[str] = []
    for path in paths:
        target = path if path in new_tree else moved.get(path)
        if target is None or target not in new_tree:
            found[path] = None
        elif old_tree[path].blob == new_tree[target].blob:
            found[path] = (target, IDENTITY)
        elif target == path and re.fullmatch(r"[\w./ +-]+", path, re.ASCII):
            changed.append(path)
        else:
            found[path] = (target, await line_map(git, old_tree[path].blob, new_tree[target].blob))
    found.update(await _maps_at_once(git, old, new, changed))
    return found


async def _maps_at_once(git: Git, old: str, new: str, paths: Sequence[str]) -> dict[str, tuple[str, LineMap]]:
    """The maps of files with plain names that stayed in place, from one diff."""
    if not paths:
        return {}
    options = ("-U0", "-w", "--no-renames", "--no-ext-diff", "--no-textconv", "--text")
    result = await git.call("diff", *options, "--src-prefix=a/", "--dst-prefix=b/", old, new, "--", *paths)
    if result.code:
        raise explain(result, ("diff",), git.repo)
    found = dict.fromkeys(paths, IDENTITY)
    for section in re.split(rb"^diff --git ", result.stdout, flags=re.MULTILINE)[1:]:
        heading = section.partition(b"\n")[0].decode("utf-8", "replace")
        for path in paths:
            if heading == f"a/{path} b/{path}":
                found[path] = parse_hunks(section)
    return {path: (path, lines) for path, lines in found.items()}
