"""Asks git about the repo under triage with everything switched off that could run or write there."""

import os
from pathlib import Path

from triage.errors import NotFound, TriageError, full_disk
from triage.execution.process import Completed, collect

_QUIET = {
    "core.hooksPath": os.devnull,
    "core.fsmonitor": "false",
    "core.sparseCheckout": "false",
    "core.splitIndex": "false",
    "core.untrackedCache": "false",
    "core.autocrlf": "false",
    "submodule.recurse": "false",
    "checkout.workers": "0",
    "advice.detachedHead": "false",
}


_known: set[tuple[Path, str]] = set()


async def resolve(repo: Path, ref: str) -> str:
    """The full commit id of `ref`. Raises NotFound when the repo has no such commit."""
    if (repo, ref) in _known:
        return ref
    done = await git(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", check=False)
    found = done.text.strip()
    if done.code != 0 or not found:
        said = done.errors.strip()
        hint = "fetch it, or name another commit" if not said else "check that this is a git repository you may read"
        raise NotFound(f"no commit {ref!r}", said or f"in {repo}", hint)
    commit = found.splitlines()[-1]
    _known.add((repo, commit))
    return commit


async def git(
    repo: Path,
    *arguments: str,
    env: dict[str, str] | None = None,
    settings: dict[str, str] | None = None,
    check: bool = True,
) -> Completed:
    """Run git on `repo` with hooks, prompts and monitors off. Raises TriageError when it fails."""
    options = [part for name, value in {**_QUIET, **(settings or {})}.items() for part in ("-c", f"{name}={value}")]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    around = {**kept, "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C", **(env or {})}
    done = await collect(["git", "-C", str(repo), *options, *arguments], env=around, timeout=300)
    if check and done.code != 0:
        said = done.errors.strip() or ("it took more than five minutes" if done.timed_out else f"exit code {done.code}")
        full = full_disk(place=repo)
        raise full or TriageError(f"git {arguments[0]} failed", _brief(said), f"try it by hand in {repo}")
    return done


def _brief(said: str) -> str:
    """The first thing git said; a checkout can fail with a line for each file."""
    first, *more = said.splitlines()
    return f"{first} (and {len(more)} more lines)" if len(more) > 1 else said
