"""From a line of a traceback to the source it means, at the commit that ran."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from triage.domain.draft import Draft
from triage.domain.places import Place
from triage.errors import NotFound
from triage.services.workspace import Workspace

MOST_BYTES = 4_000_000
_INSTALLED = re.compile(r"(?:^|/)(?:site|dist)-packages/(.+)$")
_STANDARD = re.compile(r"(?:^|/)lib(?:64)?/python3\.\d+/(.+)$")


@dataclass(frozen=True, slots=True)
class PlacedSource:
    """A whole file with the line that was meant. `file` is where it lies, None when it only
    exists in a commit; `of_draft` says that it is the draft itself."""

    title: str
    path: str
    text: str
    line: int
    file: Path | None = None
    of_draft: bool = False


async def source_of(workspace: Workspace, draft: Draft, place: Place, commit: str) -> PlacedSource:
    """The file of `place` in a run of `draft` on `commit`: the draft, a file of the repo, of an
    installed package or of Python. Raises NotFound for anything else: output is written by
    strangers, and must not lead to other files."""
    from triage.codebase.git import Git

    if _ends_with(place.path, draft.path):
        return PlacedSource(f"draft {draft.id}, {draft.path}", draft.path, draft.source, place.line, None, True)
    git = Git(workspace.repo)
    here = await git.resolve("HEAD")
    commit = await git.resolve(commit) or here or "HEAD"
    files = set(await git.list_files(commit))
    for path in _tails(place.path):
        if path in files:
            text = await git.show(commit, path)
            if text is not None:
                file = workspace.repo / path
                return PlacedSource(f"{path} @ {commit[:8]}", path, text, place.line, file if file.is_file() else None)
    return await _installed(workspace, place)


async def _installed(workspace: Workspace, place: Place) -> PlacedSource:
    interpreter = await workspace.interpreter()
    roots: list[Path] = []
    rest = ""
    if found := _INSTALLED.search(place.path):
        rest = found[1]
        roots = [Path(item) for item in interpreter.sys_path if item.endswith("-packages")]
        roots.append(interpreter.purelib)
    elif found := _STANDARD.search(place.path):
        rest = found[1]
        major, minor = interpreter.version[:2]
        roots = [interpreter.base_prefix / "lib" / f"python{major}.{minor}"]
    for root in roots:
        file = (root / rest).resolve()
        if file.suffix in (".py", ".pyi") and file.is_relative_to(root.resolve()) and file.is_file():
            return PlacedSource(rest, rest, await asyncio.to_thread(_read, file), place.line, file)
    raise NotFound("this line is in no file of the repo", place.path, "only the repo and installed packages are shown")


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return opened.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        raise NotFound(f"{file.name} cannot be read", str(error)) from error


def _tails(path: str) -> list[str]:
    """The path, and without its first parts: runs are in a folder of their own."""
    parts = PurePosixPath(path).parts
    return ["/".join(parts[at:]) for at in range(len(parts)) if parts[at] not in ("/", "..")]


def _ends_with(path: str, wanted: str) -> bool:
    return path == wanted or path.endswith(f"/{wanted}")
