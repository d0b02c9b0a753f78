"""Look up which tests run a code path, in the index that `triage index` built."""

import functools
import sqlite3
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.codebase.carry import LineMap
from triage.codebase.index_build import IndexProgress, build
from triage.codebase.index_file import VERSION, index_path, positions, unpack
from triage.codebase.interpreter import Interpreter
from triage.codebase.source import MODULE
from triage.domain.code_path import CodePath, Coverage, CoveringTest, LocatedFrame

__all__ = ["CoverageIndex", "IndexProgress", "Indexed", "build_index"]

LIMIT = 200


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
    """One function of the code path with the lines to look up, already those of the index."""

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
        rows = connection.execute("SELECT id, path, blob FROM triage_file")
        self.files = {path: Indexed(number, blob) for number, path, blob in rows}
        self._set = functools.lru_cache(maxsize=4_096)(self._read_set)

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

    def covers(self, path: str, line: int) -> int:
        """How many tests ran this line of the file as it was indexed."""
        indexed = self.files.get(path)
        return self._tests_of(indexed.number, line, line + 1).bit_count() if indexed else 0

    def covered_lines(self, path: str) -> frozenset[int]:
        """The lines of the file, as it was indexed, that any test ran."""
        indexed = self.files.get(path)
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
        exact = [self._tests_of(item.file, item.line, item.line + 1) if item.line else 0 for item in asked]
        whole = [
            self._tests_of(item.file, *item.body) | hit if item.body else hit
            for item, hit in zip(asked, exact, strict=True)
        ]
        seen = 0
        chosen: list[tuple[int, int]] = []  # test number, depth
        for depth in range(len(asked)):
            for group in (exact[depth], whole[depth]):
                fresh = group & ~seen
                if fresh:
                    chosen += [(number, depth) for number in positions(fresh, limit - len(chosen))]
                    seen |= fresh
                if len(chosen) >= limit:
                    return self._answer(chosen, asked, exact)
        return self._answer(chosen, asked, exact)

    def _answer(self, chosen: list[tuple[int, int]], asked: list[_Asked], exact: list[int]) -> tuple[CoveringTest, ...]:
        names = self._names([number for number, _ in chosen])
        size = self.tests // 8 + 1
        packed = [bits.to_bytes(max(size, (bits.bit_length() + 7) // 8), "little") for bits in exact]
        found = []
        for number, depth in chosen:
            byte, bit = number >> 3, 1 << (number & 7)
            lines = tuple(
                (item.path, item.head_line)
                for item, bits in zip(asked, packed, strict=True)
                if item.head_line is not None and bits[byte] & bit
            )
            found.append(CoveringTest(names[number], Coverage.CONTEXT, lines, depth, asked[depth].stale))
        return tuple(found)

    def _questions(self, code_path: CodePath, moved: Mapping[str, LineMap]) -> list[_Asked]:
        """The distinct functions of the code path that the index knows, the crash first.

        A function the index does not know keeps its place, so that depths stay true.
        """
        asked: list[_Asked] = []
        seen: set[tuple[str, str | None, int | None]] = set()
        for frame in reversed(code_path.frames):
            if not frame.in_checkout:
                continue
            path = frame.head_path or frame.path or ""
            key = (path, frame.qualname, frame.head_line)
            if key in seen:
                continue
            seen.add(key)
            asked.append(self._question(frame, path, moved.get(path)))
        return asked

    def _question(self, frame: LocatedFrame, path: str, lines: LineMap | None) -> _Asked:
        indexed = self.files.get(path)
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

    def _tests_of(self, file: int, start: int, end: int) -> int:
        query = "SELECT DISTINCT set_id FROM triage_line WHERE file_id = ? AND line >= ? AND line < ?"
        found = 0
        for (number,) in self._connection.execute(query, (file, start, end)):
            found |= self._set(number)
        return found

    def _read_set(self, number: int) -> int:
        row = self._connection.execute("SELECT tests FROM triage_set WHERE id = ?", (number,)).fetchone()
        return unpack(row[0])

    def _names(self, numbers: list[int]) -> dict[int, str]:
        names: dict[int, str] = {}
        for start in range(0, len(numbers), 500):
            part = numbers[start : start + 500]
            marks = ",".join("?" * len(part))
            names.update(self._connection.execute(f"SELECT no, node_id FROM triage_test WHERE no IN ({marks})", part))
        return names
