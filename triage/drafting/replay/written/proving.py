"""Runs the written test in pytest on both commits; where that fails, other places and weaker assertions."""

import asyncio
import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from triage.domain.judge import Judgement, judge_before
from triage.domain.verdict import RunReport, Verdict
from triage.drafting.replay import ReplayRequest, ReplayResult, nothing
from triage.drafting.replay.engine import Session
from triage.drafting.replay.searching.search import Tried
from triage.drafting.replay.written.writing import Written
from triage.execution.runner import RunRequest, run_in
from triage.execution.verify import judged_on_fix
from triage.execution.worktree import Worktree, borrowed

RUN_SECONDS = 60.0
MOST_VERSIONS = 6
# The values to compare with were seen with seed 0: what hangs on the order of a set is seen to be so on the fix.
OTHER_SEED = 4242
# Warnings of Python itself that the repo's settings may make errors of.
_WARNED = re.compile(r"\b((?:PendingDeprecation|Deprecation|Future|Runtime|Syntax|User|Resource|Import)Warning): ")
_NO_NAME = re.compile(r"cannot import name '(\w+)' from")


@dataclass
class Trees:
    """Commits laid out, the one with the bug first. One that a run has spoiled (it ran out of time, it
    left a file) is laid out anew. `stack` gives all of them back."""

    repo: Path
    stack: contextlib.AsyncExitStack
    known: list[Worktree] = field(default_factory=list)

    async def lay_out(self, *commits: str) -> list[Worktree]:
        """These commits, side by side. Raises as `borrowed`."""
        opening = [self.stack.enter_async_context(borrowed(self.repo, commit)) for commit in commits]
        for tree in await asyncio.gather(*opening, return_exceptions=True):
            if isinstance(tree, BaseException):
                raise tree
            self.known.append(tree)
        return self.known

    async def clean(self) -> list[Worktree]:
        """All of them, each as its commit is."""
        for at, tree in enumerate(self.known):
            if tree.spoiled:
                self.known[at] = await self.stack.enter_async_context(borrowed(self.repo, tree.commit))
        return self.known


@dataclass
class Proving:
    """One test's way through pytest. `run` returns the result: the test with its runs, or why there is none."""

    request: ReplayRequest
    session: Session
    best: Tried
    trees: Trees
    missing: tuple[str, ...]
    hopeless: set[str] = field(default_factory=set)
    last: str = ""
    elsewhere: ReplayResult | None = None
    fallback: ReplayResult | None = None

    async def run(self) -> ReplayResult:
        """The first version that does; one that does only without the repo's settings, or not on the fix, last."""
        versions = self.versions()
        for written in versions:  # grows while it is gone through
            if self.is_useless(written):
                continue
            before, after = await self.runs(written)
            judged = judge_before(self.request.expected, before)
            if judged.verdict is not Verdict.REPRODUCED:
                self.last = f"{written.path}: {judged.verdict} in pytest ({judged.why})"
                if judged.verdict is Verdict.TIMEOUT:  # another place makes it no faster
                    break
                self.mend(versions, written, judged, before)
                continue
            seen: Judgement | None = None
            if after is not None:
                asked = self.run_request(written, self.request.commit)
                seen = await judged_on_fix(asked, after, self.request.commit, str(self.request.fix_commit))
            done = self.result(written, before, after, seen)
            if seen is not None and seen.verdict is not Verdict.PASSES:
                self.last = f"{written.path}: {seen.verdict} on the fix ({seen.why})"
                self.fallback = self.fallback or done
                if not self.session.fix_imports:  # a package that the fix needs is missing here: no other place helps
                    break
                weaker = self.session.written(self.best, folder=_folder(written), pinned=False)
                if all(weaker.source != item.source for item in versions):
                    versions.insert(versions.index(written) + 1, weaker)
                continue
            if not any(_without_settings(report) for report in (before, after) if report is not None):
                return done
            self.hopeless.add(_folder(written))
            self.elsewhere = self.elsewhere or done
        if self.elsewhere is not None:
            return self.elsewhere
        if self.fallback is not None:
            return replace(self.fallback, why=self.last)
        why = f"a candidate reproduces, but its test does not: {self.last}"
        return nothing(self.session, self.best.candidate.entry, why, self.missing)

    def versions(self) -> list[Written]:
        """The test as it should be, then without a pinned value, then in other folders."""
        session, best = self.session, self.best
        known = [item for item in ("tests", *self.request.test_folders) if (self.request.repo / item).is_dir()]
        folders: Sequence[str] = [*known, "", "tests", *self.request.test_folders]
        elsewhere = [session.written(best, folder=folder) for folder in folders if folder != session.style.folder]
        elsewhere = list({item.path: item for item in elsewhere}.values())
        versions = [
            session.written(best),
            session.written(best, inside=True),
            *elsewhere[:1],
            session.written(best, pinned=False),
            *elsewhere[1:],
        ]
        unique = {(item.path, item.source): item for item in versions}
        return list(unique.values())[:MOST_VERSIONS]

    def is_useless(self, written: Written) -> bool:
        """Whether pytest cannot reach a test in this folder, whatever it says."""
        return _folder(written) in self.hopeless

    def mend(self, versions: list[Written], written: Written, judged: Judgement, before: RunReport) -> None:
        """What may help after `written` did not do, put into `versions` to be the next."""
        following = versions.index(written) + 1
        warned = _WARNED.search(judged.why) if judged.verdict is Verdict.COLLECT_ERROR else None
        if judged.verdict is Verdict.COLLECT_ERROR and self.lacks_the_error(judged.why):
            versions[following:] = self.versions()
        elif warned and not any("filterwarnings" in item.source for item in versions):
            versions.insert(following, self.session.written(self.best, ignoring=warned[1]))
        elif before.phase == "setup" and not self.best.candidate.fixtures:
            self.hopeless.add(_folder(written))  # fixtures of the folder's own: no other text gets around them
        elif written is versions[0] and judged.verdict is not Verdict.COLLECT_ERROR:
            also = self.session.registering(self.best)
            versions[following:following] = [self.session.written(self.best, also=also)] if also else []

    def lacks_the_error(self, why: str) -> bool:
        """Whether the error that the fixed code raises instead cannot be imported before the fix; from then on the
        test looks it up when it is needed."""
        fixed = self.best.fixed
        missing = _NO_NAME.search(why)
        if fixed is None or fixed.is_new or missing is None or fixed.error.rpartition(".")[2] != missing[1]:
            return False
        self.best = replace(self.best, fixed=replace(fixed, is_new=True))
        return True

    async def runs(self, written: Written) -> tuple[RunReport, RunReport | None]:
        """The test on the commit with the bug, and on the one with the fix where there is one, at the same time."""
        trees = await self.trees.clean()
        reports = await asyncio.gather(*(self.run_on(written, tree) for tree in trees))
        return reports[0], reports[1] if len(reports) > 1 else None

    async def run_on(self, written: Written, tree: Worktree) -> RunReport:
        report: RunReport | None = None
        async for item in run_in(self.run_request(written, tree.commit), tree):
            if isinstance(item, RunReport):
                report = item
        assert report is not None
        return report

    def run_request(self, written: Written, commit: str) -> RunRequest:
        """How the test is run at `commit`. Once it is known to do without the repo's settings, only with them."""
        request = self.request
        return RunRequest(
            repo=request.repo,
            ref=commit,
            interpreter_path=request.interpreter_path,
            interpreter_roots=request.interpreter_roots,
            import_roots=request.import_roots,
            test_path=written.path,
            test_source=written.source,
            test_name=written.name,
            expected=request.expected,
            tier=request.tier,
            timeout=RUN_SECONDS,
            memory_mb=request.memory_mb,
            bare=self.elsewhere is None,
            hash_seed=OTHER_SEED if commit == request.fix_commit else None,
        )

    def result(
        self, written: Written, before: RunReport, after: RunReport | None, seen: Judgement | None
    ) -> ReplayResult:
        candidate, session = self.best.candidate, self.session
        return ReplayResult(
            written.path, written.source, written.name, candidate.entry, session.findings.tried, "", self.missing,
            written.claim, candidate.public, before, after, candidate.notes, session.inputs, judged_after=seen,
        )  # fmt: skip


def _folder(written: Written) -> str:
    folder = str(PurePosixPath(written.path).parent)
    return "" if folder == "." else folder


def _without_settings(report: RunReport) -> bool:
    """Whether the run had to leave the repo's pytest settings aside: another place may do without that."""
    return any("without the repo's pytest settings" in note for note in report.notes)
