"""Checks, commit statuses, reviews and merges of the loopback forge, as GitHub answers them."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeAlias

from triage.demo import forge_shapes as shapes
from triage.demo.forge_git import run_git
from triage.demo.forge_state import PullRequest, Repository
from triage.domain.event import Json

Shape: TypeAlias = dict[str, Json]

STATUS_STATES = ("error", "failure", "pending", "success")
CHECK_STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = ("action_required", "cancelled", "failure", "neutral", "skipped", "success", "timed_out")
REVIEW_EVENTS = {"APPROVE": "APPROVED", "REQUEST_CHANGES": "CHANGES_REQUESTED", "COMMENT": "COMMENTED"}


class Unmergeable(Exception):
    """Why a merge is refused, as GitHub says it."""


@dataclass(frozen=True, slots=True)
class Checks:
    """What was said of the commits and pull requests of one repository, kept in a file."""

    repo: Repository

    @property
    def _file(self) -> Path:
        return self.repo.git_dir / "triage-checks.json"

    def add_status(self, root: str, sha: str, body: dict[str, object]) -> Shape:
        """Keep a commit status; GitHub shows the last of each context."""
        status: Shape = {
            "id": _number(f"{sha}{body.get('context')}"),
            "node_id": "S",
            "url": f"{root}/api/v3/repos/{self.repo.full_name}/statuses/{sha}",
            "avatar_url": None,
            "state": str(body["state"]),
            "description": _text(body.get("description")),
            "target_url": _text(body.get("target_url")),
            "context": str(body.get("context") or "default"),
            "created_at": _now(),
            "updated_at": _now(),
        }
        self._add("statuses", sha, status, lambda item: item["context"] == status["context"])
        return status

    def combined(self, root: str, sha: str) -> Shape:
        """What `GET /commits/{sha}/status` answers."""
        statuses = self._of("statuses", sha)
        states = {str(item["state"]) for item in statuses}
        state = "failure" if states & {"failure", "error"} else "success" if states == {"success"} else "pending"
        api = f"{root}/api/v3/repos/{self.repo.full_name}"
        return {
            "state": state,
            "statuses": list(statuses),
            "sha": sha,
            "total_count": len(statuses),
            "repository": shapes.repository(root, self.repo),
            "commit_url": f"{api}/commits/{sha}",
            "url": f"{api}/commits/{sha}/status",
        }

    def add_check_run(self, root: str, body: dict[str, object]) -> Shape:
        """Keep a check run; the last of each name counts."""
        sha, name = str(body["head_sha"]), str(body["name"])
        status = str(body.get("status") or "queued")
        number = _number(sha + name)
        api = f"{root}/api/v3/repos/{self.repo.full_name}"
        run: Shape = {
            "id": number,
            "head_sha": sha,
            "node_id": "C",
            "external_id": "",
            "url": f"{api}/check-runs/{number}",
            "html_url": f"{root}/{self.repo.full_name}/runs/{number}",
            "details_url": None,
            "status": status,
            "conclusion": _text(body.get("conclusion")) if status == "completed" else None,
            "started_at": _now(),
            "completed_at": _now() if status == "completed" else None,
            "output": {
                "title": None,
                "summary": None,
                "text": None,
                "annotations_count": 0,
                "annotations_url": f"{api}/check-runs/{number}/annotations",
            },
            "name": name,
            "check_suite": {"id": 1},
            "app": None,
            "pull_requests": [],
        }
        self._add("check_runs", sha, run, lambda item: item["name"] == name)
        return run

    def check_runs(self, sha: str) -> Shape:
        """What `GET /commits/{sha}/check-runs` answers."""
        runs = self._of("check_runs", sha)
        return {"total_count": len(runs), "check_runs": list(runs)}

    def add_review(self, root: str, pull: PullRequest, login: str, body: dict[str, object]) -> Shape:
        """Keep a review, the oldest first."""
        page = f"{root}/{self.repo.full_name}/pull/{pull.number}"
        number = len(self._of("reviews", str(pull.number))) + 1
        link = f"{page}#pullrequestreview-{number}"
        url = f"{root}/api/v3/repos/{self.repo.full_name}/pulls/{pull.number}"
        review: Shape = {
            "id": number,
            "node_id": f"PRR_{number}",
            "user": shapes.user(root, login),
            "body": _text(body.get("body")) or "",
            "state": REVIEW_EVENTS[str(body["event"])],
            "html_url": link,
            "pull_request_url": url,
            "_links": {"html": {"href": link}, "pull_request": {"href": url}},
            "submitted_at": _now(),
            "commit_id": pull.head_sha,
            "author_association": "MEMBER",
        }
        self._add("reviews", str(pull.number), review, lambda _: False)
        return review

    def reviews(self, number: int) -> list[Json]:
        """What `GET /pulls/{number}/reviews` answers."""
        return list(self._of("reviews", str(number)))

    def merge(self, pull: PullRequest, method: str) -> PullRequest:
        """Put the request's change on its base branch with a real commit. Raises Unmergeable."""
        if pull.draft:
            raise Unmergeable("Pull Request is still a draft")
        if pull.state != "open":
            raise Unmergeable("Pull Request is not mergeable")
        git_dir, base = self.repo.git_dir, self.repo.tip(pull.base)
        if base is None:
            raise Unmergeable("Base branch was modified. Review and try the merge again.")
        tree = run_git(git_dir, "merge-tree", "--write-tree", base, pull.head_sha)
        if tree is None:
            raise Unmergeable("Pull Request is not mergeable")
        parents = ["-p", base] if method == "squash" else ["-p", base, "-p", pull.head_sha]
        who = ["-c", "user.name=forge", "-c", "user.email=forge@example.com"]
        message = f"{pull.title} (#{pull.number})"
        commit = run_git(git_dir, *who, "commit-tree", tree.split("\n")[0], *parents, "-m", message)
        if commit is None:
            raise Unmergeable("Pull Request is not mergeable")
        run_git(git_dir, "update-ref", f"refs/heads/{pull.base}", commit, base)
        return self.repo.update(pull, state="closed", merged_at=_now(), merge_sha=commit)

    def _of(self, kind: str, key: str) -> list[Shape]:
        found: list[Shape] = self._read().get(kind, {}).get(key, [])
        return found

    def _add(self, kind: str, key: str, item: Shape, replaces: object) -> None:
        assert callable(replaces)
        kept = self._read()
        items = kept.setdefault(kind, {}).setdefault(key, [])
        items[:] = [*(other for other in items if not replaces(other)), item]
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(kept, indent=1), encoding="utf-8")
        os.replace(beside, self._file)

    def _read(self) -> dict[str, dict[str, list[Shape]]]:
        try:
            kept: dict[str, dict[str, list[Shape]]] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return kept


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 900_000_000 + 1


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
