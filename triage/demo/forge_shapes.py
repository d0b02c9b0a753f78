"""The JSON that GitHub answers with, for what the loopback forge knows.

Field names after GitHub's published OpenAPI description (npm `@octokit/openapi`,
`api.github.com.json`, schemas pull-request, pull-request-simple, repository).
"""

import hashlib

from triage.demo.forge_state import PullRequest, Repository
from triage.domain.event import Json

DOCS = "https://docs.github.com/rest"


def _number(text: str) -> int:
    """A stable number for what GitHub numbers by itself."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 900_000_000 + 1


def user(root: str, login: str, kind: str = "User") -> dict[str, Json]:
    api = f"{root}/api/v3/users/{login}"
    return {
        "login": login,
        "id": _number(login),
        "node_id": f"U_{_number(login)}",
        "avatar_url": f"{root}/avatars/{login}",
        "gravatar_id": "",
        "url": api,
        "html_url": f"{root}/{login}",
        "followers_url": f"{api}/followers",
        "following_url": f"{api}/following{{/other_user}}",
        "gists_url": f"{api}/gists{{/gist_id}}",
        "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
        "subscriptions_url": f"{api}/subscriptions",
        "organizations_url": f"{api}/orgs",
        "repos_url": f"{api}/repos",
        "events_url": f"{api}/events{{/privacy}}",
        "received_events_url": f"{api}/received_events",
        "type": kind,
        "site_admin": False,
    }


_REPOSITORY_LINKS = (
    "archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents",
    "contributors", "deployments", "downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks",
    "issue_comment", "issue_events", "issues", "keys", "labels", "languages", "merges", "milestones", "notifications",
    "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags", "teams", "trees",
)  # fmt: skip


def repository(root: str, repo: Repository) -> dict[str, Json]:
    api = f"{root}/api/v3/repos/{repo.full_name}"
    page = f"{root}/{repo.full_name}"
    shape: dict[str, Json] = {
        "id": _number(repo.full_name),
        "node_id": f"R_{_number(repo.full_name)}",
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(root, repo.owner, "Organization"),
        "private": True,
        "html_url": page,
        "description": None,
        "fork": False,
        "url": api,
        "clone_url": f"{page}.git",
        "git_url": f"{page}.git",
        "ssh_url": f"{page}.git",
        "svn_url": page,
        "homepage": None,
        "mirror_url": None,
        "language": "Python",
        "license": None,
        "default_branch": repo.default_branch(),
        "archived": False,
        "disabled": False,
        "visibility": "private",
        "forks": 0,
        "forks_count": 0,
        "stargazers_count": 0,
        "watchers": 0,
        "watchers_count": 0,
        "open_issues": 0,
        "open_issues_count": 0,
        "size": 0,
        "topics": [],
        "has_downloads": True,
        "has_issues": True,
        "has_pages": False,
        "has_projects": False,
        "has_wiki": False,
        "has_discussions": False,
        "is_template": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "created_at": "2026-01-01T00:00:00Z",
        "updated_at": "2026-01-01T00:00:00Z",
        "pushed_at": "2026-01-01T00:00:00Z",
        "permissions": {"admin": False, "maintain": False, "push": True, "triage": True, "pull": True},
    }
    shape.update({f"{link}_url": f"{api}/{link.replace('_', '/')}" for link in _REPOSITORY_LINKS})
    return shape


def full_repository(root: str, repo: Repository) -> dict[str, Json]:
    """What `GET /repos/{owner}/{repo}` answers."""
    return {**repository(root, repo), "network_count": 0, "subscribers_count": 0}


def pull(root: str, repo: Repository, item: PullRequest, *, full: bool) -> dict[str, Json]:
    """A pull request as lists show it, or with all that the single one has."""
    api = f"{root}/api/v3/repos/{repo.full_name}"
    url, issue, page = (
        f"{api}/pulls/{item.number}",
        f"{api}/issues/{item.number}",
        f"{root}/{repo.full_name}/pull/{item.number}",
    )
    statuses = f"{api}/statuses/{item.head_sha}"
    owner = user(root, repo.owner, "Organization")
    where = repository(root, repo)

    def side(branch: str, sha: str) -> dict[str, Json]:
        return {"label": f"{repo.owner}:{branch}", "ref": branch, "sha": sha, "user": owner, "repo": where}

    shape: dict[str, Json] = {
        "url": url,
        "id": _number(f"{repo.full_name}#{item.number}"),
        "node_id": f"PR_{_number(f'{repo.full_name}#{item.number}')}",
        "html_url": page,
        "diff_url": f"{page}.diff",
        "patch_url": f"{page}.patch",
        "issue_url": issue,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "comments_url": f"{issue}/comments",
        "statuses_url": statuses,
        "number": item.number,
        "state": item.state,
        "locked": False,
        "title": item.title,
        "user": user(root, "you"),
        "body": item.body,
        "labels": [],
        "milestone": None,
        "active_lock_reason": None,
        "created_at": item.created_at,
        "updated_at": item.updated_at,
        "closed_at": item.closed_at,
        "merged_at": item.merged_at,
        "merge_commit_sha": item.merge_sha,
        "assignee": None,
        "assignees": [],
        "requested_reviewers": [],
        "requested_teams": [],
        "head": side(item.head, item.head_sha),
        "base": side(item.base, item.base_sha),
        "_links": {
            "self": {"href": url},
            "html": {"href": page},
            "issue": {"href": issue},
            "comments": {"href": f"{issue}/comments"},
            "review_comments": {"href": f"{url}/comments"},
            "review_comment": {"href": f"{api}/pulls/comments{{/number}}"},
            "commits": {"href": f"{url}/commits"},
            "statuses": {"href": statuses},
        },
        "author_association": "CONTRIBUTOR",
        "auto_merge": None,
        "draft": item.draft,
    }
    if full:
        added, removed, files = repo.numstat(item)
        shape |= {
            "merged": item.merged_at is not None,
            "mergeable": True if item.state == "open" else None,
            "rebaseable": None,
            "mergeable_state": "draft" if item.draft else "clean",
            "merged_by": user(root, "you") if item.merged_at else None,
            "comments": 0,
            "review_comments": 0,
            "maintainer_can_modify": False,
            "commits": repo.commits_between(item.base_sha, item.head_sha),
            "additions": added,
            "deletions": removed,
            "changed_files": files,
        }
    return shape


def error(status: int, message: str, *errors: dict[str, Json], path: str = "") -> dict[str, Json]:
    """GitHub's error answer; validation errors list what is wrong with which field."""
    body: dict[str, Json] = {"message": message, "documentation_url": f"{DOCS}{path}", "status": str(status)}
    if errors:
        body["errors"] = list(errors)
    return body


def invalid(field: str, code: str = "invalid") -> dict[str, Json]:
    return {"resource": "PullRequest", "field": field, "code": code}


def custom(message: str) -> dict[str, Json]:
    return {"resource": "PullRequest", "code": "custom", "message": message}
