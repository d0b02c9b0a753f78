"""Lay an event's stack on the checkout."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.codebase import blame as blaming
from triage.codebase.carry import IDENTITY, LineMap, maps_between
from triage.codebase.git import Git, TreeEntry
from triage.codebase.layout import PROJECT_FILES, roots_of
from triage.codebase.owners import PLACES, OwnerRule, owners_of, parse_owners
from triage.codebase.placing import Placement, place
from triage.codebase.releases import Release, find_release, tags
from triage.codebase.source import MODULE, Scope, SourceFile, decode, read_source
from triage.codebase.stack_paths import Candidate, FileTree, Origin, candidates, origin_of, read_path
from triage.config import PathMap
from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.event import Event, Frame
from triage.errors import TriageError

_MAX_CANDIDATES = 8
_EXCERPT_FUNCTION = 80
_EXCERPT_AROUND = 25
_BLAMED_FILES = 8

FrameKey = tuple[str, str | None, str | None, str, int | None, str | None, tuple[str, ...], tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class CommitTree:
    """A commit's files and where its code is imported from."""

    commit: str
    entries: Mapping[str, TreeEntry]
    files: FileTree


@dataclass(frozen=True, slots=True)
class _Found:
    """A frame's file and place; `others` are files that fit as well."""

    path: str
    placement: Placement
    others: tuple[str, ...] = ()


async def locate(repo: Path, event: Event, path_map: Sequence[PathMap] = ()) -> CodePath:
    """The event's stack on the checkout, with source, blame, owners and a suspect commit.

    Never raises for the state of the repo (no git, no commits, not a repo): the frames then
    stay, marked as missing, and `warnings` says what to do.
    """
    try:
        return await _locate(repo, event, path_map, history=True)
    except TriageError as error:
        return unlocated(event, str(error))


async def locate_fast(repo: Path, event: Event, path_map: Sequence[PathMap] = ()) -> CodePath:
    """Like `locate`, without blame, owners and suspect. Raises TriageError when the repo
    cannot be read."""
    return await _locate(repo, event, path_map, history=False)


def unlocated(event: Event, why: str) -> CodePath:
    """The stack with every frame missing, and the reason."""
    stacks = _stacks(event)
    laid = [
        tuple(LocatedFrame(frame, None, Match.MISSING, note="the checkout could not be read") for frame in stack)
        for stack in stacks
    ]
    return CodePath(laid[0], causes=tuple(laid[1:]), warnings=(why,))


async def _locate(repo: Path, event: Event, path_map: Sequence[PathMap], *, history: bool) -> CodePath:
    git = Git(repo)
    head, known = await asyncio.gather(git.head(), tags(git))
    release = await find_release(git, event, known)
    warnings: list[str] = []
    if event.release and release is None:
        warnings.append(f"release {event.release} is no tag or commit here: matched against HEAD")
    head_tree = await commit_tree(git, head)
    stacks = _stacks(event)
    frames = {_key(frame): frame for stack in stacks for frame in stack}
    found, sources = await _match(git, head_tree, frames, path_map)
    base, base_tree = head, head_tree
    if release is not None and release.commit != head:
        release_tree = await commit_tree(git, release.commit)
        there, there_sources = await _match(git, release_tree, frames, path_map)
        if _fit(there) >= _fit(found):
            base, base_tree, found, sources = release.commit, release_tree, there, there_sources
        else:
            warnings.append(
                f"release {event.release} is {release.how} here, but the code of the event fits HEAD better"
            )
            release = None
    carried = await _carry(git, base_tree, head_tree, head, sorted({item.path for item in found.values()}), sources)
    laid = {key: _lay(frame, found.get(key), sources, carried, origin_of(frame)) for key, frame in frames.items()}
    paths = [tuple(replace(laid[_key(frame)], frame=frame) for frame in stack) for stack in stacks]
    code_path = CodePath(
        paths[0],
        commit=base,
        head=head,
        release_known=release is not None,
        causes=tuple(paths[1:]),
        warnings=tuple(warnings),
    )
    return await _with_history(git, code_path, event, release, head_tree, base_tree) if history else code_path


def _stacks(event: Event) -> list[tuple[Frame, ...]]:
    """The crash's frames first, then those of every other exception in the event's order."""
    crash = event.crash
    if crash is None:
        return [()]
    index = next(position for position, item in enumerate(event.exceptions) if item is crash)
    others = [item.frames for position, item in enumerate(event.exceptions) if position != index]
    return [crash.frames, *others]


def _key(frame: Frame) -> FrameKey:
    """What decides where a frame lies; its values do not."""
    return (
        frame.path,
        frame.abs_path,
        frame.module,
        frame.function,
        frame.lineno,
        frame.context_line,
        tuple(frame.pre_context),
        tuple(frame.post_context),
    )


_TREES: "dict[tuple[str, str], CommitTree]" = {}


async def commit_tree(git: Git, commit: str) -> CommitTree:
    """The files of a commit; the last few are kept, since a commit never changes."""
    key = (str(git.repo), commit)
    if key in _TREES:
        return _TREES[key]
    entries = await git.entries(commit)
    projects = [path for path in entries if path.rpartition("/")[2] in PROJECT_FILES and path.count("/") <= 3]
    contents = await git.blobs(entries[path].blob for path in projects)
    texts = {path: decode(contents[entries[path].blob]) for path in projects if entries[path].blob in contents}
    tree = CommitTree(commit, entries, FileTree.of(entries, roots_of(entries, texts)))
    while len(_TREES) >= 6:
        _TREES.pop(next(iter(_TREES)))
    _TREES[key] = tree
    return tree


async def _match(
    git: Git, tree: CommitTree, frames: Mapping[FrameKey, Frame], path_map: Sequence[PathMap]
) -> tuple[dict[FrameKey, _Found], dict[str, SourceFile]]:
    """The file and place of each frame at one commit, and the sources read on the way."""
    wanted: dict[FrameKey, list[Candidate]] = {}
    for key, frame in frames.items():
        options = candidates(frame, tree.files, path_map)
        strong = [item for item in options if item.anchored]
        weak = [item for item in options if not item.anchored] if frame.context_line else []
        wanted[key] = (strong + weak)[:_MAX_CANDIDATES]
    paths = {item.path for options in wanted.values() for item in options}
    contents = await git.blobs(tree.entries[path].blob for path in paths)
    found, sources = await asyncio.to_thread(_place_all, wanted, frames, tree, contents)
    return found, sources


def _place_all(
    wanted: Mapping[FrameKey, list[Candidate]],
    frames: Mapping[FrameKey, Frame],
    tree: CommitTree,
    contents: Mapping[str, bytes],
) -> tuple[dict[FrameKey, _Found], dict[str, SourceFile]]:
    sources: dict[str, SourceFile] = {}
    found: dict[FrameKey, _Found] = {}
    for key, options in wanted.items():
        fits: list[tuple[Candidate, Placement]] = []
        for option in options:
            content = contents.get(tree.entries[option.path].blob)
            if content is None:
                continue
            if option.path not in sources:
                sources[option.path] = read_source(content)
            placement = place(frames[key], sources[option.path], anchored=option.anchored)
            if placement is None and option.mapped:
                note = "placed by [[path_map]], but neither function nor line is in the file"
                placement = Placement(Match.MOVED, None, None, 0.1, note)
            if placement is not None:
                fits.append((option, placement))
        chosen = _choose(fits)
        if chosen is not None:
            found[key] = chosen
    return found, {path: sources[path] for path in {item.path for item in found.values()}}


def _choose(fits: Sequence[tuple[Candidate, Placement]]) -> _Found | None:
    if not fits:
        return None

    def rank(item: tuple[Candidate, Placement]) -> tuple[float, bool, bool, int]:
        return (round(item[1].score, 3), item[0].anchored, item[0].rooted, item[0].shared)

    best = max(fits, key=rank)  # candidates come best path first, and max keeps the first
    same = tuple(
        option.path for option, placement in fits if rank((option, placement)) == rank(best) and option != best[0]
    )
    return _Found(best[0].path, best[1], same)


def _fit(found: Mapping[FrameKey, _Found]) -> float:
    """How well a commit fits the whole event: exact lines count, moved ones little."""
    return sum(1.0 if item.placement.match is Match.EXACT else 0.3 for item in found.values())


@dataclass(frozen=True, slots=True)
class _Carried:
    """A file at HEAD and how its lines got there."""

    path: str
    lines: LineMap
    source: SourceFile


async def _carry(
    git: Git,
    base: CommitTree,
    head_tree: CommitTree,
    head: str,
    paths: Sequence[str],
    sources: Mapping[str, SourceFile],
) -> dict[str, _Carried | None]:
    if base.commit == head:
        return {path: _Carried(path, IDENTITY, sources[path]) for path in paths}
    maps = await maps_between(git, base.commit, head, dict(base.entries), dict(head_tree.entries), paths)
    contents = await git.blobs(head_tree.entries[item[0]].blob for item in maps.values() if item)
    carried: dict[str, _Carried | None] = {}
    for path, item in maps.items():
        content = contents.get(head_tree.entries[item[0]].blob) if item else None
        carried[path] = _Carried(item[0], item[1], read_source(content)) if item and content is not None else None
    return carried


def _lay(
    frame: Frame,
    found: _Found | None,
    sources: Mapping[str, SourceFile],
    carried: Mapping[str, _Carried | None],
    origin: Origin,
) -> LocatedFrame:
    if found is None:
        return LocatedFrame(frame, None, Match.MISSING, note=_why_missing(frame, origin))
    placement, source = found.placement, sources[found.path]
    scope = placement.scope
    there = carried.get(found.path)
    head_line = there.lines.carry(placement.line) if there and placement.line else None
    head_scope = there.source.by_qualname(scope.qualname) if there and scope else None
    if there and scope and head_scope is not None and scope.qualname == MODULE:
        head_scope = there.source.module
    function_lines = None
    if there and head_scope is not None:
        if head_line is not None and head_scope.name != MODULE:
            head_scope = there.source.scope_at(head_line, head_scope.name) or head_scope
        function_lines = there.source.function_around(head_scope).body
    excerpt, start = _excerpt(source, placement, source.function_around(scope) if scope else None)
    match, notes = placement.match, [placement.note]
    if found.others:
        match = Match.AMBIGUOUS
        notes.append("fits as well: " + ", ".join(found.others[:3]))
    if there is None:
        notes.append("the file is gone at HEAD")
    elif there.path != found.path:
        notes.append(f"now {there.path}")
    return LocatedFrame(
        frame,
        found.path,
        match,
        qualname=scope.qualname if scope else None,
        release_line=placement.line,
        head_line=head_line,
        excerpt=excerpt,
        excerpt_start=start,
        function_lines=function_lines,
        note="; ".join(note for note in notes if note),
        head_path=there.path if there else None,
    )


def _why_missing(frame: Frame, origin: Origin) -> str:
    if origin is Origin.STDLIB:
        return "Python's standard library"
    if origin is Origin.GENERATED:
        return "generated code, in no file"
    if origin is Origin.INVALID:
        return "not a path of a source file"
    if origin is Origin.INSTALLED:
        tail = read_path(frame.abs_path or frame.path).tail
        top = tail[0].removesuffix(".py") if tail else "?"
        return f"installed package {top}, not of this repo"
    return "not in this checkout"


def _excerpt(source: SourceFile, placement: Placement, scope: Scope | None) -> tuple[tuple[str, ...], int]:
    """The whole function when it is short, else the lines around the crash."""
    first, last = 1, len(source.lines)
    if scope is not None:
        first, last = scope.start, scope.end
    line = placement.line or first
    if last - first + 1 > _EXCERPT_FUNCTION:
        first, last = max(first, line - _EXCERPT_AROUND), min(last, line + _EXCERPT_AROUND)
    first, last = max(min(first, line - 3), 1), min(max(last, line + 3), len(source.lines))
    return source.lines[first - 1 : last], first


async def _with_history(
    git: Git, code_path: CodePath, event: Event, release: Release | None, head_tree: CommitTree, base_tree: CommitTree
) -> CodePath:
    """Add blame at the release's lines, owners at HEAD and the suspect commit."""
    assert code_path.commit is not None
    crash = code_path.crash
    wanted: dict[str, set[int]] = {}
    for item in reversed(_all_frames(code_path)):
        if item.path and item.release_line and (item.path in wanted or len(wanted) < _BLAMED_FILES):
            wanted.setdefault(item.path, set()).add(item.release_line)
    function: range = range(0)
    if crash is not None and crash.path and crash.excerpt and crash.path in wanted:
        function = range(crash.excerpt_start, crash.excerpt_start + len(crash.excerpt))
        wanted[crash.path] |= set(function)
    files, ownership, between = await asyncio.gather(
        blaming.blame_files(
            git,
            code_path.commit,
            [blaming.Wanted(path, frozenset(lines)) for path, lines in wanted.items()],
            blaming.IGNORED_REVISIONS in base_tree.entries,
        ),
        _ownership(git, head_tree),
        blaming.commits_between(git, release) if release else _nothing(),
    )

    def dress(item: LocatedFrame) -> LocatedFrame:
        if item.path is None:
            return item
        blamed = files.get(item.path)
        blame = blamed.by_line.get(item.release_line) if blamed and item.release_line else None
        return replace(item, blame=blame, owners=owners_of(item.path, ownership))

    cache: dict[int, LocatedFrame] = {}

    def dressed(stack: Iterable[LocatedFrame]) -> tuple[LocatedFrame, ...]:
        return tuple(cache.setdefault(id(item), dress(item)) for item in stack)

    suspect = None
    if crash is not None and crash.path in files:
        blamed = files[crash.path]
        inside = [item for item in code_path.frames if item.path and item is not crash and item.release_line]
        callers = [
            files[item.path].by_line.get(item.release_line)
            for item in inside[-4:]
            if item.path in files and item.release_line
        ]
        history = blaming.CrashHistory(
            blamed.by_line.get(crash.release_line) if crash.release_line else None,
            tuple(blamed.by_line[line] for line in function if line in blamed.by_line),
            tuple(item for item in callers if item is not None),
            frozenset().union(*(item.first for item in files.values())),
        )
        suspect = blaming.suspect(history, release, between, event.occurred_at)
    return replace(
        code_path,
        frames=dressed(code_path.frames),
        causes=tuple(dressed(stack) for stack in code_path.causes),
        suspect=suspect,
    )


def _all_frames(code_path: CodePath) -> list[LocatedFrame]:
    return [item for stack in (*reversed(code_path.causes), code_path.frames) for item in stack]


async def _nothing() -> frozenset[str]:
    return frozenset()


async def _ownership(git: Git, head_tree: CommitTree) -> tuple[OwnerRule, ...]:
    for place_ in PLACES:
        if place_ in head_tree.entries:
            blob = head_tree.entries[place_].blob
            content = (await git.blobs([blob])).get(blob, b"")
            return parse_owners(content.decode("utf-8", "replace"))
    return ()
