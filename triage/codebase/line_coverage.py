"""Which lines of one file tests run, and which tests run a line, from the coverage index."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from triage.codebase.carry import IDENTITY, LineMap, line_map
from triage.codebase.commit_tree import commit_tree
from triage.codebase.coverage_index import LIMIT, CoverageIndex
from triage.codebase.git import Git, TreeEntry
from triage.codebase.index_file import index_path
from triage.domain.code_path import Coverage, CoveringTest


@dataclass(eq=False)
class OpenIndex:
    """The repo's coverage index, opened once and again only when it was built anew."""

    repo: Path
    _index: CoverageIndex | None = None
    _built: tuple[int, int] | None = None

    def current(self) -> CoverageIndex | None:
        """The index as it is now, None when none was built."""
        try:
            status = index_path(self.repo).stat()
        except OSError:
            self._index, self._built = None, None
            return None
        built = (status.st_mtime_ns, status.st_ino)
        if built != self._built:
            # What was opened before stays open for those who still look into it.
            self._index, self._built = CoverageIndex.open(self.repo), built
        return self._index


@dataclass(frozen=True, slots=True, eq=False)
class LineCoverage:
    """What the index knows of one file, said in the lines of a commit.

    `covered` are lines that tests ran. Where the file is another than the indexed one, lines are
    carried by diff, and `known` is False for those that are new; `stale` says that HEAD's is
    another.
    """

    index: CoverageIndex
    path: str
    covered: frozenset[int]
    stale: bool = False
    _to_index: LineMap = IDENTITY
    _gone: frozenset[str] = field(default=frozenset())
    _changed: frozenset[str] = field(default=frozenset())

    def known(self, line: int) -> bool:
        """Whether the line was there when the index was built."""
        return self._to_index.carry(line) is not None

    def count(self, line: int) -> int:
        """How many tests run the line."""
        there = self._to_index.carry(line)
        return 0 if there is None else self.index.covers(self.path, there)

    def tests(self, line: int, limit: int = LIMIT) -> tuple[CoveringTest, ...]:
        """At most `limit` tests that run the line, the most focused first; those of test files
        that are gone since are left out, those of changed files marked stale."""
        there = self._to_index.carry(line)
        if there is None:
            return ()
        found = []
        for node_id in self.index.tests_of_line(self.path, there, limit):
            file = node_id.partition("::")[0]
            if file not in self._gone:
                stale = self.stale or file in self._changed
                found.append(CoveringTest(node_id, Coverage.CONTEXT, ((self.path, line),), 0, stale))
        return tuple(found)


async def line_coverage(
    index: CoverageIndex, git: Git, commit: str, path: str, head: str, indexed_as: str = ""
) -> LineCoverage | None:
    """What the index knows of `path` as it is at `commit`; None when it does not know the file.

    `head` decides which test files are still there; `indexed_as` is the file's name when the index
    was built, where it is another. Raises TriageError when git fails.
    """
    indexed_as = indexed_as or path
    indexed = index.file(indexed_as)
    entries = (await commit_tree(git, commit)).entries
    if indexed is None or path not in entries:
        return None
    blob = entries[path].blob
    lines = IDENTITY if blob == indexed.blob else await line_map(git, blob, indexed.blob)
    covered = index.covered_lines(indexed_as)
    if lines is not IDENTITY:
        back = lines.reversed()
        covered = frozenset(line for item in covered if (line := back.carry(item)) is not None)
    now = (await commit_tree(git, head)).entries
    stale = indexed_as not in now or now[indexed_as].blob != indexed.blob
    gone: frozenset[str] = frozenset()
    changed: frozenset[str] = frozenset()
    if head != index.commit and await git.resolve(index.commit):
        then = (await commit_tree(git, index.commit)).entries
        gone, changed = await asyncio.to_thread(_differences, now, then)
    return LineCoverage(index, indexed_as, covered, stale, lines, gone, changed)


def _differences(now: Mapping[str, TreeEntry], then: Mapping[str, TreeEntry]) -> tuple[frozenset[str], frozenset[str]]:
    gone = frozenset(path for path in then if path not in now)
    changed = frozenset(path for path, entry in now.items() if path not in then or then[path].blob != entry.blob)
    return gone, changed
