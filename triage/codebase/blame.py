"""Who last touched a line, and which commit most likely brought the bug."""

import asyncio
import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.codebase.git import Git
from triage.codebase.releases import Release
from triage.domain.code_path import Blame, SuspectCommit
from triage.errors import Unavailable

IGNORED_REVISIONS = ".git-blame-ignore-revs"
_BLAME_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Wanted:
    """Lines of one file at the release's commit to ask git about."""

    path: str
    lines: frozenset[int]


@dataclass(frozen=True, slots=True)
class BlamedFile:
    """The commit of each line asked for; `first` names commits without a parent."""

    by_line: Mapping[int, Blame]
    first: frozenset[str] = frozenset()


async def blame_files(git: Git, commit: str, wanted: Sequence[Wanted], ignore_revisions: bool) -> dict[str, BlamedFile]:
    """Blame some lines of some files at a commit; what git cannot blame in time is left out."""
    gate = asyncio.Semaphore(2)

    async def one(item: Wanted) -> tuple[str, BlamedFile]:
        async with gate:
            return item.path, await _blame(git, commit, item, ignore_revisions)

    return dict(await asyncio.gather(*(one(item) for item in wanted)))


async def _blame(git: Git, commit: str, wanted: Wanted, ignore_revisions: bool) -> BlamedFile:
    arguments = ["blame", "--porcelain"]
    if ignore_revisions:
        arguments += ["--ignore-revs-file", IGNORED_REVISIONS]
    for start, end in _ranges(wanted.lines):
        arguments += ["-L", f"{start},{end}"]
    try:
        result = await git.call(*arguments, commit, "--", wanted.path, timeout=_BLAME_SECONDS)
    except Unavailable:
        return BlamedFile({})  # a history this long must not keep the screen waiting
    if result.code and ignore_revisions:
        return await _blame(git, commit, wanted, False)
    return parse_blame(result.text) if result.code == 0 else BlamedFile({})


def _ranges(lines: frozenset[int]) -> list[tuple[int, int]]:
    """Lines as ranges, small gaps closed, so that the command line stays short."""
    ranges: list[tuple[int, int]] = []
    for line in sorted(lines):
        if ranges and line - ranges[-1][1] <= 3:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges[:200]


def parse_blame(text: str) -> BlamedFile:
    """The commits of `git blame --porcelain`."""
    commits: dict[str, dict[str, str]] = {}
    lines: dict[int, str] = {}
    current = ""
    number = 0
    for row in text.split("\n"):
        if row.startswith("\t"):
            lines[number] = current
            continue
        word, _, rest = row.partition(" ")
        if len(word) in (40, 64) and all(letter in "0123456789abcdef" for letter in word):
            current = word
            commits.setdefault(current, {})
            numbers = rest.split(" ")
            number = int(numbers[1]) if len(numbers) > 1 and numbers[1].isdigit() else 0
        elif word:
            commits.setdefault(current, {})[word] = rest
    made = {name: _as_blame(name, facts) for name, facts in commits.items()}
    first = frozenset(name for name, facts in commits.items() if "boundary" in facts or "previous" not in facts)
    boundary = frozenset(name for name in first if "boundary" in commits[name])
    return BlamedFile({line: made[name] for line, name in lines.items()}, boundary)


def _as_blame(commit: str, facts: Mapping[str, str]) -> Blame:
    seconds = facts.get("author-time", "0")
    when = datetime.datetime.fromtimestamp(
        min(int(seconds) if seconds.lstrip("-").isdigit() else 0, 32503680000), datetime.UTC
    )
    email = facts.get("author-mail", "").removeprefix("<").removesuffix(">")
    return Blame(commit, facts.get("author", ""), email, when, facts.get("summary", ""))


async def commits_between(git: Git, release: Release) -> frozenset[str]:
    """The commits that came with the release; empty when there is no earlier one."""
    if release.previous is None:
        return frozenset()
    try:
        result = await git.call(
            "rev-list",
            "--max-count=20000",
            "--end-of-options",
            release.commit,
            f"^{release.previous.commit}",
            timeout=10,
        )
    except Unavailable:
        return frozenset()
    return frozenset(result.text.split()) if result.code == 0 else frozenset()


async def last_commits(git: Git, commit: str, path: str) -> tuple[Blame, ...]:
    """The last commits that touched a file, newest first; none when git takes too long."""
    form = "--format=%H%x00%an%x00%ae%x00%at%x00%s"
    try:
        result = await git.call("log", "-n", "10", "--no-merges", form, commit, "--", path, timeout=_BLAME_SECONDS)
    except Unavailable:
        return ()
    found = []
    for row in result.text.splitlines():
        parts = row.split("\0")
        if len(parts) == 5 and parts[3].lstrip("-").isdigit():
            facts = {"author": parts[1], "author-mail": parts[2], "author-time": parts[3], "summary": parts[4]}
            found.append(_as_blame(parts[0], facts))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class CrashHistory:
    """Who touched the crash: its line, its function, the callers' lines, its file."""

    line: Blame | None
    function: tuple[Blame, ...]
    callers: tuple[Blame, ...]
    file: tuple[Blame, ...]
    first: frozenset[str]


def suspect(
    history: CrashHistory, release: Release | None, between: frozenset[str], occurred_at: datetime.datetime
) -> SuspectCommit | None:
    """The commit that most likely brought the bug, with reason and confidence; None rather
    than a guess.

    Commits that came with the release weigh most, then the crashing line, its function and its
    callers, the newer the likelier. A commit younger than the event is out, and so, nearly, is
    the first commit of the repo: everything dates from it.
    """
    ranked: list[tuple[float, Blame, str]] = []
    previous = release.previous.name if release and release.previous else ""
    groups = (
        ("last touched the crashing line", (history.line,) if history.line else (), 0.75, 0.45),
        ("last touched the crashing function", history.function, 0.6, 0.3),
        ("last touched a calling line", history.callers, 0.4, 0.15),
        ("touched the file of the crash", history.file, 0.3, 0.12),
    )
    for words, blames, with_release, otherwise in groups:
        for blame in blames:
            if blame.when > occurred_at + datetime.timedelta(days=1):
                continue
            if blame.commit in between:
                ranked.append((with_release, blame, f"{words}, and came after {previous}"))
                continue
            days = max((occurred_at - blame.when).days, 0)
            recent = 1.0 if days <= 14 else 0.7 if days <= 60 else 0.4
            confidence = otherwise * recent * (0.5 if between else 1.0)
            if blame.commit in history.first:
                confidence = min(confidence, 0.1)
                words_here = f"{words}, but it is where the known history begins"
            else:
                words_here = f"{words}, {_ago(days)} before the event"
            ranked.append((confidence, blame, words_here))
    if not ranked:
        return None
    confidence, blame, reason = max(ranked, key=lambda item: (round(item[0], 2), item[1].when))
    if confidence < 0.05:
        return None
    return SuspectCommit(
        blame.commit, blame.author, blame.email, blame.when, blame.summary, reason, round(confidence, 2)
    )


def _ago(days: int) -> str:
    if days < 1:
        return "less than a day"
    if days < 60:
        return "a day" if days == 1 else f"{days} days"
    return f"{days // 30} months" if days < 730 else f"{days // 365} years"
