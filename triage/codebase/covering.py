"""Which existing tests run a code path: by the coverage index, else by names and imports."""

import asyncio
from pathlib import Path

from triage.codebase.carry import LineMap, line_map
from triage.codebase.commit_tree import commit_tree
from triage.codebase.coverage_index import LIMIT, CoverageIndex
from triage.codebase.git import Git
from triage.codebase.static_tests import static_covering
from triage.domain.code_path import CodePath, CoveringTest


async def covering_tests(repo: Path, code_path: CodePath, *, limit: int = LIMIT) -> tuple[CoveringTest, ...]:
    """Tests that run the code path, closest to the crash first.

    With an index: what it measured; lines of files that changed since are carried by diff and
    their tests marked stale, and so are tests whose own file changed. Without one, or when it
    knows none of the files: tests that name the code, marked `Coverage.STATIC`.
    """
    if code_path.crash is None:
        return ()
    index = await asyncio.to_thread(CoverageIndex.open, repo)
    if index is None:
        return await asyncio.to_thread(static_covering, repo, code_path)
    try:
        paths = {frame.head_path or frame.path or "" for frame in code_path.frames if frame.in_checkout}
        known = {path: indexed for path in sorted(paths) if (indexed := index.file(path)) is not None}
        if not known:
            return await asyncio.to_thread(static_covering, repo, code_path)
        if code_path.head is None or code_path.head == index.commit:
            return index.covering(code_path, limit=limit)
        git = Git(repo)
        now = (await commit_tree(git, code_path.head)).entries
        then = (await commit_tree(git, index.commit)).entries if await git.resolve(index.commit) else {}
        moved: dict[str, LineMap] = {}
        for path, indexed in known.items():
            if path in now and now[path].blob != indexed.blob:
                moved[path] = await line_map(git, now[path].blob, indexed.blob)
        found = []
        for test in index.covering(code_path, moved, limit=limit):
            file = test.node_id.partition("::")[0]
            if file not in now:
                continue  # the test was removed since
            changed = file not in then or then[file].blob != now[file].blob
            found.append(CoveringTest(test.node_id, test.source, test.lines, test.depth, True) if changed else test)
        return tuple(found)
    finally:
        index.close()
