"""Who touched a code path, who owns it, and which commit most likely brought the bug."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from triage.codebase import blame as blaming
from triage.codebase.commit_tree import CommitTree
from triage.codebase.git import Git
from triage.codebase.owners import PLACES, OwnerRule, owners_of, parse_owners
from triage.codebase.releases import Release
from triage.domain.code_path import Blame, CodePath, LocatedFrame
from triage.domain.event import Event

_BLAMED_FILES = 6


async def with_history(
    git: Git,
    code_path: CodePath,
    event: Event,
    release: Release | None,
    head_tree: CommitTree,
    base_tree: CommitTree,
    function: range,
) -> CodePath:
    """Add blame at the release's lines, owners at HEAD and the suspect commit.

    `function` holds the lines of the crashing function at the release.
    """
    assert code_path.commit is not None
    crash = code_path.crash
    wanted: dict[str, set[int]] = {}
    for item in reversed(_all_frames(code_path)):
        if item.path and item.release_line and (item.path in wanted or len(wanted) < _BLAMED_FILES):
            wanted.setdefault(item.path, set()).add(item.release_line)
    if crash is not None and crash.path and crash.path in wanted:
        wanted[crash.path] |= set(function)
    files, ownership, between, recent = await asyncio.gather(
        blaming.blame_files(
            git,
            code_path.commit,
            [blaming.Wanted(path, frozenset(lines)) for path, lines in wanted.items()],
            blaming.IGNORED_REVISIONS in base_tree.entries,
        ),
        _ownership(git, head_tree),
        blaming.commits_between(git, release) if release else _nothing(),
        blaming.last_commits(git, code_path.commit, crash.path) if crash and crash.path else _nobody(),
    )

    def dress(item: LocatedFrame) -> LocatedFrame:
        if item.path is None:
            return item
        blamed = files.get(item.path)
        blame = blamed.by_line.get(item.release_line) if blamed and item.release_line else None
        return replace(item, blame=blame, owners=owners_of(item.path, ownership))

    cache: dict[int, LocatedFrame] = {}

    def dressed(stack: Iterable[LocatedFrame]) -> tuple[LocatedFrame, ...]:
        return tuple(cache.setdefault(id(item), dress(item)) for item in stack)

    suspect = None
    if crash is not None and crash.path in files:
        blamed = files[crash.path]
        inside = [item for item in code_path.frames if item.path and item is not crash and item.release_line]
        callers = [
            files[item.path].by_line.get(item.release_line)
            for item in inside[-4:]
            if item.path in files and item.release_line
        ]
        history = blaming.CrashHistory(
            blamed.by_line.get(crash.release_line) if crash.release_line else None,
            tuple(blamed.by_line[line] for line in function if line in blamed.by_line),
            tuple(item for item in callers if item is not None),
            recent,
            frozenset().union(*(item.first for item in files.values())),
        )
        suspect = blaming.suspect(history, release, between, event.occurred_at)
    return replace(
        code_path,
        frames=dressed(code_path.frames),
        causes=tuple(dressed(stack) for stack in code_path.causes),
        suspect=suspect,
    )


def _all_frames(code_path: CodePath) -> list[LocatedFrame]:
    return [item for stack in (*reversed(code_path.causes), code_path.frames) for item in stack]


async def _nothing() -> frozenset[str]:
    return frozenset()


async def _nobody() -> tuple[Blame, ...]:
    return ()


async def _ownership(git: Git, head_tree: CommitTree) -> tuple[OwnerRule, ...]:
    for place_ in PLACES:
        if place_ in head_tree.entries:
            blob = head_tree.entries[place_].blob
            content = (await git.blobs([blob])).get(blob, b"")
            return parse_owners(content.decode("utf-8", "replace"))
    return ()
