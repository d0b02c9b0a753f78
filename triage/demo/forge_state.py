"""The pull requests of the loopback forge: kept in a file, true to the git repositories beside it."""

import json
import os
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from triage.demo.forge_git import create_bare, run_git


@dataclass(frozen=True, slots=True)
class PullRequest:
    """One pull request. `head_sha` and `base_sha` are kept when the branches are gone."""

    number: int
    title: str
    body: str | None
    head: str
    base: str
    head_sha: str
    base_sha: str
    draft: bool
    state: str
    created_at: str
    updated_at: str
    closed_at: str | None = None
    merged_at: str | None = None
    merge_sha: str | None = None


class Repository:
    """A bare repository and its pull requests. `created_at` strings are GitHub's UTC form."""

    def __init__(self, root: Path, owner: str, name: str) -> None:
        self.owner = owner
        self.name = name
        self.git_dir = root / owner / f"{name}.git"
        self._file = self.git_dir / "triage-pulls.json"

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    def exists(self) -> bool:
        return (self.git_dir / "HEAD").is_file()

    def create(self, default_branch: str = "main") -> None:
        create_bare(self.git_dir, default_branch)

    def default_branch(self) -> str:
        return run_git(self.git_dir, "symbolic-ref", "--short", "HEAD") or "main"

    def tip(self, branch: str) -> str | None:
        """The commit of a branch, None when there is no such branch."""
        if not branch or branch.startswith("-"):
            return None
        return run_git(self.git_dir, "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}")

    def commits_between(self, base: str, head: str) -> int:
        return int(run_git(self.git_dir, "rev-list", "--count", f"{base}..{head}") or 0)

    def diff(self, pull: PullRequest) -> str:
        """What the request would change, from the fork point to its head."""
        diff = run_git(
            self.git_dir, "diff", "--no-color", "--no-ext-diff", f"{pull.base_sha}...{pull.head_sha}", "--"
        )  # fmt: skip
        return diff or ""

    def numstat(self, pull: PullRequest) -> tuple[int, int, int]:
        """(additions, deletions, changed files)."""
        stat = run_git(self.git_dir, "diff", "--numstat", f"{pull.base_sha}...{pull.head_sha}", "--") or ""
        rows = [line.split("\t") for line in stat.splitlines()]
        added = sum(int(row[0]) for row in rows if row[0].isdigit())
        removed = sum(int(row[1]) for row in rows if row[1].isdigit())
        return added, removed, len(rows)

    def pulls(self) -> list[PullRequest]:
        """All pull requests, newest first, brought up to date with the branches."""
        stored = self._read()
        current = [self._refreshed(pull) for pull in stored]
        if current != stored:
            self._write(current)
        return sorted(current, key=lambda pull: -pull.number)

    def pull(self, number: int) -> PullRequest | None:
        return next((pull for pull in self.pulls() if pull.number == number), None)

    def open(self, title: str, body: str | None, head: str, base: str, draft: bool) -> PullRequest:
        """Keep a new pull request. The caller has checked that both branches exist."""
        pulls = self._read()
        now = _now()
        head_sha, base_sha = self.tip(head), self.tip(base)
        if head_sha is None or base_sha is None:
            raise ValueError("both branches must exist")
        number = max((pull.number for pull in pulls), default=0) + 1
        pull = PullRequest(number, title, body, head, base, head_sha, base_sha, draft, "open", now, now)
        self._write([*pulls, pull])
        return pull

    def update(self, pull: PullRequest, **changes: str | bool | None) -> PullRequest:
        """Keep a changed pull request; closing and reopening set its times."""
        now = _now()
        changed: PullRequest = replace(pull, **changes, updated_at=now)  # type: ignore[arg-type]
        if changed.state != pull.state:
            changed = replace(changed, closed_at=now if changed.state == "closed" else None)
        self._write([changed if item.number == pull.number else item for item in self._read()])
        return changed

    def _refreshed(self, pull: PullRequest) -> PullRequest:
        """Follow the branches as GitHub does: new commits show, a deleted head closes, a
        base that holds the head makes it merged."""
        if pull.state != "open":
            return pull
        head_sha, base_sha = self.tip(pull.head), self.tip(pull.base)
        now = _now()
        if head_sha is None:
            return replace(pull, state="closed", closed_at=now, updated_at=now)
        if head_sha != pull.head_sha:
            pull = replace(pull, head_sha=head_sha, updated_at=now)
        if base_sha is not None and base_sha != pull.base_sha:
            if run_git(self.git_dir, "merge-base", "--is-ancestor", head_sha, base_sha) is not None:
                return replace(pull, state="closed", closed_at=now, merged_at=now, merge_sha=base_sha, updated_at=now)
            pull = replace(pull, base_sha=base_sha)
        return pull

    def _read(self) -> list[PullRequest]:
        try:
            return [PullRequest(**item) for item in json.loads(self._file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []

    def _write(self, pulls: list[PullRequest]) -> None:
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps([asdict(pull) for pull in pulls], indent=1), encoding="utf-8")
        os.replace(beside, self._file)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
