"""An issue with everything one screen shows of it: code path, tests, drafts, evidence."""

from __future__ import annotations

import dataclasses

from triage.domain.case import Case
from triage.domain.code_path import CodePath, CoveringTest
from triage.domain.event import Event
from triage.domain.expected import expected_failure
from triage.domain.fidelity import grade
from triage.domain.issue import Issue
from triage.errors import TriageError
from triage.services.workspace import Workspace


def glance(workspace: Workspace, issue_id: int | str) -> tuple[Issue, Event]:
    """The issue and its best event, without touching the checkout. Raises NotFound, BadInput."""
    from triage.sources import parse_event

    issue = workspace.store.issue(issue_id)
    raw = workspace.store.raw_event(issue.id)
    event = parse_event(raw.raw, raw.kind)
    return issue, dataclasses.replace(event, id=raw.event_id, source=raw.source)


async def locate(workspace: Workspace, event: Event) -> CodePath:
    """The event's stack on the checkout; without a usable repo, its frames and the reason."""
    from triage.codebase.locate import locate as locate_frames
    from triage.domain.code_path import LocatedFrame, Match

    try:
        return await locate_frames(workspace.repo, event, workspace.config.path_map)
    except TriageError as error:
        crash = event.crash
        frames = tuple(
            LocatedFrame(frame=frame, path=None, match=Match.MISSING, note=error.title)
            for frame in (crash.frames if crash else ())
        )
        return CodePath(frames=frames, warnings=(str(error),))


async def covering(workspace: Workspace, code_path: CodePath) -> tuple[CoveringTest, ...]:
    """Existing tests that run the code path, closest to the crash first; () without a repo."""
    from triage.codebase.covering import covering_tests

    if code_path.crash is None:
        return ()
    return await covering_tests(workspace.repo, code_path)


async def load_case(workspace: Workspace, issue_id: int | str) -> Case:
    """Everything known about an issue. Raises NotFound for an unknown issue, BadInput when
    its payload cannot be read; troubles with the checkout become warnings of the code path."""
    issue, event = glance(workspace, issue_id)
    store = workspace.store
    code_path = await locate(workspace, event)
    warnings = code_path.warnings
    try:
        tests = await covering(workspace, code_path)
    except TriageError as error:
        tests = ()
        warnings = (*warnings, str(error))
    if code_path.crash is not None and issue.covered != bool(tests):
        store.set_covered(issue.id, bool(tests))
        issue = dataclasses.replace(issue, covered=bool(tests))
    drafts = tuple(draft for draft in store.drafts(issue.id) if not draft.discarded)
    fidelity, missing = grade(event)
    return Case(
        issue=issue,
        event=event,
        code_path=dataclasses.replace(code_path, warnings=warnings),
        fidelity=fidelity,
        expected=expected_failure(event, code_path),
        covering=tests,
        drafts=drafts,
        evidence={draft.id: store.evidence(draft.id) for draft in drafts},
        publications=tuple(store.publications(issue.id)),
        missing=missing,
    )
