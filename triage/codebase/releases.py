"""Which commit a release string names: a tag, a SHA, or nothing this repo knows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.codebase.git import Git, explain
from triage.domain.event import Event

_SHA = re.compile(r"(?<![0-9a-zA-Z])g?([0-9a-f]{7,40})(?![0-9a-zA-Z])")
_COMMIT_TAGS = ("git.commit.sha", "git_sha", "git.sha", "commit", "commit_sha", "revision", "vcs.revision", "sha")
_PREFIXES = ("", "v", "release-", "release/", "rel-", "releases/", "version-", "r")


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag, the commit it leads to and when it was made (seconds since 1970)."""

    name: str
    commit: str
    made: int


@dataclass(frozen=True, slots=True)
class Release:
    """The commit that ran in production; `how` says in words what named it."""

    commit: str
    how: str
    tag: Tag | None = None
    previous: Tag | None = None


async def tags(git: Git) -> list[Tag]:
    """All tags that lead to a commit, newest first."""
    form = "%(refname:strip=2)%00%(objecttype)%00%(objectname)%00%(*objecttype)%00%(*objectname)%00%(creatordate:unix)"
    result = await git.call("for-each-ref", "--sort=-creatordate", f"--format={form}", "refs/tags")
    if result.code:
        raise explain(result, ("for-each-ref",), git.repo)
    found = []
    for line in result.text.splitlines():
        parts = line.split("\0")
        if len(parts) != 6:
            continue
        name, kind, direct, peeled_kind, peeled, made = parts
        commit = direct if kind == "commit" else peeled if peeled_kind == "commit" else ""
        if commit:
            found.append(Tag(name, commit, int(made or 0)))
    return found


async def find_release(git: Git, event: Event, known: Sequence[Tag]) -> Release | None:
    """The commit of the event's release, None when neither a tag nor a SHA fits.

    Tags are tried before SHAs, exact names before rewritten ones; a branch never counts, since
    it moves.
    """
    if event.release:
        tag = match_tag(event.release, known)
        if tag:
            return Release(tag.commit, f"tag {tag.name}", tag, previous_tag(tag, known))
    for text in _sha_sources(event):
        for sha in _SHA.findall(text.lower()):
            commit = await git.resolve(sha)
            if commit and commit.startswith(sha):
                return Release(commit, f"commit {commit[:10]}")
    return None


def match_tag(release: str, known: Sequence[Tag]) -> Tag | None:
    """The tag that a release string names, by exact name or by version."""
    by_name = {tag.name: tag for tag in known}
    for name in tag_names(release):
        if name in by_name:
            return by_name[name]
    by_normal: dict[str, Tag] = {}
    for tag in known:
        by_normal.setdefault(normal(tag.name), tag)
    for name in tag_names(release):
        if normal(name) in by_normal:
            return by_normal[normal(name)]
    return None


def tag_names(release: str) -> Iterator[str]:
    """Names that the tag of a release may have, likeliest first.

    `shop@1.4.2+abc` tries shop@1.4.2+abc, shop@1.4.2, shop-1.4.2, shop/v1.4.2, 1.4.2, v1.4.2 ...
    """
    text = release.strip()
    if not text or len(text) > 250:
        return
    seen = [text]
    without_build = text.partition("+")[0]
    package, at, version = without_build.rpartition("@")
    if not at:
        fits = re.fullmatch(r"(?P<package>[A-Za-z][\w.-]*?)[-_/:](?P<version>v?\d.*)", without_build)
        package, version = (fits["package"], fits["version"]) if fits else ("", without_build)
    bare = version.removeprefix("v") if re.match(r"v\d", version) else version
    seen.append(without_build)
    names = [package, package.rpartition(".")[2], package.rpartition("/")[2]] if package else []
    for name in dict.fromkeys(names):
        for separator in ("@", "-", "/", "_"):
            seen += [f"{name}{separator}{bare}", f"{name}{separator}v{bare}"]
    if re.match(r"\d", bare):
        seen += [f"{prefix}{bare}" for prefix in ("v", *_PREFIXES)]
        seen += [f"{prefix}v{bare}" for prefix in ("release-", "release/", "releases/")]
    yield from dict.fromkeys(seen)


def normal(name: str) -> str:
    """A tag's name without case, separators and the `v`, so that 1.4.2-rc.1 equals v1.4.2rc1."""
    text = re.sub(r"(?<![a-z])v(?=\d)", "", name.lower())
    text = re.sub(r"[-_.]?(alpha|beta|a|b|rc|post|dev)[-_.]?(?=\d)", r"\1", text)
    return re.sub(r"[-_/@]", "-", text)


def previous_tag(tag: Tag, known: Sequence[Tag]) -> Tag | None:
    """The tag made before this one in the same series (same name but for the digits)."""
    series = _series(tag.name)
    older = [item for item in known if _series(item.name) == series and item.commit != tag.commit]
    key = _version(tag.name)
    lower = [item for item in older if _version(item.name) < key]
    return max(lower, key=lambda item: _version(item.name), default=None)


def _series(name: str) -> str:
    """Letters before the version: `shop-v` of `shop-v1.4.2`. Pre-releases share the series."""
    return re.split(r"\d", name, maxsplit=1)[0].lower().rstrip("v-_/@")


def _version(name: str) -> tuple[tuple[int, ...], int, tuple[int, ...]]:
    numbers = name.partition("+")[0]
    head = re.split(r"(?i)[-_.]?(?:a|b|rc|alpha|beta|dev)[-_.]?(?=\d|$)", re.sub(r"^\D+", "", numbers), maxsplit=1)
    final = 1 if len(head) == 1 else 0
    main = tuple(int(item) for item in re.findall(r"\d+", head[0])[:8] if len(item) < 20)
    extra = tuple(int(item) for item in re.findall(r"\d+", head[1])[:4] if len(item) < 20) if not final else ()
    return (main, final, extra)


def _sha_sources(event: Event) -> Iterator[str]:
    if event.release:
        yield event.release[:250]
    for name in _COMMIT_TAGS:
        value = event.tags.get(name)
        if value:
            yield value[:80]
