"""The stack of an event as replay reads it: every frame with its source, function and values.

Frames of the checkout have their whole file. Of other frames only the lines that the event
carries are known; what several frames of one file show is put together.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from triage.domain.code_path import CodePath, LocatedFrame
from triage.domain.event import Event, Json
from triage.drafting.replay.captured.frames import Recorded, recorded_frames
from triage.drafting.replay.stack.half_classes import class_of
from triage.drafting.replay.stack.views import COMPREHENSIONS, FunctionView, SourceFile, view_of

if TYPE_CHECKING:
    from triage.drafting.replay.mining.fixtures import RepoFixture

MAX_FILE = 3_000_000


MAX_FRAMES = 400
MINED = "mined"


class Kind(StrEnum):
    """Whose code a frame runs: the repo under triage, the program that calls it, or a library."""

    REPO = "repo"
    SERVICE = "service"
    LIBRARY = "library"


@dataclass(frozen=True)
class StackFrame:
    """One frame. `line` is its line at the commit replay works on; `qualname` as judged."""

    index: int
    kind: Kind
    name: str
    path: str
    line: int
    source: SourceFile
    view: FunctionView
    variables: Mapping[str, Json]
    module: str = ""
    qualname: str = ""
    shown: bool = True

    @property
    def class_name(self) -> str:
        return ".".join(self.view.classes)

    @cached_property
    def text(self) -> str:
        """The source of the frame's function, "" when it cannot be seen whole."""
        node = self.view.node
        if node is None:
            return ""
        return "\n".join(
            self.source.lines.get(at, "") for at in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        )

    @property
    def is_mined(self) -> bool:
        """Whether this is a line of the repo's tests, documents or examples, not a frame of the stack."""
        return self.name == MINED

    @property
    def is_comprehension(self) -> bool:
        return self.name in COMPREHENSIONS


@dataclass(frozen=True)
class Scene:
    """All frames of the exception that replay works on, outermost first. `fixtures` are those of the repo that a
    new test could name."""

    event: Event
    frames: tuple[StackFrame, ...]
    packages: tuple[str, ...]
    root: Path
    import_roots: tuple[str, ...]
    by_module: Mapping[str, str] = field(default_factory=dict)
    fixtures: "Mapping[str, RepoFixture]" = field(default_factory=dict)

    @property
    def repo_frames(self) -> list[StackFrame]:
        return [item for item in self.frames if item.kind is Kind.REPO]


def build_scene(event: Event, code_path: CodePath, root: Path, import_roots: tuple[str, ...]) -> Scene:
    """Read the sources that the stack names from the worktree at `root`.

    Files outside `root` (links, `..`) are treated as not in the checkout.
    """
    recorded = recorded_frames(event)
    located = _trimmed((*_frames_around(event, code_path), *code_path.frames))
    sparse = _sparse_sources([*located, *(item for cause in code_path.causes for item in cause)], recorded)
    files: dict[str, SourceFile] = {}
    frames = []
    for index, item in enumerate(located):
        path = item.path
        if path is not None and (source := _read(root, path, files)) is not None:
            kind, line = Kind.REPO, item.release_line or item.frame.lineno or 0
            module = module_name(path, import_roots)
        else:
            source, line, module = sparse[_sparse_key(item)], item.frame.lineno or 0, item.frame.module or ""
            kind = Kind.LIBRARY if _is_library(item) else Kind.SERVICE
        view = view_of(source, line, item.frame.function)
        frames.append(
            StackFrame(
                index=index,
                kind=kind,
                name=item.frame.function.rpartition(".")[2] or item.frame.function,
                path=path or item.frame.path,
                line=line,
                source=source,
                view=view,
                variables=recorded.variables(item.frame, view, kind is Kind.REPO),
                module=module,
                qualname=item.qualname or item.frame.function,
                shown=item.frame.variables is not None,
            )
        )
    packages = tuple(
        dict.fromkeys(frame.module.split(".")[0] for frame in frames if frame.kind is Kind.REPO and frame.module)
    )
    return Scene(event, tuple(frames), packages, root, import_roots)


def _frames_around(event: Event, code_path: CodePath) -> list[LocatedFrame]:
    """Frames of the exception groups around the crash: who started what failed, and with what."""
    crash = event.crash
    if crash is None:
        return []
    others = [item for item in event.exceptions if item is not crash]
    stacks = dict(zip((id(item) for item in others), code_path.causes, strict=False))
    around: list[LocatedFrame] = []
    item, steps = crash, 0
    while item.parent is not None and steps < 10 and 0 <= item.parent < len(event.exceptions):
        item, steps = event.exceptions[item.parent], steps + 1
        if item.is_group:
            around = [*stacks.get(id(item), ()), *around]
    return around


def module_name(path: str, import_roots: tuple[str, ...]) -> str:
    """The dotted name that `path` is imported by: its longest import root is taken off."""
    best = ""
    for root in import_roots:
        prefix = "" if root in ("", ".") else root.rstrip("/") + "/"
        if path.startswith(prefix) and len(prefix) >= len(best):
            best = prefix
    parts = list(PurePosixPath(path[len(best) :]).with_suffix("").parts)
    if parts and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _trimmed(frames: tuple[LocatedFrame, ...]) -> list[LocatedFrame]:
    if len(frames) <= MAX_FRAMES:
        return list(frames)
    half = MAX_FRAMES // 2
    return [*frames[:half], *frames[-half:]]


def _read(root: Path, path: str, files: dict[str, SourceFile]) -> SourceFile | None:
    if path not in files:
        file = (root / path).resolve()
        if not file.is_relative_to(root.resolve()) or not file.is_file() or file.stat().st_size > MAX_FILE:
            return None
        text = file.read_text(encoding="utf-8", errors="replace")
        files[path] = SourceFile(path, dict(enumerate(text.split("\n"), 1)), True)
    return files[path]


def _is_library(item: LocatedFrame) -> bool:
    where = (item.frame.abs_path or item.frame.path).replace("\\", "/")
    if any(part in where for part in ("/site-packages/", "/dist-packages/", "<")):
        return True
    return bool(re.search(r"/lib/python\d(\.\d+)?/|\.(c|pyx)$|^frozen", where)) or item.frame.in_app is False


def _sparse_key(item: LocatedFrame) -> str:
    return item.frame.abs_path or item.frame.path


def _sparse_sources(frames: list[LocatedFrame], recorded: Recorded) -> dict[str, SourceFile]:
    lines: dict[str, dict[int, str]] = {}
    selves: dict[str, dict[int, str]] = {}
    whole: set[str] = set()
    for item in frames:
        frame = item.frame
        known = lines.setdefault(_sparse_key(item), {})
        if frame.lineno is None or frame.context_line is None:
            continue
        if name := class_of(frame.variables):
            selves.setdefault(_sparse_key(item), {})[frame.lineno] = name
        first = frame.lineno - len(frame.pre_context)
        for offset, text in enumerate((*frame.pre_context, frame.context_line, *frame.post_context)):
            known.setdefault(first + offset, text[:2000].rstrip("\n"))
        known.update((at, text) for at, text in recorded.lines(frame).items() if at not in known)
        whole.update({_sparse_key(item)} if recorded.is_whole(frame) else ())
    return {key: SourceFile(key, known, key in whole, selves.get(key, {})) for key, known in lines.items()}
