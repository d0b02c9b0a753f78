"""The whole loop without a terminal, each step checked: `triage demo --walk`."""

import asyncio
import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from triage.demo.colleague import released
from triage.demo.history import COMMITS, TAGS
from triage.demo.repo import git
from triage.demo.scenarios import SCENARIOS
from triage.demo.stage import FIX, Stage, stage
from triage.domain.case import Case
from triage.domain.draft import Draft
from triage.domain.issue import Issue, IssueQuery, Status
from triage.domain.outside import one_line
from triage.domain.publication import Publication
from triage.domain.verdict import Verdict
from triage.errors import TriageError
from triage.services.steps import Drafted, Finished, Output, Published, Step, Undone, Verified

ARRIVAL_SECONDS = 90.0
FIXED = ("day-without-orders", "staff-discount")
Result = TypeVar("Result")


class StepFailed(Exception):
    """A step of the walk did not hold; the message says what was seen instead."""


@dataclass(slots=True)
class Report:
    """What the walk saw, step by step; printed as it goes unless `quiet`."""

    quiet: bool = False
    steps: list[dict[str, str | bool | float]] = field(default_factory=list)
    _since: float = field(default_factory=time.monotonic)

    def held(self, step: str, seen: str) -> None:
        self._add(step, seen, True)

    def failed(self, step: str, seen: str) -> None:
        self._add(step, seen, False)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step["ok"] for step in self.steps)

    def _add(self, step: str, seen: str, ok: bool) -> None:
        now = time.monotonic()
        self.steps.append({"step": step, "ok": ok, "seen": seen, "seconds": round(now - self._since, 2)})
        if not self.quiet:
            print(f"{'ok  ' if ok else 'FAIL'} {now - self._since:6.2f} s  {step:<9} {one_line(seen, limit=400)}")
            sys.stdout.flush()
        self._since = now


def walk(folder: Path, as_json: bool = False) -> int:
    """Walk the loop in `folder`; 0 only if every step held.

    A step that fails ends the walk, for the later ones stand on it.
    """
    report = Report(quiet=as_json)
    doing = Doing()
    try:
        with stage(folder, once=True) as scene:
            asyncio.run(_walk(scene, report, doing))
    except (StepFailed, TriageError) as error:
        report.failed(doing.step, str(error))
    if as_json:
        print(json.dumps({"ok": report.ok, "steps": report.steps}, indent=2, ensure_ascii=False))
    elif report.ok:
        print("every step held")
    return 0 if report.ok else 1


@dataclass(slots=True)
class Doing:
    """The step that is under way, for when it fails."""

    step: str = "set up"


async def _walk(scene: Stage, report: Report, doing: Doing) -> None:
    before = _checkout_state(scene)
    tags = [tag for tag in TAGS if tag]
    report.held("set up", f"{len(COMMITS)} commits, releases {tags[0]} to {tags[-1]}, forge at {scene.repo_url}")

    doing.step = "arrive"
    issues = await _arrived(scene)
    events = sum(issue.count for issue in issues.values())
    report.held("arrive", f"{len(issues)} issues from {events} events over {scene.ingest.dsn}")

    doing.step = "index"
    from triage.services.index import build_index

    finished = await _last(build_index(scene.workspace), Finished)
    report.held("index", finished.text)

    drafts = []
    for key in FIXED:
        issue = issues[key]
        doing.step = "locate"
        case = await _located(scene, issue)
        report.held("locate", _where(case))
        doing.step = "draft"
        drafts.append(await _drafted(scene, issue, report))
        doing.step = "run"
        await _run(scene, drafts[-1], report)

    draft = drafts[0]
    doing.step = "push"
    pushed = await _publish(scene, draft, pull_request=False)
    commit = _on_origin(scene, pushed.branch)
    _expect(commit == pushed.commit, f"{pushed.branch} is at {commit} on the forge, not at {pushed.commit}")
    files = git(scene.paths.origin, "show", "--name-only", "--format=", commit or "").split()
    _expect(files == [draft.path], f"the commit changes {files}")
    report.held("push", f"{pushed.branch} at {pushed.commit[:8]}, changing {draft.path} only")

    doing.step = "PR"
    opened = await _publish(scene, draft, pull_request=True)
    again = await _publish(scene, draft, pull_request=True)
    _expect(opened.number is not None, "no pull request came out")
    _expect(again.number == opened.number, f"a second press made #{again.number} beside #{opened.number}")
    state, title = _pull(scene, opened)
    _expect(state == "open", f"#{opened.number} is {state}")
    report.held("PR", f"#{opened.number} open: {title} ({opened.url}); a second press found it")

    doing.step = "undo"
    from triage.services.publish import undo

    await _last(undo(scene.workspace, opened.id), Undone)
    state, _ = _pull(scene, opened)
    _expect(state == "closed", f"#{opened.number} is still {state}")
    _expect(_on_origin(scene, opened.branch) is None, f"{opened.branch} is still on the forge")
    report.held("undo", f"#{opened.number} closed, {opened.branch} gone")

    doing.step = "follow"
    report.held("follow", await _followed(scene, drafts[1]))

    doing.step = "untouched"
    after = _checkout_state(scene)
    _expect(after == before, f"the checkout changed from {before} to {after}")
    report.held("untouched", "HEAD, index and files of the checkout are as they were")


async def _arrived(scene: Stage) -> dict[str, Issue]:
    """The issues of all scenarios by key, as soon as all have arrived over the real ingest."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        issues = await asyncio.to_thread(scene.workspace.store.page, IssueQuery(), 200)
        found = {}
        for scenario in SCENARIOS:
            file, function = scenario.crash
            for issue in issues:
                if issue.title.startswith(scenario.raises) and issue.culprit == f"{file} in {function}":
                    found[scenario.key] = issue
        if len(found) == len(SCENARIOS):
            return found
        if time.monotonic() > deadline:
            missing = [scenario.key for scenario in SCENARIOS if scenario.key not in found]
            seen = "; ".join(f"{issue.title} at {issue.culprit}" for issue in issues)
            raise StepFailed(f"not arrived within {ARRIVAL_SECONDS:.0f} s: {', '.join(missing)}; arrived: {seen}")
        await asyncio.sleep(0.1)


async def _located(scene: Stage, issue: Issue) -> Case:
    from triage.services.inspect import load_case

    case = await load_case(scene.workspace, issue.id)
    _expect(case.code_path.crash is not None, f"no frame of {issue.title} is in the checkout")
    _expect(case.code_path.release_known, f"the release {case.event.release} was not found")
    _expect(bool(case.covering), "no test covers the code path")
    return case


def _where(case: Case) -> str:
    crash = case.code_path.crash
    assert crash is not None
    suspect = case.code_path.suspect
    blamed = f"; suspect {suspect.commit[:8]} by {suspect.author} ({suspect.summary})" if suspect else ""
    tests = f"{len(case.covering)} tests cover it ({case.covering[0].source.value})"
    return f"{case.issue.title} -> {crash.path}:{crash.release_line} {crash.qualname}, {tests}{blamed}"


async def _drafted(scene: Stage, issue: Issue, report: Report) -> Draft:
    from triage.services.drafts import draft_by_replay

    drafted = await _last(draft_by_replay(scene.workspace, issue.id), Drafted)
    if drafted.draft is None:
        raise StepFailed(f"no draft for {issue.title}: {drafted.why}")
    tried = f"{drafted.candidates_tried} candidates tried"
    report.held("draft", f"{drafted.draft.node_id} calls {drafted.draft.entry}, {tried}")
    return drafted.draft


async def _run(scene: Stage, draft: Draft, report: Report) -> None:
    from triage.services.verify import verify

    verified = await _last(verify(scene.workspace, draft.id, FIX), Verified)
    evidence = verified.evidence
    before, after = evidence.before, evidence.after
    _expect(before is not None and before.verdict is Verdict.REPRODUCED, f"before: {before and before.why}")
    _expect(after is not None and after.verdict is Verdict.PASSES, f"after: {after and after.why}")
    assert before is not None
    report.held("run", f"{evidence.line} ({before.isolation.value})")


async def _publish(scene: Stage, draft: Draft, *, pull_request: bool) -> Publication:
    from triage.services.publish import publish

    return (await _last(publish(scene.workspace, draft.id, pull_request), Published)).publication


async def _followed(scene: Stage, draft: Draft) -> str:
    """What `triage follow` says once colleagues have merged the request with the fix and released."""
    from triage.services.follow import Followed, follow

    sent = await _publish(scene, draft, pull_request=True)
    with released(scene.paths, sent.branch, FIX.removeprefix("origin/")) as tag:
        looked = await _last(follow(scene.workspace, [sent]), Followed)
    seen = looked.publication.following
    _expect(seen is not None and seen.state == "merged", f"{sent.name} is {looked.words}")
    _expect(seen is not None and seen.released == tag, f"released in {seen and seen.released}, not in {tag}")
    status = scene.workspace.store.issue(draft.issue_id).status
    _expect(status is Status.RESOLVED, f"T-{draft.issue_id} is {status}")
    return f"{sent.name} {looked.words}; {looked.news[-1]}"


def _on_origin(scene: Stage, branch: str) -> str | None:
    """The commit of a branch on the forge's side."""
    found = git(scene.paths.origin, "for-each-ref", "--format=%(objectname)", f"refs/heads/{branch}").split()
    return found[0] if found else None


def _pull(scene: Stage, publication: Publication) -> tuple[str, str]:
    """State and title of the pull request, asked of the forge itself; its page must be there too."""
    owner_name = scene.repo_url.removeprefix(scene.forge_url)
    request = urllib.request.Request(
        f"{scene.forge_api}/repos{owner_name}/pulls/{publication.number}",
        headers={"Authorization": f"Bearer {scene.token}", "User-Agent": "triage-demo"},
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            pull = json.load(answer)
        with urllib.request.urlopen(str(publication.url), timeout=10) as page:
            shown = page.status == 200
    except (OSError, ValueError) as error:
        raise StepFailed(f"the forge does not show #{publication.number}: {error}") from error
    _expect(shown, f"no page at {publication.url}")
    return str(pull["state"]), str(pull["title"])


def _checkout_state(scene: Stage) -> tuple[str, str, str]:
    """HEAD, the index and changed files, local branches and worktrees of the user's checkout."""
    return (
        git(scene.paths.repo, "rev-parse", "HEAD") + git(scene.paths.repo, "symbolic-ref", "HEAD"),
        git(scene.paths.repo, "status", "--porcelain", "--untracked-files=all"),
        git(scene.paths.repo, "worktree", "list").splitlines()[0],
    )


async def _last(steps: AsyncIterator[object], result: type[Result]) -> Result:
    """Run a service to its end; its result. What it says on the way goes to stderr."""
    found: Result | None = None
    async for item in steps:
        if isinstance(item, result):
            found = item
        elif isinstance(item, Step):
            print(f"       - {one_line(item.text)}", file=sys.stderr)
        elif isinstance(item, Output):
            print(f"         | {one_line(item.text)}", file=sys.stderr)
    if found is None:
        raise StepFailed("the service ended without a result")
    return found


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise StepFailed(otherwise)
