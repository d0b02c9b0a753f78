"""Runs git for publishing: hooks off, never a prompt, its failures turned into clear errors."""

import asyncio
import os
import re
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.domain.outside import one_line, printable
from triage.errors import NotFound, Refused, TriageError, Unavailable
from triage.forge.tokens import Token

LOCAL_TIMEOUT = 60.0
NETWORK_TIMEOUT = 180.0
ASKING_TIMEOUT = 20.0  # seconds for what only asks: a server that is there answers in one or two

# Whatever the repo or the caller's shell says, nothing of the repo runs and nothing asks.
_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.quotePath=false",
    "core.pager=cat",
    "gc.auto=0",
    "maintenance.auto=false",
    "push.followTags=false",
    "push.recurseSubmodules=no",
    "fetch.recurseSubmodules=no",
    "advice.detachedHead=false",
    "protocol.ext.allow=never",
    # A server that took the connection and says nothing more.
    "http.lowSpeedLimit=1",
    "http.lowSpeedTime=30",
    "i18n.commitEncoding=UTF-8",
)
# Variables of an outer git command (a hook, `git rebase -x`) would point us to another repo.
_INHERITED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_CEILING_DIRECTORIES",
    "GIT_TRACE",
    "GIT_TRACE_CURL",
    "GIT_CURL_VERBOSE",
)


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished git command; texts are decoded with replacement, `code` is its exit status."""

    code: int
    out: str
    err: str

    @property
    def remote_lines(self) -> tuple[str, ...]:
        """What the server said (`remote: ...`), made printable."""
        said = (printable(line[7:]).strip() for line in self.err.splitlines() if line.startswith("remote:"))
        return tuple(line for line in said if line)


async def attempt(
    repo: Path,
    *args: str,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    timeout: float = LOCAL_TIMEOUT,
) -> Ran:
    """Run git in `repo` and return however it ended.

    Raises Unavailable when git is missing, the folder is gone or `timeout` seconds passed.
    The whole process group is killed on timeout and on cancellation.
    """
    argv = ["git"]
    for setting in _SETTINGS:
        argv += ["-c", setting]
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            *args,
            cwd=repo,
            env=_environment(env),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        if not os.path.isdir(repo):  # noqa: ASYNC240 - one stat on the way out
            raise NotFound(f"no such folder: {repo}", hint="check --repo") from error
        raise Unavailable("git is not installed", "it was not found on PATH", "install git and try again") from error
    try:
        out, err = await asyncio.wait_for(process.communicate(stdin.encode("utf-8", "surrogateescape")), timeout)
    except TimeoutError as error:
        raise Unavailable(
            f"git {args[0]} took longer than {timeout:.0f} s",
            "it was stopped; perhaps the network is down, or it waited for a password or a signing key",
            f"try again, or run `git {args[0]}` by hand in {repo} to see what it waits for",
        ) from error
    finally:
        if process.returncode is None:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            await process.wait()
    return Ran(process.returncode or 0, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))


async def git(repo: Path, *args: str, stdin: str = "", env: Mapping[str, str] | None = None) -> str:
    """Run a local git command that is expected to work; its output without the last newline.

    Raises TriageError with git's own words otherwise.
    """
    ran = await attempt(repo, *args, stdin=stdin, env=env)
    if ran.code:
        raise local_error(repo, args[0], ran)
    return ran.out.rstrip("\n")


async def over_network(
    repo: Path, remote_url: str, *args: str, token: Token | None = None, timeout: float = NETWORK_TIMEOUT
) -> Ran:
    """Run a git command that talks to the remote, with the user's own credentials.

    Where those are refused and `token` is given, an http(s) remote is tried once more with
    the token, which travels in the environment: never in argv, where every user can read it.
    """
    ran = await attempt(repo, *args, timeout=timeout)
    if ran.code and token is not None and _may_carry_token(remote_url) and _AUTH.search(ran.err):
        header = {
            "GIT_CONFIG_COUNT": "2",
            # An empty value drops helpers that would only fail again.
            "GIT_CONFIG_KEY_0": "credential.helper",
            "GIT_CONFIG_VALUE_0": "",
            "GIT_CONFIG_KEY_1": f"http.{remote_url}.extraHeader",
            "GIT_CONFIG_VALUE_1": f"Authorization: Basic {token.basic}",
        }
        ran = await attempt(repo, *args, env=header, timeout=timeout)
    return ran


def _may_carry_token(url: str) -> bool:
    """Only encrypted, or to this very machine."""
    if url.startswith("https://"):
        return True
    return re.match(r"http://(?:[^/@]*@)?(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?/", url) is not None


def _environment(extra: Mapping[str, str] | None) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _INHERITED}
    environment.update(
        LC_ALL="C", LANGUAGE="C", GIT_TERMINAL_PROMPT="0", GIT_OPTIONAL_LOCKS="0", GCM_INTERACTIVE="never"
    )
    # git runs in a session without a terminal; ssh must not open a window to ask instead.
    environment.setdefault("SSH_ASKPASS_REQUIRE", "never")
    environment.update(extra or {})
    return environment


_AUTH = re.compile(
    r"authentication failed|could not read (?:username|password)|terminal prompts disabled|access denied"
    r"|invalid (?:username|credentials)|bad credentials|permission denied \(|error: 40[13]\b|permission to \S+ denied"
    r"|write access to repository not granted",
    re.IGNORECASE,
)
_MISSING = re.compile(
    r"repository .*not found|not found|does not appear to be a git repository|error: 404\b|no such (?:file|repository)"
    r"|project you were looking for could not be found",
    re.IGNORECASE,
)
_NETWORK = re.compile(
    r"could not resolve|failed to connect|couldn't connect|connection (?:refused|reset|timed out|closed)|too slow"
    r"|network is unreachable|no route to host|operation timed out|timeout|\bssl|\btls|error: 5\d\d\b"
    r"|hung up unexpectedly|early eof|proxy",
    re.IGNORECASE,
)
_FULL = re.compile(
    r"no space left|disk quota|unable to write|insufficient permission|read-only file system", re.IGNORECASE
)


def local_error(repo: Path, command: str, ran: Ran) -> TriageError:
    """What a failed local git command means for the user."""
    said = last_words(ran.err)
    if "not a git repository" in ran.err:
        return NotFound(f"{repo} is not a git repository", said, "run triage inside the checkout, or pass --repo")
    if "dubious ownership" in ran.err:
        return Refused(
            "git does not trust this folder",
            f"{repo} belongs to another user",
            f"git config --global --add safe.directory {repo}",
        )
    if _FULL.search(ran.err):
        return Unavailable(
            "git cannot write to the repository", said, "free disk space or mend the permissions of .git"
        )
    return Unavailable(f"git {command} failed", said, f"run `git {command}` in {repo} to see more")


def remote_error(remote: str, url: str, ran: Ran) -> TriageError:
    """What a failed ls-remote, fetch or push means, with what the server said."""
    said = last_words(ran.err)
    if "host key verification failed" in ran.err.lower():
        return Unavailable(f"the host key of {remote} is not known", said, f"run `git fetch {remote}` once by hand")
    if _AUTH.search(ran.err):
        return Unavailable(
            f"{remote} refused your credentials",
            said,
            f"run `git push {remote}` once by hand, `gh auth login`, or set GH_TOKEN",
        )
    if _NETWORK.search(ran.err) and not _MISSING.search(ran.err):
        return Unavailable(f"cannot reach {remote}", said, "check the network, then press again: nothing was sent")
    if _MISSING.search(ran.err):
        return NotFound(
            f"{remote} has no such repository",
            f"{url}: {said}",
            f"check `git remote -v`; set forge.remote if it is not {remote}",
        )
    if _FULL.search(ran.err):
        return Unavailable("git cannot write", said, "free disk space or mend the permissions, then press again")
    return Unavailable(f"{remote} did not answer as git expects", said, f"run `git fetch {remote}` by hand to see more")


def last_words(text: str, count: int = 2) -> str:
    """The lines of git's stderr that say what is wrong, on one printable line, URLs without passwords."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if line.startswith(("fatal:", "error:", "remote:", "ssh:", "!"))] or lines
    return without_password(one_line("; ".join(telling[-count:]), limit=300))


def without_password(text: str) -> str:
    """`text` with the user part of every URL cut out."""
    return re.sub(r"(?<=://)[^/\s@]{1,500}@", "", text)
