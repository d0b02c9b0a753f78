"""Build the coverage index: run the repo's suite once at HEAD, one coverage context per test."""

import asyncio
import contextlib
import datetime
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.codebase.git import Git, TreeEntry
from triage.codebase.index_file import VERSION, index_path, turn_round
from triage.codebase.interpreter import Interpreter
from triage.codebase.layout import holds_tests, import_roots, is_test_path
from triage.errors import Refused, TriageError
from triage.execution.process import Exited, stream
from triage.paths import data_dir

_KEPT_OUTPUT = 12
_BUILT_SUFFIXES = (".py", ".so", ".pyd", ".json", ".txt")
_BUILT_LIMIT = 50_000_000


@dataclass(frozen=True, slots=True)
class IndexProgress:
    """What is being done now (`text`), or one line that the suite printed (`output`)."""

    text: str = ""
    output: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """What the collector reports of a run; node ids as the index has them."""

    engine: str
    collected: frozenset[str]
    ran: frozenset[str]
    failed: int
    uncollected: int
    foreign: tuple[tuple[str, str], ...]


async def build(repo: Path, interpreter: Interpreter, tests: str, *, timeout: float) -> AsyncIterator[IndexProgress]:
    """See `coverage_index.build_index`."""
    git = Git(repo)
    head = await git.head()
    root = await git.toplevel()
    entries = await git.entries(head)
    target = index_path(root)
    with tempfile.TemporaryDirectory(prefix="index-", dir=_work_folder(target), ignore_cleanup_errors=True) as made:
        work = _resolved(made)
        tree = work / "tree"
        yield IndexProgress(text=f"checking out {head[:10]}")
        await check_out(git, root, head, entries, tree, work / "git-index")
        yield IndexProgress(text="running the test suite once, with a coverage context per test")
        said: list[str] = []
        settings = _settings(work, tree, interpreter)
        ended = Exited(0)
        for extra in ((), ("-o", "addopts=")):
            argv, env = _command(interpreter, work, tests, settings, extra)
            async for item in stream(argv, cwd=tree, env=env, timeout=timeout):
                if isinstance(item, Exited):
                    ended = item
                else:
                    said = [*said[-_KEPT_OUTPUT:], item.text]
                    yield IndexProgress(output=item.text)
            if ended.code != 4 or not any("unrecognized arguments" in line for line in said):
                break
            # Options of a plugin that is not installed (say, --cov) in the repo's addopts.
            yield IndexProgress(text="once more, without the addopts of the repo's pytest settings")
        facts = _facts(work / "report.json", said, _check_exit(ended, said, timeout))
        data = work / "coverage.sqlite"
        _check_origin(facts, tree)
        yield IndexProgress(text="checking that no test's context was lost")
        await asyncio.to_thread(_check_gaps, data, facts)
        yield IndexProgress(text="sorting tests by line")
        blobs = {path: entry.blob for path, entry in entries.items()}
        count = await asyncio.to_thread(turn_round, data, _relative_to(tree, entries), blobs)
        if not count:
            raise TriageError(
                "no test ran", " | ".join(said[-3:]), "set `tests` in triage.toml to the folder of the tests"
            )
        facts_kept = {"commit": head, "engine": facts.engine, "tests": str(count), "version": VERSION}
        await asyncio.to_thread(_seal, data, facts_kept)
        _move(data, target)
    notes = f", {facts.failed} of them failed" if facts.failed else ""
    notes += f"; {facts.uncollected} files could not be collected" if facts.uncollected else ""
    yield IndexProgress(text=f"{count} tests indexed at {head[:10]} with {facts.engine}{notes}")


async def check_out(
    git: Git, root: Path, commit: str, entries: Mapping[str, TreeEntry], tree: Path, index: Path
) -> None:
    """The files of a commit in a folder of their own, with the ignored files that builds leave
    beside the code (compiled modules, written version files): without them nothing imports."""
    env = {"GIT_INDEX_FILE": str(index)}
    os.makedirs(tree)
    at_root = Git(root)
    await at_root.run("read-tree", commit, env=env)
    await at_root.run("checkout-index", "-a", "-q", f"--prefix={tree}/", env=env)
    built = await asyncio.to_thread(_built_files, root, entries)
    if not built:
        return
    listed = await at_root.run("ls-files", "-z", "--others", "--ignored", "--exclude-standard", "--", *sorted(built))
    for path in listed.split("\0"):
        if path in built:
            place = tree / path
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(root / path, place)


def _built_files(root: Path, entries: Mapping[str, TreeEntry]) -> set[str]:
    """Untracked files in the folders of tracked Python code that a build may have written."""
    found: set[str] = set()
    total = 0
    for folder in sorted({path.rpartition("/")[0] for path in entries if path.endswith(".py")}):
        if is_test_path(f"{folder}/x.py"):
            continue
        with contextlib.suppress(OSError), os.scandir(root / folder) as listing:
            for item in listing:
                path = f"{folder}/{item.name}" if folder else item.name
                if (
                    path in entries
                    or not item.name.endswith(_BUILT_SUFFIXES)
                    or not item.is_file(follow_symlinks=False)
                ):
                    continue
                total += item.stat().st_size
                if total < _BUILT_LIMIT and len(found) < 2_000:
                    found.add(path)
    return found


def _work_folder(target: Path) -> Path:
    """The tree is made outside `.git`: pytest and tools behave oddly below hidden folders."""
    place = data_dir() / "scratch"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:
        return target.parent
    return place


def _settings(work: Path, tree: Path, interpreter: Interpreter) -> dict[str, object]:
    plugin = work / "plugin"
    plugin.mkdir()
    source = Path(__file__).parent.parent / "inside" / "collector.py"
    shutil.copyfile(source, plugin / "triage_collector.py")
    roots = import_roots(tree)
    packages = set()
    for root in roots:
        for item in (tree / root).iterdir():
            inside = f"{root}/{item.name}" if root != "." else item.name
            if item.is_dir() and (item / "__init__.py").exists() and not is_test_path(f"{inside}/x.py"):
                packages.add(item.name)
            elif (
                item.suffix == ".py" and not is_test_path(inside) and item.stem not in ("setup", "conftest", "noxfile")
            ):
                packages.add(item.stem)
    return {
        "data": str(work / "coverage.sqlite"),
        "report": str(work / "report.json"),
        "root": str(tree),
        "roots": [str(tree / root) for root in roots],
        "packages": sorted(packages),
        "coverage": _lend_coverage(work, interpreter),
    }


def _lend_coverage(work: Path, interpreter: Interpreter) -> str:
    """A folder with our own coverage, "" when the interpreter has one or ours does not fit it.

    The C tracer is compiled for one Python version, so only the same version can borrow it.
    """
    if "coverage" in dict(interpreter.distributions):
        return ""
    same = interpreter.version[:2] == sys.version_info[:2] and interpreter.implementation == sys.implementation.name
    if not same:
        return ""
    import importlib.util

    spec = importlib.util.find_spec("coverage")
    if spec is None or not spec.submodule_search_locations:
        return ""
    lent = work / "lent"
    lent.mkdir()
    (lent / "coverage").symlink_to(next(iter(spec.submodule_search_locations)), target_is_directory=True)
    return str(lent)


def _command(
    interpreter: Interpreter, work: Path, tests: str, settings: Mapping[str, object], extra: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """The command line and the environment: the user's, but nothing that steers pytest or coverage."""
    argv = [str(interpreter.path), "-m", "pytest", "-p", "triage_collector", "-q"]
    argv += ["--continue-on-collection-errors", "--maxfail=0", "-o", f"cache_dir={work / 'cache'}"]
    has = dict(interpreter.distributions)
    if "pytest-xdist" in has:
        argv.append("-n0")  # workers would keep their contexts to themselves
    if "pytest-cov" in has:
        argv.append("--no-cov")
    argv += [*extra, *tests.split()]
    dropped = ("PYTEST_", "PYTHON", "COVERAGE_", "GIT_", "TRIAGE_")
    env = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    roots = settings["roots"]
    assert isinstance(roots, list)
    path = [str(work / "plugin"), *roots, *filter(None, [os.environ.get("PYTHONPATH")])]
    env.update(
        PYTHONPATH=os.pathsep.join(path),
        PYTHONDONTWRITEBYTECODE="1",
        PYTHONUNBUFFERED="1",
        COVERAGE_CORE="ctrace",
        TRIAGE_COLLECT=json.dumps(settings),
    )
    env.pop("VIRTUAL_ENV", None)
    return argv, env


def _check_exit(item: Exited, said: Sequence[str], timeout: float) -> int:
    last = " | ".join(line for line in said[-4:] if line.strip())
    if item.timed_out:
        raise TriageError(
            "the test suite takes too long",
            f"stopped after {timeout:g} s",
            "set `tests` in triage.toml to a part of it",
        )
    if item.code == 5:
        raise TriageError("no tests were found", last, "set `tests` in triage.toml to the folder of the tests")
    if item.code not in (0, 1):
        raise TriageError(
            "the test suite did not run", last or f"pytest ended with {item.code}", "run pytest by hand to see more"
        )
    return item.code


def _facts(report: Path, said: Sequence[str], code: int | None) -> Facts:
    try:
        facts = json.loads(report.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        detail = " | ".join(line for line in said[-4:] if line.strip()) or f"pytest ended with {code}"
        raise TriageError("the test suite ended without a report", detail, "run pytest by hand to see why") from error
    return Facts(
        engine=str(facts["engine"]),
        collected=frozenset(facts["collected"]),
        ran=frozenset(facts["ran"]),
        failed=int(facts["failed"]),
        uncollected=int(facts["uncollected"]),
        foreign=tuple((str(name), str(file)) for name, file in facts["foreign"]),
    )


def _check_origin(facts: Facts, tree: Path) -> None:
    """Refuse what was measured on another copy of the code (an installed package)."""
    if facts.foreign:
        name, file = facts.foreign[0]
        raise Refused(
            "the tests import another copy of the code",
            f"{name} came from {file}, not from the checkout",
            f"uninstall it from the environment, or name its folder as an import root (expected below {tree})",
        )


def _check_gaps(data: Path, facts: Facts) -> None:
    """Refuse an index that lost the context of any test that ran."""
    try:
        with contextlib.closing(sqlite3.connect(data)) as connection:
            known = {name for (name,) in connection.execute("SELECT context FROM context")}
    except sqlite3.DatabaseError as error:
        raise TriageError(
            "no coverage was recorded", f"{facts.engine}: {error}", "run pytest by hand to see why"
        ) from error
    lost = sorted((facts.ran & facts.collected) - known)
    if lost:
        detail = f"{len(lost)} of {len(facts.ran)} tests left no context, {lost[0]} among them ({facts.engine})"
        hint = (
            "tests that change the trace function or fork workers do that; leave them out with `tests` in triage.toml"
        )
        raise Refused("the index would have gaps", detail, hint)


def _resolved(folder: str) -> Path:
    return Path(folder).resolve()


class _Relative:
    """Measured files as paths of the repo; test modules and files outside are left out."""

    def __init__(self, tree: Path, entries: Mapping[str, TreeEntry]) -> None:
        self.prefix = f"{tree}{os.sep}"
        self.entries = entries

    def __call__(self, measured: str) -> str | None:
        if not measured.startswith(self.prefix):
            return None
        path = measured[len(self.prefix) :].replace(os.sep, "/")
        return path if path in self.entries and not _is_test_module(path) else None


def _relative_to(tree: Path, entries: Mapping[str, TreeEntry]) -> _Relative:
    return _Relative(tree, entries)


def _is_test_module(path: str) -> bool:
    return holds_tests(path) and is_test_path(path)


def _seal(data: Path, facts: Mapping[str, str]) -> None:
    with contextlib.closing(sqlite3.connect(data)) as connection, connection:
        rows = {**facts, "built": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")}
        connection.executemany("INSERT INTO triage_meta VALUES (?, ?)", rows.items())


def _move(data: Path, target: Path) -> None:
    """Put the finished index in place in one step, also across file systems."""
    beside = target.with_suffix(".new")
    try:
        shutil.copyfile(data, beside)
        os.replace(beside, target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise TriageError(
            "the index cannot be written", f"{target}: {error.strerror}", "free some space or check the permissions"
        ) from error
