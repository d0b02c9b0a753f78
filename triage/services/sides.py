"""The texts that a draft can be compared with: other drafts, revisions, tests, the source."""

from __future__ import annotations

from dataclasses import dataclass

from triage.domain.case import Case
from triage.domain.draft import Draft
from triage.errors import TriageError
from triage.services.verify import fix_to_try
from triage.services.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SideText:
    """One text for a pane. Two texts of one `kin` can be compared line by line: drafts and the
    test file they would change; the source with the bug and without. `marked` is the line to
    show first, counted from 1."""

    title: str
    text: str
    kin: str = ""
    marked: int | None = None


DRAFTS = "drafts"
SOURCE = "source"


async def sides(workspace: Workspace, case: Case, draft: Draft, fix: str | None = None) -> list[SideText]:
    """What `draft` can stand beside, the most telling first: its earlier revision, the
    crashing source, the fixed source, the nearest existing test, the other drafts. `fix` is a
    ref as for `verify`."""
    found: list[SideText] = []
    store = workspace.store
    if draft.parent is not None:
        parent = store.draft(draft.parent)
        found.append(SideText(f"revision {parent.id} ({parent.strategy})", parent.source, DRAFTS, test_line(parent)))
    found += await _source(workspace, case, fix)
    found += await _nearest(workspace, case, draft)
    for other in case.drafts:
        if other.id not in (draft.id, draft.parent):
            found.append(SideText(f"draft {other.id} ({other.strategy})", other.source, DRAFTS, test_line(other)))
    return found


async def _source(workspace: Workspace, case: Case, fix: str | None) -> list[SideText]:
    from triage.codebase.git import Git

    crash = case.code_path.crash
    if crash is None or crash.path is None:
        return []
    git = Git(workspace.repo)
    found = []
    text = await git.show(case.code_path.commit or "HEAD", crash.path)
    if text is not None:
        found.append(SideText(f"{crash.path}, where it crashed", text, SOURCE, crash.release_line))
    try:
        fix = await fix_to_try(workspace, case, fix)
    except TriageError:
        fix = None
    if fix:
        try:
            commit = await git.resolve(fix)
            fixed = await git.show(commit, crash.path) if commit else None
        except TriageError:
            fixed = None
        if fixed is not None and fixed != text:
            found.append(SideText(f"{crash.path} on {fix}", fixed, SOURCE, _first_change(text, fixed)))
    return found


async def _nearest(workspace: Workspace, case: Case, draft: Draft) -> list[SideText]:
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
    return [SideText(f"{path}, the nearest test", text, DRAFTS if path == draft.path else "")]


def test_line(draft: Draft) -> int | None:
    """The line where the draft's test begins, None when it is not found."""
    name = draft.test_name.rpartition("::")[2].partition("[")[0]
    starts = (f"def {name}(", f"async def {name}(")
    lines = draft.source.splitlines()
    return next((at for at, line in enumerate(lines, 1) if line.lstrip().startswith(starts)), None)


def _first_change(before: str | None, after: str) -> int | None:
    """The first line of `after` that `before` has not."""
    old = (before or "").splitlines()
    new = after.splitlines()
    return next((at for at, line in enumerate(new, 1) if at > len(old) or line != old[at - 1]), None)
