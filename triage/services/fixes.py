"""Which refs may hold the fix of an issue: branches, those first that change its code path."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass

from triage.domain.case import Case
from triage.domain.code_path import CodePath
from triage.services.workspace import Workspace

MOST_REFS = 500
MOST_COMPARED = 40


@dataclass(frozen=True, slots=True)
class FixRef:
    """A branch, local or of a remote. `changes` names a file of the code path that it changes
    since it left HEAD; None when it changes none or was not compared."""

    name: str
    subject: str
    age: str
    changes: str | None = None


async def fix_refs(workspace: Workspace, case: Case) -> list[FixRef]:
    """Branches that may hold the fix, newest first, those that change the code path before the
    others. Raises TriageError when git cannot be asked."""
    from triage.codebase.git import Git

    git = Git(workspace.repo)
    form = "%(refname)%00%(objectname)%00%(committerdate:relative)%00%(contents:subject)"
    listing = await git.run(
        "for-each-ref",
        f"--count={MOST_REFS}",
        "--sort=-committerdate",
        f"--format={form}",
        "refs/heads",
        "refs/remotes",
    )
    head = await git.resolve("HEAD")
    found: list[tuple[FixRef, str]] = []
    for row in listing.splitlines():
        name, commit, age, subject = [*row.split("\0"), "", "", ""][:4]
        short = name.removeprefix("refs/heads/").removeprefix("refs/remotes/")
        if commit != head and not name.endswith("/HEAD"):
            found.append((FixRef(short, subject, age), commit))
    compared = await asyncio.gather(*(changed_file(workspace, case, commit) for _, commit in found[:MOST_COMPARED]))
    refs = [
        dataclasses.replace(ref, changes=compared[at] if at < len(compared) else None)
        for at, (ref, _) in enumerate(found)
    ]
    return sorted(refs, key=lambda ref: ref.changes is None)


async def changed_file(workspace: Workspace, case: Case, commit: str) -> str | None:
    """The file of the code path that `commit` changes since it left HEAD, or since the release
    when HEAD holds it already; the crashing one rather than its callers. None when it changes none."""
    from triage.codebase.git import Git

    git = Git(workspace.repo)
    forked = await git.call("merge-base", "HEAD", commit)
    since = forked.text.strip() if forked.code == 0 else ""
    if not since or since == commit:
        since = case.code_path.commit or "HEAD"
    listing = await git.call("diff", "--name-only", "--no-renames", "-z", since, commit)
    changed = set(listing.text.split("\0")) if listing.code == 0 else set()
    return next((path for path in code_paths(case.code_path) if path in changed), None)


def code_paths(code_path: CodePath) -> list[str]:
    """The files of the code path, the crashing one first."""
    stacks = (code_path.frames, *code_path.causes)
    return list(dict.fromkeys(frame.path for stack in stacks for frame in reversed(stack) if frame.path))
