"""Which release a merged pull request came out with: the first tag that holds its merge."""

import re
from pathlib import Path

from triage.forge.git import attempt, git
from triage.forge.remote import has_commit, have_commit, list_refs
from triage.forge.tokens import Token

MOST_UNKNOWN = 10
"""Tags that only the remote has and that are looked at, the highest versions first."""


async def released_in(repo: Path, remote: str, merge_commit: str, base: str, token: Token | None = None) -> str | None:
    """The tag nearest after `merge_commit`, on the remote or here; None when no tag holds it.

    Fetches objects only, writes no ref. Raises TriageError when the remote cannot be asked.
    """
    await have_commit(repo, remote, f"refs/heads/{base}", merge_commit, token=token)
    found = await _local(repo, merge_commit)
    refs, _ = await list_refs(repo, remote, "refs/tags/*", token=token)
    unknown = {name: commit for name, commit in _peeled(refs).items() if not await has_commit(repo, commit)}
    for name in sorted(unknown, key=_version, reverse=True)[:MOST_UNKNOWN]:
        await have_commit(repo, remote, f"refs/tags/{name}", unknown[name], token=token)
    for name, commit in _peeled(refs).items():
        fetched = name not in unknown or await has_commit(repo, commit)
        if name not in found and fetched and (await _contains(repo, commit, merge_commit)):
            found[name] = commit
    distances = [(await _distance(repo, merge_commit, commit), _version(name), name) for name, commit in found.items()]
    return min(distances)[2] if distances else None


async def has_tags(repo: Path) -> bool:
    """Whether releases are tagged here at all."""
    return bool((await git(repo, "for-each-ref", "--count=1", "--format=%(refname)", "refs/tags")).strip())


async def _local(repo: Path, commit: str) -> dict[str, str]:
    form = "--format=%(refname:strip=2)%09%(objectname)"
    out = await git(repo, "for-each-ref", "--contains", commit, form, "refs/tags")
    pairs = [line.partition("\t") for line in out.splitlines()]
    return {name: target for name, _, target in pairs if target}


def _peeled(refs: dict[str, str]) -> dict[str, str]:
    """Tag names with the commits they lead to."""
    tags = {name.removeprefix("refs/tags/"): commit for name, commit in refs.items() if name.startswith("refs/tags/")}
    direct = {name: commit for name, commit in tags.items() if not name.endswith("^{}")}
    return direct | {name.removesuffix("^{}"): commit for name, commit in tags.items() if name.endswith("^{}")}


async def _contains(repo: Path, tag: str, commit: str) -> bool:
    return (await attempt(repo, "merge-base", "--is-ancestor", commit, tag)).code == 0


async def _distance(repo: Path, commit: str, tag: str) -> int:
    ran = await attempt(repo, "rev-list", "--count", f"{commit}..{tag}")
    return int(ran.out.strip() or 0) if ran.code == 0 else 1 << 30


def _version(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name)[:6] if len(number) < 20)
