"""The texts that a draft can be compared with: other drafts, revisions, tests, the source."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.case import Case
from triage.domain.draft import Draft
from triage.errors import TriageError
from triage.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SideText:
    """One text for a pane. `start` is the number of its first line. `akin`: a difference to
    a draft can be read line by line (another draft, an earlier revision)."""

    title: str
    text: str
    start: int = 1
    akin: bool = False
    marked: int | None = None


async def sides(workspace: Workspace, case: Case, draft: Draft) -> list[SideText]:
    """What `draft` can stand beside, the most telling first: its earlier revision, the
    crashing source, the nearest existing test, the other drafts, the fixed source."""
    found: list[SideText] = []
    store = workspace.store
    if draft.parent is not None:
        parent = store.draft(draft.parent)
        found.append(SideText(f"revision {parent.id} ({parent.strategy})", parent.source, akin=True))
    found += await _source(workspace, case)
    found += await _nearest(workspace, case)
    for other in case.drafts:
        if other.id not in (draft.id, draft.parent):
            found.append(SideText(f"draft {other.id} ({other.strategy})", other.source, akin=True))
    return found


async def _source(workspace: Workspace, case: Case) -> list[SideText]:
    from triage.codebase.git import Git

    crash = case.code_path.crash
    if crash is None or crash.path is None:
        return []
    git = Git(workspace.repo)
    found = []
    text = await git.show(case.code_path.commit or "HEAD", crash.path)
    if text is not None:
        found.append(SideText(f"{crash.path}, where it crashed", text, marked=crash.release_line))
    if fix := workspace.config.fix:
        try:
            commit = await git.resolve(fix)
            fixed = await git.show(commit, crash.path) if commit else None
        except TriageError:
            fixed = None
        if fixed is not None and fixed != text:
            found.append(SideText(f"{crash.path} on {fix}", fixed))
    return found


async def _nearest(workspace: Workspace, case: Case) -> list[SideText]:
    import asyncio

    from triage.codebase.layout import nearest_test_file

    crash = case.code_path.crash
    if crash is None or crash.path is None:
        return []
    path = await asyncio.to_thread(nearest_test_file, workspace.repo, crash.path, case.covering)
    if path is None:
        return []
    try:
        text = (workspace.repo / path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    return [SideText(f"{path}, the nearest test", text)]
