"""Answers GitHub's pull-request calls for the loopback forge; knows no HTTP server."""

import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triage.demo import forge_checks
from triage.demo import forge_shapes as shapes
from triage.demo.forge_checks import Checks, Unmergeable
from triage.demo.forge_git import same
from triage.demo.forge_state import PullRequest, Repository
from triage.domain.event import Json

API_VERSIONS = ("2022-11-28", "2026-03-10")
MAX_TITLE = 256
MAX_BODY = 65_536
_REPO = re.compile(r"repos/(?P<owner>[\w.-]+)/(?P<name>[\w.-]+)(?:/(?P<rest>.+))?")
_PULLS = re.compile(r"pulls(?:/(?P<number>\d+)(?:/(?P<part>reviews|merge))?)?")
_COMMIT = re.compile(r"(?:commits/(?P<sha>[0-9a-f]{40})/(?P<part>check-runs|status)|statuses/(?P<new>[0-9a-f]{40}))")


@dataclass(frozen=True, slots=True)
class Call:
    """One call: `path` after `/api/v3/`, `query` the raw string, `body` None when it was no JSON."""

    method: str
    path: str
    query: str
    body: object
    token: str | None
    user_agent: str
    api_version: str
    root_url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, before the server adds its rate-limit headers."""

    status: int
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)


class _Stop(Exception):
    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


def _stop(status: int, message: str, *errors: dict[str, Json], **headers: str) -> _Stop:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return _Stop(Reply(status, shapes.error(status, message, *errors), named))


class Interface:
    """GitHub's interface over the repositories below `root`.

    `read_only` tokens may look but not write; with `drafts` False draft requests are
    refused as on plans that lack them. Reviews are said by `reviewer`.
    """

    def __init__(self, root: Path, token: str) -> None:
        self.root = root
        self.token = token
        self.read_only: set[str] = set()
        self.drafts = True
        self.reviewer = "ana"

    def answer(self, call: Call) -> Reply:
        """Carry one call out. Not safe for two threads at once."""
        try:
            return self._answer(call)
        except _Stop as stop:
            return stop.reply

    def ready(self, number: int, owner: str, name: str) -> None:
        """What the page's "Ready for review" does; GitHub offers it in GraphQL only."""
        repo = Repository(self.root, owner, name)
        if (pull := repo.pull(number)) is not None:
            repo.update(pull, draft=False)

    def _answer(self, call: Call) -> Reply:
        if not call.user_agent:
            raise _stop(
                403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header"
            )
        if call.api_version and call.api_version not in API_VERSIONS:
            raise _stop(400, f"API version {call.api_version} is not supported")
        if call.token is None:
            raise _stop(401, "Requires authentication")
        if not same(call.token, self.token) and call.token not in self.read_only:
            raise _stop(401, "Bad credentials")
        if call.path == "user" and call.method == "GET":
            return Reply(200, shapes.user(call.root_url, "you"))
        where = _REPO.fullmatch(call.path)
        repo = Repository(self.root, where["owner"], where["name"]) if where else None
        if where is None or repo is None or not repo.exists():
            raise _stop(404, "Not Found")
        if call.method != "GET" and call.token in self.read_only:
            raise _stop(
                403,
                "Resource not accessible by personal access token",
                X_Accepted_GitHub_Permissions="pull_requests=write",
            )
        rest = where["rest"] or ""
        if not rest and call.method == "GET":
            return Reply(200, shapes.full_repository(call.root_url, repo))
        if pulls := _PULLS.fullmatch(rest):
            if pulls["part"]:
                return self._part(call, repo, int(pulls["number"]), pulls["part"])
            if pulls["number"] is not None:
                return self._one(call, repo, int(pulls["number"]))
            if call.method == "GET":
                return self._list(call, repo)
            if call.method == "POST":
                return self._create(call, repo)
        return self._checks(call, Checks(repo), rest)

    def _checks(self, call: Call, checks: Checks, rest: str) -> Reply:
        found = _COMMIT.fullmatch(rest)
        if found and call.method == "GET" and found["part"] == "check-runs":
            return Reply(200, checks.check_runs(found["sha"]))
        if found and call.method == "GET" and found["part"] == "status":
            return Reply(200, checks.combined(call.root_url, found["sha"]))
        if call.method == "POST" and found and found["new"]:
            body = _object(call.body)
            if body.get("state") not in forge_checks.STATUS_STATES:
                raise _stop(422, "Validation Failed", shapes.invalid("state"))
            return Reply(201, checks.add_status(call.root_url, found["new"], body))
        if call.method == "POST" and rest == "check-runs":
            body = _object(call.body)
            known = body.get("status", "queued") in forge_checks.CHECK_STATUSES
            if not known or body.get("conclusion") not in (None, *forge_checks.CONCLUSIONS):
                raise _stop(422, "Invalid request.")
            return Reply(201, checks.add_check_run(call.root_url, body))
        raise _stop(404, "Not Found")

    def _part(self, call: Call, repo: Repository, number: int, part: str) -> Reply:
        pull, checks = repo.pull(number), Checks(repo)
        if pull is None:
            raise _stop(404, "Not Found")
        if part == "reviews" and call.method == "GET":
            return Reply(200, checks.reviews(number))
        if part == "reviews" and call.method == "POST":
            body = _object(call.body)
            if body.get("event") not in forge_checks.REVIEW_EVENTS:
                raise _stop(422, "Validation Failed", shapes.invalid("event"))
            return Reply(200, checks.add_review(call.root_url, pull, self.reviewer, body))
        if part == "merge" and call.method == "PUT":
            try:
                merged = checks.merge(pull, str(_object(call.body).get("merge_method", "merge")))
            except Unmergeable as reason:
                raise _stop(405, str(reason)) from None
            return Reply(200, {"sha": merged.merge_sha, "merged": True, "message": "Pull Request successfully merged"})
        raise _stop(404, "Not Found")

    def _list(self, call: Call, repo: Repository) -> Reply:
        query = dict(urllib.parse.parse_qsl(call.query))
        state, head, base = query.get("state", "open"), query.get("head", ""), query.get("base", "")
        if state not in ("open", "closed", "all"):
            raise _stop(422, "Validation Failed", shapes.invalid("state"))
        # GitHub ignores a head without an owner.
        owner, colon, branch = head.partition(":")
        found = [
            pull
            for pull in repo.pulls()
            if state in (pull.state, "all")
            and (not colon or (owner.lower() == repo.owner.lower() and pull.head == branch))
            and (not base or pull.base == base)
        ]
        size = min(int(query.get("per_page", "30")), 100) if query.get("per_page", "30").isdigit() else 30
        page = max(int(query.get("page", "1")), 1) if query.get("page", "1").isdigit() else 1
        shown = found[(page - 1) * size : page * size]
        return Reply(200, [shapes.pull(call.root_url, repo, pull, full=False) for pull in shown])

    def _one(self, call: Call, repo: Repository, number: int) -> Reply:
        pull = repo.pull(number)
        if pull is None:
            raise _stop(404, "Not Found")
        if call.method == "PATCH":
            pull = self._update(call, repo, pull)
        elif call.method != "GET":
            raise _stop(404, "Not Found")
        return Reply(200, shapes.pull(call.root_url, repo, pull, full=True))

    def _update(self, call: Call, repo: Repository, pull: PullRequest) -> PullRequest:
        body = _object(call.body)
        changes: dict[str, str | bool | None] = {}
        for name in ("title", "body", "state"):
            value = body.get(name)
            if name in body and not isinstance(value, str) and not (name == "body" and value is None):
                raise _stop(422, f"Invalid request.\n\nFor 'properties/{name}', {value!r} is not a string.")
            if name in body:
                changes[name] = value if isinstance(value, str) else None
        if changes.get("state", "open") not in ("open", "closed"):
            raise _stop(422, "Validation Failed", shapes.invalid("state"))
        if (
            changes.get("state") == "open"
            and pull.state == "closed"
            and (pull.merged_at or repo.tip(pull.head) is None)
        ):
            raise _stop(
                422, "Validation Failed", shapes.custom("state cannot be changed. The branch was deleted or merged.")
            )
        _check_lengths(str(changes.get("title") or pull.title), str(changes.get("body") or ""))
        return repo.update(pull, **changes)

    def _create(self, call: Call, repo: Repository) -> Reply:
        body = _object(call.body)
        for name in ("head", "base"):
            if not isinstance(body.get(name), str):
                raise _stop(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')
        title, text = body.get("title"), body.get("body")
        if not isinstance(title, str) or not title.strip():
            raise _stop(422, "Validation Failed", shapes.invalid("title", "missing_field"))
        if text is not None and not isinstance(text, str):
            raise _stop(422, f"Invalid request.\n\nFor 'properties/body', {text!r} is not a string or null.")
        _check_lengths(title, text or "")
        head, base, draft = str(body["head"]), str(body["base"]), body.get("draft", False) is True
        owner, colon, branch = head.partition(":")
        head = branch if colon and owner.lower() == repo.owner.lower() else head
        invalid = [shapes.invalid(name) for name, ref in (("head", head), ("base", base)) if repo.tip(ref) is None]
        if invalid:
            raise _stop(422, "Validation Failed", *invalid)
        if any(pull.head == head and pull.base == base and pull.state == "open" for pull in repo.pulls()):
            message = f"A pull request already exists for {repo.owner}:{head}."
            raise _stop(422, "Validation Failed", shapes.custom(message))
        if repo.commits_between(base, head) == 0:
            raise _stop(422, "Validation Failed", shapes.custom(f"No commits between {base} and {head}"))
        if draft and not self.drafts:
            message = "Draft pull requests are not supported in this repository."
            raise _stop(422, message)
        pull = repo.open(title, text, head, base, draft)
        made = shapes.pull(call.root_url, repo, pull, full=True)
        return Reply(201, made, {"Location": str(made["url"])})


def _object(body: object) -> dict[str, object]:
    if not isinstance(body, dict):
        raise _stop(400, "Problems parsing JSON" if body is None else "Body should be a JSON object")
    return body


def _check_lengths(title: str, text: str) -> None:
    if len(title) > MAX_TITLE:
        message = f"title is too long (maximum is {MAX_TITLE} characters)"
        raise _stop(422, "Validation Failed", shapes.custom(message))
    if len(text) > MAX_BODY:
        raise _stop(422, "Validation Failed", shapes.custom(f"body is too long (maximum is {MAX_BODY} characters)"))
