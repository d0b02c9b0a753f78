"""Reads a remote: where it is, who owns it there, and which branch pull requests go to."""

import asyncio
import re
import urllib.parse
from dataclasses import dataclass
from pathlib import Path

from triage.domain.outside import one_line
from triage.errors import NotFound, TriageError, Unavailable
from triage.forge.git import ASKING_TIMEOUT, attempt, git, over_network, remote_error, without_password
from triage.forge.tokens import Token

_SCP_LIKE = re.compile(r"(?:(?P<user>[^@/\s]+)@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^:/\s\[\]]+):(?P<path>[^\s]+)")
_OBJECT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")


@dataclass(frozen=True, slots=True)
class RemoteUrl:
    """A remote's address taken apart. `scheme` is "ssh" for the short `host:path` form too,
    and "file" for paths. `path` has neither slashes around it nor `.git`. `owner` holds all
    groups ("group/subgroup" on GitLab), "" for local remotes."""

    url: str
    scheme: str
    host: str
    port: int | None
    path: str

    @property
    def owner(self) -> str:
        return self.path.rpartition("/")[0] if self.scheme != "file" else ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def web(self) -> str | None:
        """Where a browser finds the repository; None for local remotes."""
        if self.scheme == "file" or not self.host:
            return None
        secure = "http" if self.scheme == "http" else "https"
        port = f":{self.port}" if self.port and self.scheme in ("http", "https") else ""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{secure}://{host}{port}/{urllib.parse.quote(self.path)}"

    @property
    def shown(self) -> str:
        """The address without a password in it."""
        return without_password(one_line(self.url, limit=300))


def parse_remote_url(url: str) -> RemoteUrl:
    """Take a remote's URL apart: https, http, ssh, git, file, `user@host:path` and plain paths.

    Never raises: what cannot be understood comes back as a "file" remote without an owner.
    """
    url = url.strip()
    if "://" in url:
        try:
            parts = urllib.parse.urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            return RemoteUrl(url, "file", "", None, url)
        scheme = parts.scheme.lower()
        scheme = {"git+ssh": "ssh", "ssh+git": "ssh"}.get(scheme, scheme)
        if scheme in ("https", "http", "ssh", "git"):
            if (scheme, port) in (("https", 443), ("http", 80), ("ssh", 22)):
                port = None
            return RemoteUrl(url, scheme, host.lower(), port, _repo_path(urllib.parse.unquote(parts.path)))
        return RemoteUrl(url, "file", "", None, _repo_path(parts.path))
    short = _SCP_LIKE.fullmatch(url)
    # One letter before the colon is a Windows drive, a slash before it makes it a path.
    if short and len(short["host"]) > 1 and "\\" not in url:
        return RemoteUrl(url, "ssh", short["host"].strip("[]").lower(), None, _repo_path(short["path"]))
    return RemoteUrl(url, "file", "", None, _repo_path(url))


def _repo_path(path: str) -> str:
    path = path.strip("/")
    return path.removesuffix(".git").rstrip("/")


async def read_remote(repo: Path, remote: str) -> RemoteUrl:
    """The push address of `remote` with the user's `insteadOf` rules applied.

    Raises NotFound when the repo has no such remote.
    """
    ran = await attempt(repo, "remote", "get-url", "--push", "--", remote)
    if ran.code == 0 and ran.out.strip():
        return await _without_alias(parse_remote_url(ran.out.splitlines()[0]))
    known = (await git(repo, "remote")).split()
    if not known:
        raise NotFound(
            f"this repository has no remote named {remote}",
            "nothing to push to",
            f"git remote add {remote} URL, then press again",
        )
    raise NotFound(
        f"this repository has no remote named {remote}",
        f"it has: {', '.join(known)}",
        f'set remote = "{known[0]}" under [forge] in triage.toml',
    )


async def _without_alias(url: RemoteUrl) -> RemoteUrl:
    """A host name from ~/.ssh/config (`git@work:o/r`) resolved to the host it stands for."""
    if url.scheme != "ssh" or "." in url.host or url.host in ("", "localhost") or url.host.startswith("-"):
        return url
    try:
        process = await asyncio.create_subprocess_exec(
            "ssh", "-G", "--", url.host, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
    except OSError:
        return url
    try:
        out, _ = await asyncio.wait_for(process.communicate(), 5)
    except TimeoutError:
        return url
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    for line in out.decode("utf-8", "replace").splitlines():
        key, _, value = line.partition(" ")
        if key == "hostname" and value:
            return RemoteUrl(url.url, url.scheme, value.strip().lower(), url.port, url.path)
    return url


async def list_refs(
    repo: Path, remote: str, *patterns: str, pushed: bool = False, token: Token | None = None
) -> tuple[dict[str, str], str]:
    """Ask the remote for its refs: ({ref: commit}, default branch or ""). Writes nothing.

    `pushed` asks where pushes go, should that be another place than where fetches come from.
    Raises TriageError when the remote cannot be asked.
    """
    place, url = await _place(repo, remote, pushed)
    ask = ("ls-remote", "--symref", "--", place, *patterns)
    ran = await over_network(repo, url, *ask, token=token, timeout=ASKING_TIMEOUT)
    if ran.code:
        raise remote_error(remote, without_password(url), ran)
    refs: dict[str, str] = {}
    default = ""
    for line in ran.out.splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif _OBJECT.fullmatch(value):
            refs[name] = value
    return refs, default


async def _place(repo: Path, remote: str, pushed: bool) -> tuple[str, str]:
    """(what git is to be given, its URL): the remote's name, or its push address where that differs."""
    push_url = (await read_remote(repo, remote)).url
    ran = await attempt(repo, "remote", "get-url", "--", remote)
    fetch_url = ran.out.strip().split("\n")[0] if ran.code == 0 else push_url
    if pushed and fetch_url != push_url:
        return push_url, push_url
    return remote, fetch_url


@dataclass(frozen=True, slots=True)
class Base:
    """The branch that a pull request goes to, and the commit at its tip on the remote."""

    branch: str
    commit: str


async def remote_base(repo: Path, remote: str, configured: str = "", token: Token | None = None) -> Base:
    """Ask the remote for its default branch (or the `configured` one) and have its tip here.

    Fetches objects only: no ref, not even FETCH_HEAD, is written. Raises NotFound for an
    empty remote or an unknown branch.
    """
    refs, default = await list_refs(repo, remote, "HEAD", "refs/heads/*", token=token)
    branch = configured or default
    if not branch and "HEAD" in refs:  # a detached or hidden HEAD: the branch with the same commit
        same = [
            ref.removeprefix("refs/heads/") for ref, commit in refs.items() if commit == refs["HEAD"] and ref != "HEAD"
        ]
        branch = next((name for name in ("main", "master") if name in same), same[0] if same else "")
    commit = refs.get(f"refs/heads/{branch}")
    if commit is None:
        heads = [ref.removeprefix("refs/heads/") for ref in refs if ref != "HEAD"]
        if not heads:
            raise NotFound(
                f"{remote} has no commits yet", "there is nothing a pull request could go to", f"git push {remote} HEAD"
            )
        raise NotFound(
            f"{remote} has no branch {branch or '(no default)'}",
            f"it has: {', '.join(sorted(heads)[:8])}",
            "set base under [forge] in triage.toml",
        )
    await have_commit(repo, remote, f"refs/heads/{branch}", commit, token=token)
    return Base(branch, commit)


async def have_commit(
    repo: Path, remote: str, ref: str, commit: str, *, pushed: bool = False, token: Token | None = None
) -> None:
    """Make sure that `commit`, which `ref` has on the remote, is in the local object store."""
    if await has_commit(repo, commit):
        return
    place, url = await _place(repo, remote, pushed)
    quietly = ("--quiet", "--no-tags", "--no-write-fetch-head", "--refmap=", "--no-auto-maintenance")
    ran = await over_network(repo, url, "fetch", *quietly, "--", place, ref, token=token)
    if ran.code:
        raise remote_error(remote, without_password(url), ran)
    if not await has_commit(repo, commit):
        raise Unavailable(f"{ref} moved on {remote} while we read it", f"{commit[:10]} is gone", "press again")


async def has_commit(repo: Path, commit: str) -> bool:
    """Whether the object is here, without asking a promisor remote for it."""
    ran = await attempt(repo, "cat-file", "-e", f"{commit}^{{commit}}", env={"GIT_NO_LAZY_FETCH": "1"})
    return ran.code == 0


async def require_repo_with_commits(repo: Path) -> str:
    """The commit at HEAD. Raises TriageError for no repository and for one without commits."""
    await git(repo, "rev-parse", "--git-dir")
    ran = await attempt(repo, "rev-parse", "--verify", "--quiet", "HEAD^{commit}")
    if ran.code:
        raise TriageError("this repository has no commits yet", str(repo), "commit your code first")
    return ran.out.strip()
