"""Which files of a commit a frame's path may mean; paths only, no content."""

import re
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath

from triage.config import PathMap
from triage.domain.event import Frame

_INSTALLED = frozenset({"site-packages", "dist-packages"})
_ARCHIVE = re.compile(r"(?i).+\.(?:zip|pex|egg|whl|pyz|par|shiv|xar)$")
_PYTHON_FOLDER = re.compile(
    r"(?i)^(?:python|pypy)[\d.]*(?:-\d+|t|-intel64|-32)?$|^(?:miniconda|anaconda|miniforge|mambaforge)\d*$"
)
_DRIVE = re.compile(r"^(?://\?/)?[A-Za-z]:")
_OLD_STDLIB = frozenset(
    {"asyncore", "asynchat", "distutils", "imp", "smtpd", "lib2to3", "cgi", "cgitb", "pipes", "telnetlib", "crypt"}
)
STDLIB = sys.stdlib_module_names | _OLD_STDLIB
_MAX_PARTS = 64


class Origin(StrEnum):
    """What a frame's path says about where its code lay in production."""

    PLAIN = "plain"
    INSTALLED = "installed"
    STDLIB = "stdlib"
    GENERATED = "generated"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class StackPath:
    """A frame's path taken apart. `tail` is what may be compared with the repo's paths; for
    installed code it starts at the top-level package."""

    origin: Origin
    tail: tuple[str, ...]
    windows: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file that the frame may be. `shared` counts the path components they have in common;
    `anchored` says that the whole importable path fits, so that the name is no coincidence;
    `rooted` that it does so from one of the repo's import roots (not from a build folder, say)."""

    path: str
    shared: int
    anchored: bool
    mapped: bool = False
    rooted: bool = False


@dataclass(frozen=True, slots=True)
class FileTree:
    """The files of a commit, found by their last name."""

    paths: frozenset[str]
    roots: tuple[str, ...]
    by_name: dict[str, list[str]] = field(default_factory=dict)
    by_folded_name: dict[str, list[str]] = field(default_factory=dict)

    @staticmethod
    def of(paths: Collection[str], roots: Sequence[str]) -> "FileTree":
        by_name: dict[str, list[str]] = {}
        folded: dict[str, list[str]] = {}
        for path in sorted(paths):
            name = path.rpartition("/")[2]
            by_name.setdefault(name, []).append(path)
            folded.setdefault(name.lower(), []).append(path)
        return FileTree(frozenset(paths), tuple(roots), by_name, folded)

    def is_root(self, folder: str) -> bool:
        """Can `folder` be on sys.path: a known root, or at least no package itself?"""
        return folder in self.roots or (folder or ".") in self.roots or f"{folder}/__init__.py" not in self.paths


def read_path(raw: str) -> StackPath:
    """Take a path of a traceback apart; never touches the disk, never lets `..` climb."""
    text = raw.strip()
    if "\0" in text or "\n" in text or len(text) > 4_096:
        return StackPath(Origin.INVALID, ())
    if not text or text.startswith("<") or "<" in text.rpartition(">")[0]:
        return StackPath(Origin.STDLIB if text.startswith("<frozen") else Origin.GENERATED, ())
    windows = bool(_DRIVE.match(text)) or ("\\" in text and "/" not in text)
    if windows:
        text = text.replace("\\", "/")
    text = _DRIVE.sub("", text)
    text = re.sub(r"^[a-z][a-z+]{2,10}://", "", text)
    absolute = text.startswith("/")
    parts: list[str] = []
    for part in text.split("/"):
        if part in ("", "."):
            continue
        if part == "..":
            if not parts:
                if absolute:
                    continue
                return StackPath(Origin.INVALID, ())
            parts.pop()
            continue
        parts.append(part)
    if not parts or len(parts) > _MAX_PARTS or text.endswith("/"):
        return StackPath(Origin.INVALID, ())
    return _origin(parts, windows)


def _origin(parts: list[str], windows: bool) -> StackPath:
    for index in range(len(parts) - 2, -1, -1):
        part = parts[index]
        if part.lower() in _INSTALLED:
            return StackPath(Origin.INSTALLED, tuple(parts[index + 1 :]), windows)
        if _ARCHIVE.fullmatch(part):
            origin = Origin.STDLIB if re.fullmatch(r"python\d+\.zip", part) else Origin.INSTALLED
            return StackPath(origin, tuple(parts[index + 1 :]), windows)
    for index in range(len(parts) - 1):
        tail = parts[index + 1 :]
        top = tail[0].removesuffix(".py")
        if top not in STDLIB:
            continue
        unix = (
            index and parts[index - 1].lower() in ("lib", "lib64", "lib-python") and _PYTHON_FOLDER.match(parts[index])
        )
        pypy = index and parts[index - 1] == "lib-python"
        on_windows = parts[index].lower() == "lib" and index and _PYTHON_FOLDER.match(parts[index - 1])
        homebrew = (
            parts[index].lower() in ("lib", "lib64")
            and windows
            and len(tail) <= 4
            and index
            and "python" in parts[index - 1].lower()
        )
        if unix or pypy or on_windows or homebrew:
            return StackPath(Origin.STDLIB, tuple(tail), windows)
    return StackPath(Origin.PLAIN, tuple(parts), windows)


def origin_of(frame: Frame) -> Origin:
    """Where the frame's code lay, by its absolute path if there is one, else as sent."""
    first = read_path(frame.abs_path) if frame.abs_path else None
    if first is None or first.origin in (Origin.GENERATED, Origin.INVALID):
        first = read_path(frame.path)
    if first.origin is Origin.PLAIN and not frame.abs_path and first.tail[0].removesuffix(".py") in STDLIB:
        module_top = (frame.module or "").partition(".")[0]
        if module_top == first.tail[0].removesuffix(".py"):
            return Origin.STDLIB
    return first.origin


def candidates(frame: Frame, tree: FileTree, path_map: Sequence[PathMap] = ()) -> list[Candidate]:
    """Files the frame may be, best by path first. Empty when only a base name would fit and
    the path says that the code was installed or the standard library's."""
    mapped = _mapped(frame, tree, path_map)
    if mapped:
        return mapped
    origin = origin_of(frame)
    if origin is Origin.GENERATED or origin is Origin.INVALID:
        return []
    found: dict[str, Candidate] = {}
    for raw in (frame.abs_path, frame.path):
        if not raw:
            continue
        view = read_path(raw)
        if view.origin in (Origin.GENERATED, Origin.INVALID) or (
            view.origin is Origin.STDLIB and raw == frame.abs_path
        ):
            continue
        whole = view.origin is Origin.INSTALLED or origin is not Origin.PLAIN
        _add(found, _by_tail(view.tail, tree, whole=whole, folded=view.windows))
    if origin is not Origin.STDLIB:
        for tail in _module_tails(frame.module):
            _add(found, _by_tail(tail, tree, whole=True, folded=False))
    if origin is Origin.STDLIB:
        # A repo may shadow or vendor a stdlib name: only at an import root, proven by content.
        found = {path: item for path, item in found.items() if item.anchored and not frame.abs_path}
    order = {root: index for index, root in enumerate(tree.roots)}

    def key(item: Candidate) -> tuple[bool, bool, int, int, int, str]:
        folder = _root_of(item.path, tree.roots)
        return (
            not item.anchored,
            not item.rooted,
            -item.shared,
            order.get(folder, len(order)),
            item.path.count("/"),
            item.path,
        )

    return sorted(found.values(), key=key)


def _add(found: dict[str, Candidate], more: Iterable[Candidate]) -> None:
    for item in more:
        before = found.get(item.path)
        if before is None:
            found[item.path] = item
        elif (item.anchored, item.shared) > (before.anchored, before.shared):
            found[item.path] = replace(item, rooted=item.rooted or before.rooted)


def _by_tail(tail: tuple[str, ...], tree: FileTree, *, whole: bool, folded: bool) -> Iterable[Candidate]:
    """Files that end like `tail`; with `whole` only those that hold all of it."""
    if not tail:
        return
    name = tail[-1]
    paths = tree.by_name.get(name, [])
    if not paths and folded:
        paths = tree.by_folded_name.get(name.lower(), [])
    for path in paths:
        parts = path.split("/")
        shared = 0
        for ours, theirs in zip(reversed(parts), reversed(tail), strict=False):
            if ours != theirs and not (folded and ours.lower() == theirs.lower()):
                break
            shared += 1
        rest = "/".join(parts[: len(parts) - shared]) or "."
        complete = shared == len(tail)
        root = _root_of(path, tree.roots)
        rooted = len(parts) - (0 if root == "." else root.count("/") + 1) <= shared
        if whole:
            # A lone module (six.py) counts only where it would be imported from.
            if complete and tree.is_root(rest) and (shared > 1 or rest in tree.roots):
                yield Candidate(path, shared, True, rooted=rooted)
            continue
        yield Candidate(path, shared, rooted or (shared > 1 and tree.is_root(rest)), rooted=rooted)


def _module_tails(module: str | None) -> list[tuple[str, ...]]:
    """`shop.orders` may be shop/orders.py or shop/orders/__init__.py."""
    if not module or module == "__main__" or not re.fullmatch(r"\w+(\.\w+)*", module) or len(module) > 500:
        return []
    parts = module.split(".")
    if parts[0] in STDLIB:
        return []
    return [(*parts[:-1], f"{parts[-1]}.py"), (*parts, "__init__.py")]


def _mapped(frame: Frame, tree: FileTree, path_map: Sequence[PathMap]) -> list[Candidate]:
    """What the user's own [[path_map]] says, the longest matching prefix first."""
    found = []
    for entry in sorted(path_map, key=lambda item: -len(item.stack)):
        prefix = [part for part in entry.stack.replace("\\", "/").split("/") if part not in ("", ".")]
        for raw in (frame.abs_path, frame.path):
            if not raw or "\0" in raw:
                continue
            parts = [part for part in raw.replace("\\", "/").split("/") if part not in ("", ".")]
            if parts[: len(prefix)] != prefix or len(parts) <= len(prefix) or ".." in parts:
                continue
            source = PurePosixPath(entry.source.replace("\\", "/").strip("/") or ".")
            path = source.joinpath(*parts[len(prefix) :]).as_posix()
            if path in tree.paths:
                found.append(Candidate(path, len(parts), True, mapped=True))
    return found[:1]


def _root_of(path: str, roots: Sequence[str]) -> str:
    inside = [root for root in roots if root == "." or path.startswith(f"{root}/")]
    return max(inside, key=lambda item: 0 if item == "." else len(item), default=".")
