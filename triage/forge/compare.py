"""What to show where no pull request can be opened: a link that opens one, or a text to send."""

import urllib.parse
from pathlib import Path

from triage.domain.outside import one_line
from triage.forge.git import git
from triage.forge.remote import RemoteUrl


def compare_url(url: RemoteUrl, branch: str, base: str) -> str | None:
    """The page where the user opens the request by hand, guessed from the host's name.

    None when the host gives no clue. Shapes from the forges' own documentation.
    """
    web = url.web
    if web is None or "/" not in url.path:
        return None
    quoted_branch, quoted_base = (urllib.parse.quote(name, safe="/") for name in (branch, base))
    host = url.host
    if "gitlab" in host:
        fields = {"merge_request[source_branch]": branch, "merge_request[target_branch]": base}
        return f"{web}/-/merge_requests/new?{urllib.parse.urlencode(fields)}"
    if "bitbucket" in host:
        return f"{web}/pull-requests/new?{urllib.parse.urlencode({'source': branch, 'dest': base})}"
    if host == "git.sr.ht":
        return f"{web}/send-email?{urllib.parse.urlencode({'branch': branch})}"
    if any(word in host for word in ("github", "gitea", "forgejo", "codeberg", "gogs")):
        return f"{web}/compare/{quoted_base}...{quoted_branch}"
    return None


async def request_pull(repo: Path, url: RemoteUrl, base_commit: str, branch: str, commit: str) -> str:
    """The text that `git request-pull` writes, for the list or chat where requests go.

    Written by us because git's own script asks the network again. The message part is what
    the commit says; the address carries no password.
    """
    base_title = await git(repo, "log", "-1", "--format=%s (%ci)", base_commit)
    title = await git(repo, "log", "-1", "--format=%s (%ci)", commit)
    stat = await git(repo, "diff", "--stat", "--summary", "--no-color", "--no-ext-diff", base_commit, commit)
    log = await git(repo, "shortlog", f"{base_commit}..{commit}")
    return (
        f"The following changes since commit {base_commit}:\n\n  {one_line(base_title, limit=200)}\n\n"
        f"are available in the Git repository at:\n\n  {url.shown} {branch}\n\n"
        f"for you to fetch changes up to {commit}:\n\n  {one_line(title, limit=200)}\n\n"
        f"{'-' * 64}\n{log}\n\n{stat}\n"
    )
