"""A file of the stack as a whole, at the release's commit or at HEAD: coverage, moves, blame, tests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from triage.domain.code_path import Blame, CodePath, CoveringTest, LocatedFrame, Match
from triage.domain.event import Frame
from triage.domain.python_text import NOTHING, Piece, PythonText, Read, read_piece, read_python
from triage.errors import NotFound
from triage.services.workspace import Workspace

if TYPE_CHECKING:
    from triage.codebase.carry import LineMap
    from triage.codebase.line_coverage import LineCoverage, OpenIndex

AROUND = 80
"""Lines around the crash whose statements are read before the file is first shown."""
MOST_TESTS = 50


class Side(StrEnum):
    """At which commit a file is shown."""

    RELEASE = "release"
    HEAD = "HEAD"


class Ran(StrEnum):
    """What is known of a line: a test ran it, none did, or nobody can tell."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, eq=False)
class SourceText:
    """A whole file. `line` is the frame's line on this side, None when it is not there.

    `two_sides` says that the file can differ between the release and HEAD. `shifts` are the first
    lines after each change, and by how much the lines from there on are off on the other side.
    """

    path: str
    side: Side
    commit: str
    text: PythonText
    line: int | None = None
    two_sides: bool = False
    indexed: bool = False
    coverage: LineCoverage | None = None
    other: LineMap | None = None
    shifts: dict[int, int] = field(default_factory=dict)
    _reads: dict[int, Read] = field(default_factory=dict)

    def elsewhere(self, line: int) -> int | None:
        """The line's number on the other side; None when it changed or is not there."""
        return line if self.other is None else self.other.carry(line)

    def ran(self, line: int) -> Ran:
        """Whether a test runs the line, as far as its statement was read."""
        coverage = self.coverage
        if coverage is None:
            return Ran.UNKNOWN
        if line in coverage.covered:
            return Ran.YES
        statement = self._read_at(line).runs.get(line)
        if statement is None:
            return Ran.UNKNOWN
        if any(at in coverage.covered for at in range(statement[0], min(statement[1], statement[0] + 200) + 1)):
            return Ran.YES
        return Ran.NO if coverage.known(line) else Ran.UNKNOWN

    def unread(self, first: int, last: int) -> list[Piece]:
        """The top-level statements among these lines that were not read yet."""
        return [piece for piece in self.text.pieces(first, last) if piece.start not in self._reads]

    def read(self, pieces: Sequence[Piece]) -> None:
        """Read some statements: then `ran` knows of them. Takes a while for long ones."""
        for piece in pieces:
            self._reads[piece.start] = read_piece(self.text, piece)

    def function_at(self, line: int) -> str:
        """The qualified name of the function that holds the line, "" outside of functions."""
        self.read(self.unread(line, line))
        found = [body for body in self._read_at(line).bodies if body.start <= line <= body.end]
        return found[-1].qualname if found else ""

    def _read_at(self, line: int) -> Read:
        piece = self.text.piece_at(line)
        return self._reads.get(piece.start, NOTHING) if piece else NOTHING


@dataclass(frozen=True, slots=True)
class LineTests:
    """The tests that run one line, at most MOST_TESTS of `total`; `how` says how they were found, or
    why nothing is known."""

    path: str
    line: int
    tests: tuple[CoveringTest, ...] = ()
    how: str = ""
    known: bool = True
    total: int = 0


async def open_source(
    workspace: Workspace, located: LocatedFrame, code_path: CodePath, side: Side = Side.RELEASE
) -> SourceText:
    """The file of a frame, whole. Raises NotFound when it is not there on that side."""
    path = located.path if side is Side.RELEASE else located.head_path
    commit = code_path.commit if side is Side.RELEASE else code_path.head
    if path is None or commit is None:
        gone = located.path is not None and side is Side.HEAD
        raise NotFound(f"{located.path} is gone at HEAD" if gone else "this frame is in no file of the checkout")
    line = located.release_line if side is Side.RELEASE else located.head_line
    other_path, other_commit = (
        (located.head_path, code_path.head) if side is Side.RELEASE else (located.path, code_path.commit)
    )
    return await _open(workspace, path, commit, side, line, other_path, other_commit, code_path.head, located.head_path)


async def open_test(workspace: Workspace, node_id: str) -> SourceText:
    """The file of a test at HEAD, its first line being `line`. Raises NotFound."""
    from triage.codebase.git import Git

    path, _, name = node_id.partition("::")
    head = await Git(workspace.repo).head()
    found = await _open(workspace, path, head, Side.HEAD, None, None, None, head, path)
    wanted = name.partition("[")[0].replace("::", ".")
    line = None
    for piece in found.text.pieces(1, len(found.text.lines)):
        for body in read_piece(found.text, piece).bodies:
            if body.qualname == wanted and line is None:
                line = body.start
    return SourceText(found.path, found.side, head, found.text, line, False, found.indexed, found.coverage)


async def _open(
    workspace: Workspace,
    path: str,
    commit: str,
    side: Side,
    line: int | None,
    other_path: str | None,
    other_commit: str | None,
    head: str | None,
    head_path: str | None,
) -> SourceText:
    from triage.codebase.carry import line_map
    from triage.codebase.commit_tree import commit_tree
    from triage.codebase.git import Git
    from triage.codebase.line_coverage import line_coverage
    from triage.codebase.source import decode

    git = Git(workspace.repo)
    entries = (await commit_tree(git, commit)).entries
    if path not in entries:
        raise NotFound(f"{path} is not in {commit[:10]}", "", "R looks again")
    blob = entries[path].blob
    content = (await git.blobs([blob])).get(blob)
    if content is None:
        raise NotFound(f"{path} cannot be read at {commit[:10]}", "", "run `git fsck`")
    text = read_python(decode(content))
    other = None
    if other_path and other_commit and other_commit != commit:
        other_entries = (await commit_tree(git, other_commit)).entries
        if other_path in other_entries:
            other = await line_map(git, blob, other_entries[other_path].blob)
    index = open_index(workspace).current()
    coverage = await line_coverage(index, git, commit, path, head or commit, head_path or path) if index else None
    made = SourceText(
        path=path,
        side=side,
        commit=commit,
        text=text,
        line=line,
        two_sides=bool(other_commit and other_commit != commit),
        indexed=index is not None,
        coverage=coverage,
        other=other,
        shifts=_shifts(other) if other else {},
    )
    if coverage is not None:
        around = line or 1
        pieces = made.unread(max(1, around - AROUND), min(len(text.lines), around + AROUND))
        made.read([piece for piece in pieces if piece.end - piece.start < 1_000])
    return made


def _shifts(lines: LineMap) -> dict[int, int]:
    shift = 0
    found: dict[int, int] = {}
    for old_start, old_count, _, new_count in lines.hunks:
        shift += new_count - old_count
        after = old_start + (old_count or 1)
        if new_count != old_count:
            found[after] = shift
    return found


def as_sent(frame: Frame) -> tuple[int, PythonText, int | None]:
    """What the event itself carries of a frame's source: its first line's number, the lines, and
    the number of the line that failed."""
    if frame.context_line is None:
        return 1, PythonText(()), frame.lineno
    number = frame.lineno or len(frame.pre_context) + 1
    lines = tuple(
        (line.splitlines() or [""])[0] for line in (*frame.pre_context, frame.context_line, *frame.post_context)
    )
    return max(1, number - len(frame.pre_context)), PythonText(lines), number


def tests_at(workspace: Workspace, source: SourceText, line: int) -> LineTests:
    """The tests that run one line of a file. With an index this takes a millisecond; without one
    they are guessed by names and imports, once for each function."""
    if source.coverage is not None:
        tests = source.coverage.tests(line, MOST_TESTS)
        if tests or source.ran(line) is not Ran.UNKNOWN:
            total = source.coverage.count(line) if len(tests) == MOST_TESTS else len(tests)
            return LineTests(source.path, line, tests, "by the coverage index", total=total)
        if not source.coverage.known(line):
            return LineTests(source.path, line, (), "this line is newer than the coverage index", False)
        return LineTests(source.path, line, (), "no test is known to run this line; it may run on import only", False)
    if source.indexed:
        return LineTests(source.path, line, (), "no test of the coverage index runs this file")
    function = source.function_at(line)
    if not function:
        return LineTests(source.path, line, (), "outside of functions; `triage index` would know", False)
    return LineTests(source.path, line, _guessed(workspace, source.path, function), f"by names, for {function}", False)


def _guessed(workspace: Workspace, path: str, function: str) -> tuple[CoveringTest, ...]:
    from triage.codebase.static_tests import static_covering

    frame = LocatedFrame(Frame(path, function), path, Match.EXACT, qualname=function, head_path=path)
    return static_covering(workspace.repo, CodePath((frame,)), limit=MOST_TESTS)


def open_index(workspace: Workspace) -> OpenIndex:
    """The workspace's coverage index, kept open."""
    from triage.codebase.line_coverage import OpenIndex

    if workspace.coverage is None:
        workspace.coverage = OpenIndex(workspace.repo)
    return workspace.coverage


async def blame_line(workspace: Workspace, source: SourceText, line: int) -> Blame:
    """The commit that last touched a line, as of the commit that is shown. Raises NotFound when
    git does not say in time."""
    from triage.codebase.blame import IGNORED_REVISIONS, Wanted, blame_files
    from triage.codebase.commit_tree import commit_tree
    from triage.codebase.git import Git

    git = Git(workspace.repo)
    ignore = IGNORED_REVISIONS in (await commit_tree(git, source.commit)).entries
    wanted = Wanted(source.path, frozenset({line}))
    found = (await blame_files(git, source.commit, [wanted], ignore))[source.path].by_line.get(line)
    if found is None:
        raise NotFound(f"git cannot blame {source.path}:{line}", f"at {source.commit[:10]}", "is the history shallow?")
    return found
