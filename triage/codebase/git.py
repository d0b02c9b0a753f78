"""Run the git binary on one repo: no hooks, no prompts, no pager, errors in plain words."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.errors import Refused, TriageError, Unavailable

# Settings of the user or of the repo that would run a program or change what we parse.
# Credentials, signing and proxies stay the user's own.
SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.quotePath=false",
    "core.pager=cat",
    "core.editor=false",
    "sequence.editor=false",
    "color.ui=false",
    "advice.detachedHead=false",
    "log.showSignature=false",
    "blame.ignoreRevsFile=",
    "diff.external=",
    "diff.noprefix=false",
    "diff.mnemonicPrefix=false",
    "diff.algorithm=histogram",
    "gc.auto=0",
    "maintenance.auto=false",
    "submodule.recurse=false",
)

# Variables that would point git at another repo or make it run something.
STRIPPED = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_TRACE",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_REDIRECT_STDOUT",
    "GIT_REDIRECT_STDERR",
)

TIMEOUT = 120.0


@dataclass(frozen=True, slots=True)
class GitResult:
    """How one call ended; `stdout` untouched, `stderr` as text for messages."""

    code: int
    stdout: bytes
    stderr: str

    @property
    def text(self) -> str:
        return self.stdout.decode("utf-8", "surrogateescape")


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """A file of a commit."""

    path: str
    mode: str
    blob: str


class Git:
    """git on the repo that holds the folder `repo`."""

    def __init__(self, repo: Path, binary: str = "git") -> None:
        self.repo = repo
        self.binary = binary

    async def call(
        self,
        *arguments: str,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> GitResult:
        """Run git and hand back how it ended, whatever the exit code.

        Raises Unavailable when there is no git or it takes longer than `timeout` seconds, and
        TriageError when the folder does not exist.
        """
        if any("\0" in argument for argument in arguments):
            raise TriageError("git was asked for a name that cannot exist", "it holds a NUL character")
        command = [self.binary, "--no-pager", "--literal-pathspecs"]
        for setting in SETTINGS:
            command += ["-c", setting]
        if not self.repo.is_dir():
            raise TriageError(f"no such folder: {self.repo}", hint="pass the checkout with --repo")
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                *(os.fsencode(argument) for argument in arguments),
                cwd=self.repo,
                env=environment(env),
                stdin=asyncio.subprocess.PIPE if input is not None else asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError as error:
            raise Unavailable("git is not installed", f"no `{self.binary}` on PATH", "install git") from error
        except PermissionError as error:
            raise Unavailable(
                "git cannot be run", str(error), "check the permissions of the folder and of git"
            ) from error
        try:
            async with asyncio.timeout(timeout):
                stdout, stderr = await process.communicate(input)
        except TimeoutError as error:
            detail = f"`git {_verb(arguments)}` ran longer than {timeout:g} s"
            raise Unavailable(
                "git takes too long", detail, "is the disk or the network slow? try the command by hand"
            ) from error
        finally:
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()
        return GitResult(process.returncode or 0, stdout, stderr.decode("utf-8", "replace"))

    async def run(
        self,
        *arguments: str,
        input: bytes | str | None = None,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> str:
        """What git printed. With `check`, a failing call raises a TriageError that names the fix."""
        raw = input.encode("utf-8", "surrogateescape") if isinstance(input, str) else input
        result = await self.call(*arguments, input=raw, env=env, timeout=timeout)
        if check and result.code:
            raise explain(result, arguments, self.repo)
        return result.text

    async def toplevel(self) -> Path:
        """The root of the working tree."""
        return Path((await self.run("rev-parse", "--show-toplevel")).rstrip("\n"))

    async def common_dir(self) -> Path:
        """The repo's own `.git` folder, also when `repo` is a linked worktree."""
        found = (await self.run("rev-parse", "--git-common-dir")).rstrip("\n")
        return (self.repo / found).resolve()

    async def head(self) -> str:
        """HEAD's commit, detached or not. Raises TriageError when there is no commit yet."""
        result = await self.call("rev-parse", "--verify", "--quiet", "HEAD^{commit}")
        if result.code:
            if result.stderr.strip():
                raise explain(result, ("rev-parse",), self.repo)
            await self.run("rev-parse", "--git-dir")
            raise no_commits(self.repo)
        return result.text.strip()

    async def resolve(self, ref: str) -> str | None:
        """The commit that `ref` names, None when there is none. Never reads `ref` as an option."""
        if not ref or "\0" in ref or "\n" in ref or ref.startswith("-"):
            return None
        result = await self.call("rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
        lines = result.text.split()
        return lines[-1] if result.code == 0 and lines else None

    async def entries(self, commit: str) -> dict[str, TreeEntry]:
        """The files of a commit by path; symlinks and submodules are left out."""
        listing = await self.call("ls-tree", "-r", "-z", "--full-tree", "--end-of-options", commit)
        if listing.code:
            raise explain(listing, ("ls-tree",), self.repo)
        found: dict[str, TreeEntry] = {}
        for item in listing.text.split("\0"):
            head, tab, path = item.partition("\t")
            if not tab:
                continue
            mode, kind, blob = head.split(" ")
            if kind == "blob" and mode != "120000":
                found[path] = TreeEntry(path, mode, blob)
        return found

    async def list_files(self, commit: str) -> list[str]:
        """The paths of a commit, from the root of the repo."""
        return list(await self.entries(commit))

    async def show(self, commit: str, path: str) -> str | None:
        """A file's text at a commit, None when it is not there."""
        result = await self.call("cat-file", "blob", f"{commit}:{path}")
        return None if result.code else result.stdout.decode("utf-8", "replace")

    async def blobs(self, names: Iterable[str]) -> dict[str, bytes]:
        """The content of many blobs by object name, in one process; missing ones are left out."""
        wanted = sorted({name for name in names if name.isalnum()})
        if not wanted:
            return {}
        result = await self.call("cat-file", "--batch", input=("\n".join(wanted) + "\n").encode())
        if result.code:
            raise explain(result, ("cat-file",), self.repo)
        found: dict[str, bytes] = {}
        output, position = result.stdout, 0
        for name in wanted:
            end = output.index(b"\n", position)
            header = output[position:end].split(b" ")
            position = end + 1
            if len(header) != 3:
                continue
            size = int(header[2])
            found[name] = output[position : position + size]
            position += size + 1
        return found


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment our git calls get: the user's, without what redirects or prompts."""
    env = {name: value for name, value in os.environ.items() if name not in STRIPPED}
    env.update(
        GIT_TERMINAL_PROMPT="0",
        GIT_OPTIONAL_LOCKS="0",
        GIT_PAGER="cat",
        GIT_EDITOR="false",
        GIT_ASKPASS=env.get("GIT_ASKPASS", "") or "true",
        GCM_INTERACTIVE="never",
        SSH_ASKPASS_REQUIRE="never",
        LC_ALL="C",
        LANGUAGE="C",
    )
    env.update(extra or {})
    return env


def no_commits(repo: Path) -> TriageError:
    return TriageError("the repo has no commits", str(repo), "commit the code once, then try again")


def explain(result: GitResult, arguments: Iterable[str], repo: Path) -> TriageError:
    """The error for a failed call, with what the user can do about it."""
    said = result.stderr.strip()
    lowered = said.lower()
    first = next((line for line in said.splitlines() if line.strip()), f"exit code {result.code}")
    if "dubious ownership" in lowered:
        hint = f"if you trust it: git config --global --add safe.directory {repo}"
        return Refused("git refuses this repo: somebody else owns it", str(repo), hint)
    if "not a git repository" in lowered:
        return TriageError("not a git repository", str(repo), "pass the checkout with --repo, or run `git init`")
    if "must be run in a work tree" in lowered:
        return TriageError("this is a bare repository", str(repo), "pass a checkout with --repo")
    if (
        "does not have any commits" in lowered
        or "ambiguous argument 'head'" in lowered
        or "bad revision 'head'" in lowered
    ):
        return no_commits(repo)
    if "index.lock" in lowered or ("unable to create" in lowered and ".lock" in lowered):
        return Unavailable(
            "another git process holds the repo", first, "wait for it, or remove the stale .lock file it names"
        )
    if "no space left" in lowered:
        return Unavailable("the disk is full", first, "free some space, then try again")
    if ("object file" in lowered and "empty" in lowered) or "bad object" in lowered or "corrupt" in lowered:
        return TriageError("the repo is damaged", first, "run `git fsck`; a fresh clone usually mends it")
    return TriageError(f"git {_verb(arguments)} failed", first, "run the command by hand to see more")


def _verb(arguments: Iterable[str]) -> str:
    return next((item for item in arguments if not item.startswith("-")), "")
