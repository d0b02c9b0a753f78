"""Lay an event's stack on the checkout."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.codebase.carry import IDENTITY, LineMap, maps_between
from triage.codebase.commit_tree import CommitTree, commit_tree
from triage.codebase.git import Git
from triage.codebase.history import with_history
from triage.codebase.placing import Placement, place
from triage.codebase.releases import find_release, tags
from triage.codebase.source import MODULE, Scope, SourceFile, read_source
from triage.codebase.stack_paths import Candidate, Origin, candidates, origin_of, read_path
from triage.config import PathMap
from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.event import Event, Frame
from triage.errors import TriageError

_MAX_CANDIDATES = 8
_EXCERPT_FUNCTION = 80
_EXCERPT_AROUND = 25

FrameKey = tuple[str, str | None, str | None, str, int | None, str | None, tuple[str, ...], tuple[str, ...]]


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
    base_tree = head_tree if release is None else await commit_tree(git, release.commit)
    found, sources = await _match(git, base_tree, frames, path_map)
    if release is not None and base_tree.commit != head and not _fits_whole(found, frames, head_tree, path_map):
        at_head, head_sources = await _match(git, head_tree, frames, path_map)
        if _fit(at_head) > _fit(found):
            base_tree, found, sources = head_tree, at_head, head_sources
            warnings.append(
                f"release {event.release} is {release.how} here, but the code of the event fits HEAD better"
            )
            release = None
    carried = await _carry(git, base_tree, head_tree, head, sorted({item.path for item in found.values()}), sources)
    laid = {key: _lay(frame, found.get(key), sources, carried, origin_of(frame)) for key, frame in frames.items()}
    paths = [tuple(replace(laid[_key(frame)], frame=frame) for frame in stack) for stack in stacks]
    code_path = CodePath(
        paths[0],
        commit=base_tree.commit,
        head=head,
        release_known=release is not None,
        causes=tuple(paths[1:]),
        warnings=tuple(warnings),
    )
    if not history:
        return code_path
    return await with_history(
        git, code_path, event, release, head_tree, base_tree, _crash_function(code_path, found, sources)
    )


def _crash_function(code_path: CodePath, found: Mapping[FrameKey, _Found], sources: Mapping[str, SourceFile]) -> range:
    """The lines of the crashing function at the release; of a module only the crashing line."""
    crash = code_path.crash
    place_ = found.get(_key(crash.frame)) if crash else None
    if place_ is None or place_.placement.scope is None:
        return range(0)
    scope = sources[place_.path].function_around(place_.placement.scope)
    if scope.name == MODULE:
        return range(place_.placement.line or 0, (place_.placement.line or -1) + 1)
    return range(scope.start, scope.end + 1)


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


def _fits_whole(
    found: Mapping[FrameKey, _Found],
    frames: Mapping[FrameKey, Frame],
    head_tree: CommitTree,
    path_map: Sequence[PathMap],
) -> bool:
    """Does the release hold every frame that HEAD could hold, each on its very line?"""
    if any(item.placement.match is not Match.EXACT for item in found.values()):
        return False
    missing = [frame for key, frame in frames.items() if key not in found]
    return bool(found) and not any(
        item.anchored for frame in missing for item in candidates(frame, head_tree.files, path_map)
    )


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
