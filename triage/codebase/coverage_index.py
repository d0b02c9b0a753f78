"""Look up which tests run a code path, in the index that `triage index` built."""

import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.codebase.carry import LineMap
from triage.codebase.index_build import IndexProgress, build
from triage.codebase.index_file import VERSION, NumberSet, index_path
from triage.codebase.interpreter import Interpreter
from triage.codebase.source import MODULE
from triage.domain.code_path import CodePath, Coverage, CoveringTest, LocatedFrame

__all__ = ["CoverageIndex", "IndexProgress", "Indexed", "build_index"]

LIMIT = 200
KEPT_SETS = 1_024
MOST_FUNCTIONS = 60
_SETS = """SELECT id, tests FROM triage_set WHERE id IN
    (SELECT set_id FROM triage_line WHERE file_id = ? AND line >= ? AND line < ?)"""


def build_index(
    repo: Path, interpreter: Interpreter, tests: str = "", *, timeout: float = 3_600
) -> AsyncIterator[IndexProgress]:
    """Run the repo's suite once at HEAD, a coverage context per test, and keep the result.

    Yields what is being done and the suite's output. Raises TriageError when the suite cannot
    run, when a test's context was lost, or when the code was imported from somewhere else.
    """
    return build(repo, interpreter, tests, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Indexed:
    """A file of the index: its number there, and the git object of what was measured."""

    number: int
    blob: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """One function of the code path with the lines to look up, already those of the index; file
    -1 is one that the index does not know."""

    path: str
    file: int
    line: int | None
    body: tuple[int, int] | None
    head_line: int | None
    stale: bool


class CoverageIndex:
    """The tests of each line, as of the commit the index was built at."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        meta = dict(connection.execute("SELECT key, value FROM triage_meta"))
        if meta.get("version") != VERSION:
            raise sqlite3.DatabaseError("another version of the index")
        self.commit = str(meta.get("commit", ""))
        self.built = str(meta.get("built", ""))
        self.engine = str(meta.get("engine", ""))
        self.tests = int(meta.get("tests", 0))
        self._sets: dict[int, NumberSet] = {}

    @classmethod
    def open(cls, repo: Path) -> "CoverageIndex | None":
        """The repo's index, None when none was built or it is of another version."""
        file = index_path(repo)
        if not file.exists():
            return None
        connection = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True, check_same_thread=False)
        try:
            return cls(connection)
        except sqlite3.DatabaseError:
            connection.close()
            return None

    def close(self) -> None:
        self._connection.close()

    def file(self, path: str) -> Indexed | None:
        """What the index knows of a file, None when no test ran it or it came later."""
        row = self._connection.execute("SELECT id, blob FROM triage_file WHERE path = ?", (path,)).fetchone()
        return Indexed(*row) if row else None

    def covers(self, path: str, line: int) -> int:
        """How many tests ran this line of the file as it was indexed."""
        indexed = self.file(path)
        return sum(len(found) for found in self._sets_of(indexed.number, line, line + 1)) if indexed else 0

    def tests_of_line(self, path: str, line: int, limit: int = LIMIT) -> list[str]:
        """The node ids of at most `limit` tests that ran this line of the file as it was indexed,
        the most focused first."""
        indexed = self.file(path)
        if indexed is None:
            return []
        numbers = NumberSet.first(self._sets_of(indexed.number, line, line + 1), limit, frozenset())
        names = self._names(numbers)
        return [names[number] for number in numbers if number in names]

    def covered_lines(self, path: str) -> frozenset[int]:
        """The lines of the file, as it was indexed, that any test ran."""
        indexed = self.file(path)
        if indexed is None:
            return frozenset()
        rows = self._connection.execute("SELECT line FROM triage_line WHERE file_id = ?", (indexed.number,))
        return frozenset(line for (line,) in rows)

    def covering(
        self, code_path: CodePath, moved: Mapping[str, LineMap] | None = None, *, limit: int = LIMIT
    ) -> tuple[CoveringTest, ...]:
        """At most `limit` tests that run the code path: those that reach deepest first, among
        them those that run the frame's own line, among those the most focused.

        `moved` holds, for files that changed since the index was built, how lines at HEAD
        became lines of the index; their tests are marked stale.
        """
        asked = self._questions(code_path, moved or {})
        exact = [self._sets_of(item.file, item.line, item.line + 1) if item.line else [] for item in asked]
        chosen: dict[int, int] = {}  # test number -> depth, in the order of the answer
        for depth, item in enumerate(asked):
            self._choose(chosen, exact[depth], depth, limit)
            if item.body and len(chosen) < limit:
                self._choose(chosen, self._sets_of(item.file, *item.body), depth, limit)
            if len(chosen) >= limit:
                break
        names = self._names(list(chosen))
        lines: dict[int, list[tuple[str, int]]] = {number: [] for number in chosen}
        told: set[tuple[str, int | None]] = set()
        for item, sets in zip(asked, exact, strict=True):
            if item.head_line is not None and (item.path, item.head_line) not in told:
                told.add((item.path, item.head_line))
                for held in sets:
                    for number in held.among(chosen.keys()):
                        lines[number].append((item.path, item.head_line))
        return tuple(
            CoveringTest(names[number], Coverage.CONTEXT, tuple(lines[number]), depth, asked[depth].stale)
            for number, depth in chosen.items()
        )

    @staticmethod
    def _choose(chosen: dict[int, int], sets: list[NumberSet], depth: int, limit: int) -> None:
        """Add the most focused tests of some sets, up to the limit."""
        for number in NumberSet.first(sets, limit - len(chosen), chosen.keys()):
            chosen[number] = depth

    def _questions(self, code_path: CodePath, moved: Mapping[str, LineMap]) -> list[_Asked]:
        """The distinct functions of the code path that the index knows, the crash first.

        A function the index does not know keeps its place, so that depths stay true.
        """
        asked: list[_Asked] = []
        files: dict[str, Indexed | None] = {}
        seen: set[tuple[str, str | None, int | None]] = set()
        for frame in reversed(code_path.frames):
            if not frame.in_checkout:
                continue
            path = frame.head_path or frame.path or ""
            key = (path, frame.qualname, frame.head_line)
            if key in seen:
                continue
            seen.add(key)
            if path not in files:
                files[path] = self.file(path)
            asked.append(_question(frame, path, files[path], moved.get(path)))
            if len(asked) >= MOST_FUNCTIONS:
                break
        return asked

    def _sets_of(self, file: int, start: int, end: int) -> list[NumberSet]:
        """The distinct sets of tests of a file's lines from `start` up to `end`."""
        found = []
        for number, tests in self._connection.execute(_SETS, (file, start, end)):
            held = self._sets.get(number)
            if held is None:
                if len(self._sets) >= KEPT_SETS:
                    self._sets.clear()
                held = self._sets[number] = NumberSet(tests)
            found.append(held)
        return found

    def _names(self, numbers: list[int]) -> dict[int, str]:
        names: dict[int, str] = {}
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            marks = ",".join("?" * len(part))
            names.update(self._connection.execute(f"SELECT no, node_id FROM triage_test WHERE no IN ({marks})", part))
        return names


def _question(frame: LocatedFrame, path: str, indexed: Indexed | None, lines: LineMap | None) -> _Asked:
    if indexed is None:
        return _Asked(path, -1, None, None, frame.head_line, False)
    body = frame.function_lines if frame.qualname != MODULE else None
    line = frame.head_line
    if lines is not None:
        line = lines.carry(line) if line else None
        if body is not None:
            kept = [there for number in range(*body) if (there := lines.carry(number)) is not None]
            body = (min(kept), max(kept) + 1) if kept else None
    return _Asked(path, indexed.number, line, body, frame.head_line, lines is not None)
