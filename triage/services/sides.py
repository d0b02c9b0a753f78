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
    show first, counted from 1. `what` says what it is to the draft; `missing` why there is no
    such text and how to get one."""

    title: str
    text: str
    kin: str = ""
    marked: int | None = None
    what: str = ""
    missing: str = ""


MOST_REVISIONS = 50
CRASHING, FIXED, NEAREST = "crashing source", "fixed source", "nearest test"
DRAFTS = "drafts"
SOURCE = "source"


async def sides(workspace: Workspace, case: Case, draft: Draft, fix: str | None = None) -> list[SideText]:
    """What `draft` can stand beside, the most telling first: its last revision, the crashing
    source, the fixed source, the nearest existing test, the other drafts, earlier revisions.
    What there is not comes last and says why. `fix` is a ref as for `verify`."""
    revisions = _revisions(workspace, draft)
    related = {draft.id, *(revision.id for revision in revisions)}
    found = [_drafted(revision, "revision") for revision in revisions[:1]]
    found += await _source(workspace, case, fix)
    found += await _nearest(workspace, case, draft)
    found += [_drafted(other, "draft") for other in case.drafts if other.id not in related]
    found += [_drafted(revision, "revision") for revision in revisions[1:]]
    found.sort(key=lambda side: bool(side.missing))
    return found


def _drafted(draft: Draft, word: str) -> SideText:
    what = "other draft" if word == "draft" else "earlier revision"
    return SideText(f"{word} {draft.id} ({draft.strategy})", draft.source, DRAFTS, test_line(draft), what)


def _revisions(workspace: Workspace, draft: Draft) -> list[Draft]:
    """What the draft was made from, the last first."""
    found: list[Draft] = []
    while draft.parent is not None and len(found) < MOST_REVISIONS:
        draft = workspace.store.draft(draft.parent)
        found.append(draft)
    return found


async def _source(workspace: Workspace, case: Case, fix: str | None) -> list[SideText]:
    """The crashing file as it was and as it is on the fix, or why there is none."""
    from triage.codebase.git import Git

    crash = case.code_path.crash
    if crash is None or crash.path is None:
        why = "the crash is not in this checkout"
        return [_missing(CRASHING, why), _missing(FIXED, why)]
    git = Git(workspace.repo)
    text = await git.show(case.code_path.commit or "HEAD", crash.path)
    if text is None:
        found = [_missing(CRASHING, f"{crash.path} is not there at the release's commit")]
    else:
        found = [SideText(f"{crash.path}, where it crashed", text, SOURCE, crash.release_line, CRASHING)]
    try:
        fix = await fix_to_try(workspace, case, fix)
        commit = await git.resolve(fix) if fix else None
        fixed = await git.show(commit, crash.path) if commit else None
    except TriageError as error:
        return [*found, _missing(FIXED, str(error))]
    if not fix:
        return [*found, _missing(FIXED, "F says which ref has the fix")]
    if fixed is None:
        return [*found, _missing(FIXED, f"{crash.path} is not there on {fix}")]
    if fixed == text:
        return [*found, _missing(FIXED, f"{fix} does not change {crash.path}")]
    return [*found, SideText(f"{crash.path} on {fix}", fixed, SOURCE, _first_change(text, fixed), FIXED)]


async def _nearest(workspace: Workspace, case: Case, draft: Draft) -> list[SideText]:
    """The test file that covers the crash best, or why there is none."""
    import asyncio

    from triage.codebase.layout import nearest_test_file

    crash = case.code_path.crash
    if crash is None or crash.path is None:
        return [_missing(NEAREST, "the crash is not in this checkout")]
    path = await asyncio.to_thread(nearest_test_file, workspace.repo, crash.path, case.covering)
    if path is None:
        return [_missing(NEAREST, "no test file near the crashing one")]
    try:
        text = await asyncio.to_thread((workspace.repo / path).read_text, encoding="utf-8", errors="replace")
    except OSError as error:
        return [_missing(NEAREST, f"{path}: {error.strerror}")]
    kin = DRAFTS if path == draft.path else ""
    return [SideText(f"{path}, the nearest test", text, kin, _covering_line(case, path, text), NEAREST)]


def _missing(what: str, why: str) -> SideText:
    return SideText(what, "", what=what, missing=why)


def _covering_line(case: Case, path: str, text: str) -> int | None:
    """Where the first of the file's tests that cover the crash begins."""
    named = (test.node_id.partition("::")[2] for test in case.covering if test.node_id.startswith(f"{path}::"))
    return next((at for name in named if (at := _test_line(text, name)) is not None), None)


def test_line(draft: Draft) -> int | None:
    """The line where the draft's test begins, None when it is not found."""
    return _test_line(draft.source, draft.test_name)


def lines_of_test(draft: Draft) -> int:
    """How many lines the draft's test has, decorators and docstring included; all lines of the
    file when it does not parse."""
    import ast

    name = draft.test_name.rpartition("::")[2].partition("[")[0]
    try:
        nodes = list(ast.walk(ast.parse(draft.source)))
    except (SyntaxError, ValueError, RecursionError):
        nodes = []
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == name:
            first = min([node.lineno, *(item.lineno for item in node.decorator_list)])
            return (node.end_lineno or node.lineno) - first + 1
    return draft.source.count("\n")


def _test_line(source: str, test_name: str) -> int | None:
    name = test_name.rpartition("::")[2].partition("[")[0]
    starts = (f"def {name}(", f"async def {name}(")
    return next((at for at, line in enumerate(source.splitlines(), 1) if line.lstrip().startswith(starts)), None)


def _first_change(before: str | None, after: str) -> int | None:
    """The first line of `after` that `before` has not."""
    old = (before or "").splitlines()
    new = after.splitlines()
    return next((at for at, line in enumerate(new, 1) if at > len(old) or line != old[at - 1]), None)
