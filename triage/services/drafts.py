"""Drafts of an issue: made by replay or by Claude, edited by hand, set aside."""

from __future__ import annotations

import ast
import time
from collections.abc import AsyncIterator

from triage.domain.draft import SKELETON, Draft, Strategy
from triage.errors import BadInput
from triage.services.inspect import load_case
from triage.services.reproduce import Reproduction, reproduce_here
from triage.services.situation import situation
from triage.services.steps import Drafted, Output, Step
from triage.services.verify import fix_to_try, resolve
from triage.services.workspace import Workspace

BUDGET = 60.0


async def draft_by_replay(
    workspace: Workspace,
    issue_id: int,
    fix: str | None = None,
    budget: float = BUDGET,
    accept_no_sandbox: bool = False,
) -> AsyncIterator[Step | Output | Drafted]:
    """Search for a call that fails as production did; store the test and its verdicts.

    `fix` names a ref with the bug fixed ("" none, None the configured one where it changes the
    code path). `budget` bounds the search in seconds. Ends in Drafted, whose draft is None with `why`
    when nothing reproduced. Raises TriageError when repo, interpreter or sandbox fail us.
    """
    started = time.monotonic()
    yield Step("laying the stack on the checkout")
    case = await load_case(workspace, issue_id)
    interpreter = await workspace.interpreter()
    model = workspace.styles.get(case.issue.id, "")
    here = await situation(
        workspace.config, case.event, case.code_path, interpreter, case.covering, accept_no_sandbox, model
    )
    fix = await fix_to_try(workspace, case, fix)
    fix_commit = await resolve(workspace, fix) if fix else None
    async for item in reproduce_here(workspace.config, here, fix, fix_commit, budget, started):
        if isinstance(item, Reproduction):
            yield _kept(workspace, issue_id, item, time.monotonic() - started)
        else:
            yield item


def claude_unavailable(workspace: Workspace) -> str | None:
    """Why Claude cannot draft here (no key, say); None when it can."""
    import os

    from triage.drafting.claude import unavailable_reason

    return unavailable_reason(os.environ)


def save_revision(workspace: Workspace, draft_id: int, source: str, unfinished: bool = False) -> Draft:
    """Keep an edited test as a new revision by a human. Raises BadInput if it does not parse,
    unless `unfinished`: then it is kept as it is, lest something typed be lost."""
    parent = workspace.store.draft(draft_id)
    if source == parent.source:
        return parent
    try:
        names = test_names(source)
    except BadInput:
        if not unfinished:
            raise
        names = []
    name = parent.test_name if parent.test_name in names or not names else names[-1]
    return workspace.store.add_draft(
        parent.issue_id, Strategy.HUMAN, parent.path, source, name, parent=parent.id, entry=parent.entry
    )


def discard(workspace: Workspace, draft_id: int) -> str:
    """Set a draft aside (undoable); returns the sentence to show."""
    workspace.store.discard_draft(draft_id)
    return f"draft {draft_id} set aside"


def findings(source: str) -> list[tuple[int, str]]:
    """What the lint has to say about a test: (line, message). A filter, not a boundary."""
    from triage.drafting.lint import lint

    return [(finding.line, finding.message) for finding in lint(source)]


def test_names(source: str) -> list[str]:
    """Names of the tests in a file, as pytest's node ids have them after the path.

    Raises BadInput with the line when the source does not parse.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", None)
        raise BadInput("the test does not parse", f"line {line}: {error}", "mend it, then save again") from error
    names = []
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            names.append(node.name)
        elif isinstance(node, ast.ClassDef):
            names += [
                f"{node.name}::{item.name}"
                for item in node.body
                if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("test")
            ]
    return names


def _kept_skeleton(workspace: Workspace, issue_id: int, found: Reproduction) -> Draft | None:
    """The skeleton as a draft nobody has run; an issue that has any draft gets none."""
    if found.skeleton is None or found.skeleton_path is None or found.skeleton_name is None:
        return None
    store = workspace.store
    if any(not draft.discarded for draft in store.drafts(issue_id)):
        return None
    note = f"{SKELETON}, not a reproduction: its holes are to be filled by hand"
    return store.add_draft(
        issue_id, Strategy.REPLAY, found.skeleton_path, found.skeleton, found.skeleton_name, note=note
    )


def _kept(workspace: Workspace, issue_id: int, found: Reproduction, seconds: float) -> Drafted:
    if found.test_source is None or found.test_path is None or found.test_name is None:
        return Drafted(None, None, found.candidates_tried, found.why, _kept_skeleton(workspace, issue_id, found))
    store = workspace.store
    same = [draft for draft in store.drafts(issue_id) if draft.source == found.test_source and not draft.discarded]
    draft = (
        same[-1]
        if same
        else store.add_draft(
            issue_id,
            Strategy.REPLAY,
            found.test_path,
            found.test_source,
            found.test_name,
            entry=found.entry,
            note=found.why,
            seconds=seconds,
        )
    )
    if found.before is not None:
        store.add_run(draft.id, "before", found.before)
    if found.after is not None:
        store.add_run(draft.id, "after", found.after)
    return Drafted(draft, store.evidence(draft.id), found.candidates_tried, found.why)
