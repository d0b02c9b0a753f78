"""Runs one test file's test in the sandbox, in the commit's worktree, and reports what happened."""

import asyncio
import json
import os
import secrets
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import cast

from triage.domain.event import Json
from triage.domain.tamper import tampering
from triage.domain.verdict import ExpectedFailure, FailurePoint, Isolation, RunReport
from triage.errors import BadInput, TriageError
from triage.execution import bytecode, drafted
from triage.execution.attempts import Mode, first_mode, next_mode, remember
from triage.execution.manifest import CACHES, scan
from triage.execution.process import Exited, kill_marked, stream
from triage.execution.pytest_options import (
    Settings,
    arguments,
    harmless,
    has_plugins,
    installed,
    read_settings,
    wanted_plugins,
)
from triage.execution.report import MOST_BYTES, Facts, make_report, read_facts
from triage.execution.sandbox import SANDBOX_FAILED, require, wrap
from triage.execution.view import HOME, interpreter_folders
from triage.execution.worktree import Worktree, borrowed, wrapped

_INSIDE = Path(__file__).parent.parent / "inside"
_KEPT_OUTPUT = 400_000
_FEW_FILES = 20
"""Starting a sandbox to compile fewer modules costs more than a handful of runs gain by it."""


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One test to run: where (`repo` at `ref`), with what interpreter, and what it should show.

    `interpreter_roots` are the folders the interpreter needs; `import_roots` are relative to the
    repo, first wins. `test_path` is relative, `test_source` the whole file, `test_name` what
    stands after `::` ("" runs the file). `expected` is what is watched for. `timeout` is in
    seconds. `hash_seed` None means 0. `plugins` loads every plugin that is installed. `watch`
    off skips noting which functions ran (a slower run before Python 3.12). `bare` off: where the
    repo's pytest settings fail, the run ends with that instead of going without them.
    """

    repo: Path
    ref: str
    interpreter_path: Path
    interpreter_roots: tuple[Path, ...]
    import_roots: tuple[str, ...]
    test_path: str
    test_source: str
    test_name: str
    expected: ExpectedFailure | None
    tier: Isolation
    timeout: float = 60.0
    memory_mb: int = 2048
    hash_seed: int | None = None
    plugins: bool = False
    watch: bool = True
    bare: bool = True


async def run_test(request: RunRequest, worktree: Path | None = None) -> AsyncIterator[str | RunReport]:
    """Run the test once; yields output lines as they come, at last the report.

    `worktree` is a folder that holds the commit already, else one is borrowed. Raises
    Unavailable when the tier does not work here (it is never lowered), BadInput for a test path
    that is none, and TriageError when the sandbox itself fails.
    """
    check_test_path(request.test_path)
    await asyncio.to_thread(require, request.tier)
    if worktree is not None:
        tree = await wrapped(worktree)
        async for item in run_in(request, tree):
            yield item
        return
    async with borrowed(request.repo, request.ref) as tree:
        async for item in run_in(request, tree):
            yield item


async def run_in(request: RunRequest, tree: Worktree) -> AsyncIterator[str | RunReport]:
    """`run_test` in a worktree that the caller holds; tries the modes of pytest until one works."""
    about = (request.repo, request.interpreter_path, request.test_path)
    mode = first_mode(*about, request.plugins)
    told: RunReport | None = None
    while True:
        report: RunReport | None = None
        async for item in _run_once(request, tree, mode):
            if isinstance(item, str):
                yield item
            else:
                report = item
        assert report is not None
        following = next_mode(mode, report)
        if following and following[0] is Mode.EVERYTHING and not has_plugins(request.interpreter_roots):
            following = next_mode(Mode.EVERYTHING, report)
        if following is None or (following[0] is Mode.BARE and not request.bare):
            break
        told = report
        if report.changed_files:
            await asyncio.to_thread(drafted.clear, tree)
        mode, why = following
        yield f"triage: {why}"
    remember(*about, mode, report)
    if mode is Mode.BARE and told is not None and report.phase in ("", "collect", "setup"):
        # Without its conftest files it could not run either: what was wrong with them says more.
        yield told
    else:
        yield replace(report, notes=(*report.notes, mode.note)) if mode.note else report


def check_test_path(path: str) -> None:
    """Raises BadInput unless `path` is a plain relative path to a test module."""
    pure = PurePosixPath(path)
    parts = pure.parts
    bad = (
        not parts
        or pure.is_absolute()
        or any(part in ("..", ".git") or part.startswith("~") for part in parts)
        or "\\" in path
        or "\0" in path
        or pure.suffix != ".py"
        or pure.name in drafted.POWERFUL
    )
    if bad:
        raise BadInput(
            f"not a test file's path: {path!r}", "it must be a relative path to a .py test module in the repo"
        )


async def _run_once(request: RunRequest, tree: Worktree, mode: Mode) -> AsyncIterator[str | RunReport]:
    await _compile_once(request, tree)
    test_file = await asyncio.to_thread(drafted.put, tree, request.test_path, request.test_source)
    # What the file did before the draft was added to it is the repo's own affair.
    was = tampering((tree.replaced or b"").decode("utf-8", "replace"))
    tampered = tuple(what for what in tampering(request.test_source) if what not in was)
    key = secrets.token_bytes(32)
    argv = command(request, tree, mode)
    reader, writer = os.pipe()
    received = bytearray()
    listening = Listening(reader, received)
    asked = json.dumps(order(request, tree, test_file, key, writer, mode)).encode()
    started = time.monotonic()
    kept: list[str] = []
    room = _KEPT_OUTPUT
    exited = Exited(0)
    try:
        output = stream(argv, cwd=tree.path, timeout=request.timeout, input=asked, pass_fds=(writer,))
        async for item in output:
            if writer >= 0:
                os.close(writer)
                writer = -1
            if isinstance(item, Exited):
                exited = item
                continue
            if room > 0:
                kept.append(item.text)
                room -= len(item.text) + 1
            yield item.text
    finally:
        if writer >= 0:
            os.close(writer)
        if request.tier is Isolation.NONE:
            kill_marked(f"HOME={tree.folder / 'home'}")
        await listening.close()
        clean = exited.code >= 0 and not exited.timed_out and not exited.flooded
        changes = await asyncio.shield(drafted.settle(tree, request.test_path, request.test_source, clean))
    text = "\n".join(kept)
    facts = read_facts(bytes(received), key)
    tree.uncompiled = tuple(str(name) for item in facts.of("modules") for name in cast(list[Json], item["files"]))
    if exited.code == SANDBOX_FAILED and not facts.items:
        raise TriageError("the sandbox could not be set up", text.strip()[-500:], "`triage doctor` names the fix")
    yield make_report(
        facts,
        changed_files=changes.refused,
        timed_out=exited.timed_out,
        flooded=exited.flooded,
        code=exited.code,
        seconds=time.monotonic() - started,
        output=text,
        notes=(*tree.notes, *changes.notes, *_late_notes(facts)),
        tampered=tampered,
    )


async def _compile_once(request: RunRequest, tree: Worktree) -> None:
    """Before the second run in a worktree: compile what the first one loaded, where that pays.

    What is kept for good lies outside the worktree, so that the run need not wait for it.
    """
    if tree.compiled or not tree.uncompiled:
        return
    tree.compiled = True
    kept = bytecode.prefix(request.interpreter_path, request.interpreter_roots)
    files = bytecode.worth_compiling(tree.uncompiled, tree.path, kept)
    compiling = bytecode.compile_files(
        files,
        interpreter=request.interpreter_path,
        read_only=(*_folders(request), _INSIDE),
        tree=tree.path,
        kept=kept,
        tier=request.tier,
    )
    if kept is not None:
        bytecode.beside(compiling)
    elif len(files) < _FEW_FILES:
        compiling.close()
    else:
        await compiling
        tree.pristine = await asyncio.to_thread(scan, tree.path, CACHES)


def _late_notes(facts: Facts) -> tuple[str, ...]:
    return ("the test is marked as expected to fail",) if any(item.get("xfail") for item in facts.of("phase")) else ()


class Listening:
    """Gathers what comes over the report's pipe while the run lasts."""

    def __init__(self, reader: int, into: bytearray) -> None:
        self._reader = reader
        self._into = into
        os.set_blocking(reader, False)
        asyncio.get_running_loop().add_reader(reader, self._take)

    def _take(self) -> None:
        try:
            data = os.read(self._reader, 65536)
        except BlockingIOError:
            return
        if len(self._into) < MOST_BYTES:
            self._into += data
        if not data:
            asyncio.get_running_loop().remove_reader(self._reader)

    async def close(self) -> None:
        """Take what is left and let go of the pipe; does not wait for writers."""
        asyncio.get_running_loop().remove_reader(self._reader)
        try:
            while len(self._into) < MOST_BYTES and (data := os.read(self._reader, 65536)):
                self._into += data
        except BlockingIOError:
            pass
        os.close(self._reader)


def _roots(request: RunRequest, tree: Worktree) -> list[str]:
    """Absolute import roots; the worktree itself comes last where it is not named."""
    named = [os.path.normpath(tree.path / root) for root in request.import_roots]
    own = str(tree.path)
    return list(dict.fromkeys([*(item for item in named if item == own or item.startswith(own + os.sep)), own]))


def environment(request: RunRequest, tree: Worktree, mode: Mode) -> dict[str, str]:
    """All that the run sees of an environment, HOME and PATH aside."""
    found = {
        "PYTHONPATH": os.pathsep.join(_roots(request, tree)),
        "PYTHONHASHSEED": str(request.hash_seed or 0),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONNOUSERSITE": "1",
        "PATH": f"{request.interpreter_path.parent}:/usr/local/bin:/usr/bin:/bin",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "COLUMNS": "120",
    }
    if kept := bytecode.filled_prefix(request.interpreter_path, request.interpreter_roots):
        found["PYTHONPYCACHEPREFIX"] = str(kept)
    if mode is not Mode.EVERYTHING:
        found["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    if request.tier is Isolation.NONE:
        home = tree.folder / "home"
        home.mkdir(exist_ok=True)
        found |= {"HOME": str(home), "TMPDIR": str(home)}
    return found


def _folders(request: RunRequest) -> tuple[Path, ...]:
    return interpreter_folders(request.interpreter_roots, request.interpreter_path, (Path.home(), request.repo))


def command(request: RunRequest, tree: Worktree, mode: Mode) -> list[str]:
    kept = bytecode.filled_prefix(request.interpreter_path, request.interpreter_roots)
    return wrap(
        request.tier,
        [str(request.interpreter_path), "-s", str(_INSIDE / "probe.py")],
        read_only=(*_folders(request), _INSIDE, *([kept] if kept else [])),
        writable=(tree.path,),
        cwd=tree.path,
        env=environment(request, tree, mode),
        memory_mb=request.memory_mb,
        cpu_seconds=request.timeout + 5,
    )


def order(
    request: RunRequest, tree: Worktree, test_file: Path, key: bytes, channel: int, mode: Mode
) -> dict[str, object]:
    points = request.expected.points if request.expected else ()
    bare = mode is Mode.BARE
    settings = Settings(others={}) if bare else read_settings(tree.path, request.test_path)
    plugins = wanted_plugins(tree.path, request.test_path, request.test_source, settings) if mode is Mode.NAMED else []
    plugins = installed(plugins, request.interpreter_roots)
    node = f"{test_file}::{request.test_name}" if request.test_name else str(test_file)
    roots = _roots(request, tree)
    sandboxed = request.tier is not Isolation.NONE
    kept = bytecode.filled_prefix(request.interpreter_path, request.interpreter_roots)
    return {
        "key": key.hex(),
        "channel": channel,
        "root": str(tree.path),
        "test_file": str(test_file),
        "roots": roots,
        "args": [*arguments(tree.path, node, harmless(settings.addopts), plugins, bare), *_recursion(request)],
        "points": [[item.path, item.qualname] for item in points],
        "crashes": [[item.path, item.qualname] for item in _crashes(request.expected)],
        "tops": {item.path: _top_names(item.path, request.import_roots) for item in points},
        "watch": request.watch,
        "brief": request.expected is not None and request.expected.type == "RecursionError",
        "hidden": [os.path.realpath(Path.home()), os.path.realpath(request.repo)],
        "visible": [
            str(item) for item in (*request.interpreter_roots, _INSIDE, tree.folder, HOME, *([kept] if kept else []))
        ],
        "enforce": not sandboxed,
    }


def _crashes(expected: ExpectedFailure | None) -> list[FailurePoint]:
    """Where any of the errors that would count was raised."""
    return [item.points[-1] for item in (expected, *expected.alternatives)] if expected else []


def _recursion(request: RunRequest) -> list[str]:
    """pytest compares the locals of all frames to find where a recursion began: 10 s for 1,000 frames."""
    return ["--tb=native"] if request.expected and request.expected.type == "RecursionError" else []


def _top_names(path: str, roots: tuple[str, ...]) -> list[str]:
    """The top-level module that a file belongs to, from the most specific import root that holds it."""
    fitting = [root.strip("/") for root in roots if root in ("", ".") or path.startswith(root.strip("/") + "/")]
    root = max((item for item in fitting if item not in ("", ".")), key=len, default="")
    inside = path[len(root) + 1 :] if root else path
    return [inside.split("/", 1)[0].removesuffix(".py")]
