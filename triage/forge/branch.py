"""Puts a draft on a branch of the remote without touching the user's worktree, index or refs."""

import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from triage.domain.outside import one_line
from triage.errors import NotFound, Refused, TriageError, Unavailable
from triage.forge.git import Ran, attempt, git, last_words, over_network, remote_error, without_password
from triage.forge.remote import have_commit, list_refs, read_remote, require_repo_with_commits
from triage.forge.tokens import Token

PREFIX = "triage/"
MAX_SUFFIX = 50
_ISSUE = "Triage-Issue"


@dataclass(frozen=True, slots=True)
class Pushed:
    """The branch as it now is on the remote. `existed` says that it already held exactly
    these files; `output` is what git and the server said."""

    commit: str
    branch: str
    existed: bool
    output: tuple[str, ...] = ()


async def publish_branch(
    repo: Path,
    remote: str,
    base_commit: str,
    branch: str,
    files: Mapping[str, str],
    message: str,
    author: str | None = None,
    token: Token | None = None,
) -> Pushed:
    """Commit `files` (path: whole text) on top of `base_commit` and push it as `branch`.

    What happens when the remote has the branch already, never overwriting anything:
    the same files on it: found (`existed`), nothing is sent; a commit of ours for the same
    issue (same Triage-Issue trailer, same committer, no other file): a new commit on top,
    so that its pull request shows the new revision; anything else: the next free of
    `branch-2`, `branch-3`, ...

    `author` is "Name <email>", else the user's own identity. `token` is tried where the
    user's git credentials are refused. Raises TriageError: no repository, no commits, no
    identity, no such remote, credentials refused, rejected, no network, unsafe path.
    """
    if not branch.startswith(PREFIX):
        raise Refused(f"{branch} is not a branch of ours", f"triage only pushes to {PREFIX}*")
    await require_repo_with_commits(repo)
    await git(repo, "check-ref-format", f"refs/heads/{branch}")
    for path in files:
        await _check_path(repo, base_commit, path)
    url = (await read_remote(repo, remote)).url
    committer = await _identity(repo)
    refs, _ = await list_refs(repo, remote, f"refs/heads/{branch}", f"refs/heads/{branch}-*", pushed=True, token=token)
    taken = {ref.removeprefix("refs/heads/"): commit for ref, commit in refs.items()}

    for name in [branch, *(f"{branch}-{number}" for number in range(2, MAX_SUFFIX))]:
        parent = base_commit
        if tip := taken.get(name):
            await have_commit(repo, remote, f"refs/heads/{name}", tip, pushed=True, token=token)
            if await _holds_only(repo, base_commit, tip, files):
                return Pushed(tip, name, existed=True)
            if not await _is_ours(repo, base_commit, tip, files, message, committer):
                continue
            parent = tip
        commit = await _commit(repo, parent, files, message, author)
        output = await _push(repo, remote, url, commit, name, token)
        return Pushed(commit, name, existed=False, output=output)
    raise Refused(f"{remote} has {MAX_SUFFIX} branches named {branch}", hint="delete those that are not needed")


async def delete_branch(repo: Path, remote: str, branch: str, expected_commit: str, token: Token | None = None) -> bool:
    """Delete `branch` on the remote if it still is at `expected_commit`; False: it was gone already.

    The remote itself compares, so a commit that somebody adds meanwhile is never lost.
    Raises Refused when the branch has moved or is not ours.
    """
    if not branch.startswith(PREFIX):
        raise Refused(f"{branch} is not a branch of ours", f"triage only deletes {PREFIX}*")
    ref = f"refs/heads/{branch}"
    url = (await read_remote(repo, remote)).url
    refs, _ = await list_refs(repo, remote, ref, pushed=True, token=token)
    tip = refs.get(ref)
    if tip is None:
        return False
    if tip != expected_commit:
        raise _moved(remote, branch, tip, expected_commit)
    # Not a forced overwrite: the remote deletes only what still is at the commit we name.
    lease = f"--force-with-lease={ref}:{expected_commit}"
    push = ("push", "--porcelain", "--no-verify", lease, "--", remote, f":{ref}")
    ran = await over_network(repo, url, *push, token=token)
    if ran.code == 0:
        return True
    if "stale info" in ran.out:
        raise _moved(remote, branch, "another commit", expected_commit)
    if "remote ref does not exist" in ran.out + ran.err:
        return False
    raise _push_error(remote, url, branch, ran)


def _moved(remote: str, branch: str, tip: str, expected: str) -> Refused:
    return Refused(
        f"{branch} has commits that are not ours",
        f"on {remote} it is at {tip[:10]}, we pushed {expected[:10]}",
        f"look at it, then delete it by hand: git push {remote} --delete {branch}",
    )


async def show_diff(repo: Path, base_commit: str, files: Mapping[str, str]) -> str:
    """What the commit would change, as a unified diff. Writes objects, no refs."""
    for path in files:
        await _check_path(repo, base_commit, path)
    tree = await _tree(repo, base_commit, files)
    return await git(repo, "diff", "--no-color", "--no-ext-diff", "--no-textconv", base_commit, tree)


async def _check_path(repo: Path, base_commit: str, path: str) -> None:
    parts = PurePosixPath(path).parts
    unsafe = path.startswith("/") or "\\" in path or "\0" in path or "\n" in path or ".." in parts
    if unsafe or not parts or any(part.lower().rstrip(". ") in (".git", "") for part in parts):
        raise Refused(
            "the test's path leaves the repository", one_line(path, limit=200), "give the draft a path inside the tests"
        )
    ancestors = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    listed = await git(
        repo, "ls-tree", "-z", "--full-tree", base_commit, "--", *(f":(literal,top){item}" for item in ancestors)
    )
    for entry in filter(None, listed.split("\0")):
        mode = entry.split(" ", 1)[0]
        if mode in ("120000", "160000"):
            raise Refused(
                "the test's path goes through a link",
                f"{entry.partition(chr(9))[2]} is a {'symlink' if mode == '120000' else 'submodule'}",
                "give the draft a path of ordinary folders",
            )


async def _identity(repo: Path) -> str:
    """The committer's e-mail. git's guess from the host's name is no identity for a pull request."""
    ran = await attempt(repo, "-c", "user.useConfigOnly=true", "var", "GIT_COMMITTER_IDENT")
    author = await attempt(repo, "-c", "user.useConfigOnly=true", "var", "GIT_AUTHOR_IDENT")
    email = re.search(r"<([^<>]*)>", ran.out)
    if ran.code or author.code or email is None:
        raise TriageError(
            "git does not know who you are",
            last_words(ran.err or author.err, 1),
            'git config --global user.name "Your Name" and user.email you@example.com',
        )
    return email[1]


async def _holds_only(repo: Path, base: str, tip: str, files: Mapping[str, str]) -> bool:
    """Whether `tip` holds exactly `files`, and changed nothing else since it left the base."""
    for path, text in files.items():
        wanted = await git(repo, "hash-object", "--stdin", "--no-filters", stdin=text)
        there = await attempt(repo, "rev-parse", "--verify", "--quiet", f"{tip}:{path}")
        if there.code or there.out.strip() != wanted:
            return False
    return await _changed_since(repo, base, tip) <= set(files)


async def _is_ours(repo: Path, base: str, tip: str, files: Mapping[str, str], message: str, committer: str) -> bool:
    issue = await _trailer(repo, message)
    said = await git(repo, "log", "-1", "--format=%ce%n%B", tip)
    tip_committer, _, tip_message = said.partition("\n")
    same = bool(issue) and issue == await _trailer(repo, tip_message) and tip_committer == committer
    return same and await _changed_since(repo, base, tip) <= set(files)


async def _changed_since(repo: Path, base: str, tip: str) -> set[str]:
    fork = await attempt(repo, "merge-base", base, tip)
    start = fork.out.strip() if fork.code == 0 else base
    return set(filter(None, (await git(repo, "diff", "--name-only", "--no-renames", "-z", start, tip)).split("\0")))


async def _trailer(repo: Path, message: str) -> str:
    parsed = await git(repo, "interpret-trailers", "--parse", stdin=message)
    values = [line.partition(":")[2].strip() for line in parsed.splitlines() if line.startswith(f"{_ISSUE}:")]
    return values[-1] if values else ""


async def _tree(repo: Path, parent: str, files: Mapping[str, str]) -> str:
    with tempfile.TemporaryDirectory(prefix="triage-index-") as folder:
        index = {"GIT_INDEX_FILE": f"{folder}/index"}
        await git(repo, "read-tree", parent, env=index)
        for path, text in files.items():
            blob = await git(repo, "hash-object", "-w", "--stdin", "--no-filters", stdin=text)
            existing = await git(repo, "ls-files", "--stage", "-z", "--", f":(literal,top){path}", env=index)
            mode = existing.split(" ", 1)[0] if existing else "100644"
            await git(repo, "update-index", "--add", "--cacheinfo", f"{mode},{blob},{path}", env=index)
        return await git(repo, "write-tree", env=index)


async def _commit(repo: Path, parent: str, files: Mapping[str, str], message: str, author: str | None) -> str:
    tree = await _tree(repo, parent, files)
    if tree == await git(repo, "rev-parse", f"{parent}^{{tree}}"):
        raise TriageError(
            "nothing to publish", f"{', '.join(files)} is already there as it is", "the test has been merged"
        )
    environment: dict[str, str] = {}
    if author is not None:
        name, _, email = author.partition(" <")
        environment = {"GIT_AUTHOR_NAME": one_line(name), "GIT_AUTHOR_EMAIL": one_line(email.rstrip("> "))}
    wants_signature = await attempt(repo, "config", "--type=bool", "--get", "commit.gpgSign")
    sign = ["-S"] if wants_signature.out.strip() == "true" else []
    ran = await attempt(repo, "commit-tree", tree, "-p", parent, *sign, "-F", "-", stdin=message, env=environment)
    if ran.code == 0:
        return ran.out.strip()
    if sign:
        raise Unavailable(
            "the commit could not be signed",
            last_words(ran.err),
            "unlock your signing key (commit once by hand), or git config commit.gpgSign false",
        )
    raise Unavailable("git could not make the commit", last_words(ran.err), f"run `git status` in {repo} to see more")


async def _push(repo: Path, remote: str, url: str, commit: str, branch: str, token: Token | None) -> tuple[str, ...]:
    ran = await over_network(
        repo, url, "push", "--porcelain", "--no-verify", "--", remote, f"{commit}:refs/heads/{branch}", token=token
    )
    if ran.code:
        raise _push_error(remote, url, branch, ran)
    told = [f"{flag} {rest}".strip() for flag, rest in _status_lines(ran)]
    return tuple([without_password(one_line(line, limit=300)) for line in told] + [*ran.remote_lines])


def _status_lines(ran: Ran) -> list[tuple[str, str]]:
    """The ref lines of `git push --porcelain`: (flag, "from:to<TAB>summary")."""
    lines = [line.split("\t", 1) for line in ran.out.splitlines() if "\t" in line]
    return [(flag.strip(), rest.replace("\t", " ")) for flag, rest in lines if len(flag) <= 1]


def _push_error(remote: str, url: str, branch: str, ran: Ran) -> TriageError:
    said = "; ".join(ran.remote_lines[-3:])
    rejected = next((rest for flag, rest in _status_lines(ran) if flag == "!"), "")
    detail = without_password(one_line(f"{rejected} {said}", limit=300))
    if not rejected:
        return remote_error(remote, without_password(url), ran)
    lowered = detail.lower()
    if "non-fast-forward" in lowered or "fetch first" in lowered:
        return Unavailable(
            f"{branch} changed on {remote} just now", detail, "press again: what is there is not overwritten"
        )
    if "protected" in lowered or "gh013" in lowered or "gh006" in lowered or "rule violation" in lowered:
        return Refused(f"{remote} protects {branch}", detail, f"ask for a rule that lets you push {PREFIX}* branches")
    if "shallow" in lowered:
        return Unavailable(f"{remote} refuses a push from a shallow clone", detail, f"git fetch --unshallow {remote}")
    if "permission" in lowered or "denied" in lowered:
        return Unavailable(
            f"you may not push to {remote}", detail, "ask for write access, or set forge.remote to your fork"
        )
    if "hook declined" in lowered or "[remote rejected]" in lowered:
        return Refused(f"{remote} rejected the push", detail, "its hook says why; change the draft or ask its owners")
    return Unavailable(f"{remote} rejected the push", detail or last_words(ran.err), f"run `git push {remote}` by hand")


async def branch_tip(repo: Path, remote: str, branch: str, token: Token | None = None) -> str:
    """The commit that `branch` has on the remote. Raises NotFound when it is not there."""
    refs, _ = await list_refs(repo, remote, f"refs/heads/{branch}", pushed=True, token=token)
    try:
        return refs[f"refs/heads/{branch}"]
    except KeyError:
        raise NotFound(f"{remote} has no branch {branch}", hint="perhaps it was merged and deleted") from None
