"""Guess covering tests by names and imports, for repos without a coverage index."""

import ast
import functools
import hashlib
import json
import re
import sqlite3
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from triage.codebase.index_file import index_folder
from triage.codebase.layout import holds_tests, import_roots, module_name, walk
from triage.codebase.source import MODULE, decode
from triage.domain.code_path import CodePath, Coverage, CoveringTest, LocatedFrame

LIMIT = 50
_MOST_FILES = 300
_FILE_LIMIT = 2_000_000
_DIGEST_VERSION = "1"


@dataclass(frozen=True, slots=True)
class TestNames:
    """One test: its node id after the file, and every name its code, helpers and fixtures use."""

    name: str
    used: frozenset[str]


@dataclass(frozen=True, slots=True)
class TestFile:
    """What a test file imports (dotted names) and its tests."""

    imports: frozenset[str]
    tests: tuple[TestNames, ...]


@dataclass(frozen=True, slots=True)
class _Target:
    """A function of the code path as a test would name it."""

    depth: int
    module: str
    names: tuple[str, ...]
    owner: str


def static_covering(repo: Path, code_path: CodePath, *, limit: int = LIMIT) -> tuple[CoveringTest, ...]:
    """Tests of the working tree that seem to call the code path, closest to the crash first.

    A test counts when its file imports the function's module (or something out of it) and its
    code, a helper or a fixture of the file names the function, or the class for methods that are
    called through syntax. A guess, and marked as one: `Coverage.STATIC`, without lines.
    """
    roots = import_roots(repo)
    targets = list(_targets(code_path, roots))
    if not targets:
        return ()
    ranked: dict[str, tuple[int, float, CoveringTest]] = {}
    cache = index_folder(repo)
    for path, content in _likely_files(repo, targets):
        digest = read_tests(content, cache)
        for target in targets:
            bond = _bond(digest.imports, target)
            if not bond:
                continue
            for test in digest.tests:
                score = _score(test, target, bond)
                node_id = f"{path}::{test.name}"
                if score and (node_id not in ranked or (target.depth, -score) < ranked[node_id][:2]):
                    found = CoveringTest(node_id, Coverage.STATIC, depth=target.depth)
                    ranked[node_id] = (target.depth, -score, found)
    ordered = sorted(ranked.values(), key=lambda item: (item[0], item[1], item[2].node_id))
    return tuple(item[2] for item in ordered[:limit])


def _targets(code_path: CodePath, roots: Sequence[str]) -> Iterator[_Target]:
    seen: set[tuple[str, str]] = set()
    for frame in reversed(code_path.frames):
        path = frame.head_path or frame.path
        if path is None or not frame.qualname or frame.qualname == MODULE or not path.endswith(".py"):
            continue
        if (path, frame.qualname) in seen or len(seen) >= 20:
            continue
        seen.add((path, frame.qualname))
        yield _target(len(seen) - 1, module_name(path, roots), frame)


def _target(depth: int, module: str, frame: LocatedFrame) -> _Target:
    """Nested functions are reached by the outermost one; dunder methods by their class."""
    outer = (frame.qualname or "").partition(".<locals>")[0]
    owner, _, name = outer.rpartition(".")
    owner = owner.rpartition(".")[2]
    special = name.startswith("__") and name.endswith("__")
    return _Target(depth, module, () if special or name.startswith("<") else (name,), owner)


def _likely_files(repo: Path, targets: Sequence[_Target]) -> Iterator[tuple[str, bytes]]:
    """Test files whose text holds a wanted name and a word of its module."""
    names = {name for target in targets for name in (*target.names, target.owner) if name}
    if not names:
        return
    wanted = re.compile(rb"\b(?:" + b"|".join(re.escape(name.encode()) for name in sorted(names)) + rb")\b")
    tops = re.compile(
        rb"\b(?:" + b"|".join({re.escape(target.module.split(".")[0].encode()) for target in targets}) + rb")\b"
    )
    count = 0
    for path in walk(repo):
        if not holds_tests(path):
            continue
        try:
            with (repo / path).open("rb") as stream:
                content = stream.read(_FILE_LIMIT)
        except OSError:
            continue
        if wanted.search(content) and tops.search(content):
            yield path, content
            count += 1
            if count >= _MOST_FILES:
                return


def _bond(imports: frozenset[str], target: _Target) -> float:
    """How closely a file's imports tie it to the module: 3 (the name itself) to 0 (not at all)."""
    wanted = {f"{target.module}.{name}" for name in (*target.names, target.owner) if name}
    if imports & wanted:
        return 3.0
    if target.module in imports or f"{target.module}.*" in imports:
        return 2.5
    parts = target.module.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        package = ".".join(parts[:depth])
        reexported = {f"{package}.{name}" for name in (*target.names, target.owner) if name}
        if imports & reexported:
            return 2.0
        if package in imports or f"{package}.*" in imports:
            return 1.0 + depth / 10
    return 0.0


def _score(test: TestNames, target: _Target, bond: float) -> float:
    """Does the test name the function? A method counts more where its class is named too."""
    has_owner = bool(target.owner) and target.owner in test.used
    has_name = any(name in test.used for name in target.names)
    if not target.names:
        return bond if has_owner else 0.0
    if not has_name:
        return 0.0
    if target.owner and not has_owner and bond < 2.0:
        return 0.0
    focus = 1 / (1 + len(test.used) / 20)
    return bond + (1.0 if has_owner else 0.0) + focus


@functools.lru_cache(maxsize=2_000)
def _digest(content: bytes) -> TestFile:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(decode(content))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return TestFile(frozenset(), ())
    imports: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imports |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            imports |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or ""}
    helpers = {node.name: _names(node) for node in ast.walk(tree) if _is_function(node)}
    tests = []
    for node in tree.body:
        if _is_function(node) and node.name.startswith("test"):
            tests.append(TestNames(node.name, _reach(helpers[node.name], helpers)))
        elif isinstance(node, ast.ClassDef) and _holds_tests(node):
            shared = frozenset().union(
                *(_names(item) for item in node.body if _is_function(item) and item.name in _SETUPS)
            )
            for item in node.body:
                if _is_function(item) and item.name.startswith("test"):
                    tests.append(TestNames(f"{node.name}::{item.name}", _reach(_names(item) | shared, helpers)))
    return TestFile(frozenset(imports), tuple(tests))


_SETUPS = ("setUp", "setup_method", "setUpClass", "setup_class", "asyncSetUp")


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _holds_tests(node: ast.ClassDef) -> bool:
    bases = {item.attr if isinstance(item, ast.Attribute) else getattr(item, "id", "") for item in node.bases}
    return node.name.startswith("Test") or any(base.endswith("TestCase") for base in bases)


def _names(node: ast.AST) -> frozenset[str]:
    """Every name, attribute and parameter (fixtures are parameters) of a piece of code."""
    found: set[str] = set()
    for item in ast.walk(node):
        if isinstance(item, ast.Name):
            found.add(item.id)
        elif isinstance(item, ast.Attribute):
            found.add(item.attr)
        elif isinstance(item, ast.arg):
            found.add(item.arg)
        elif isinstance(item, ast.ImportFrom):
            found |= {alias.name for alias in item.names}
    return frozenset(found)


def _reach(names: frozenset[str], helpers: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names of a test with those of the helpers and fixtures of its file that it uses."""
    return names.union(*(helpers[name] for name in names & helpers.keys()))


def read_tests(content: bytes, cache: Path) -> TestFile:
    """A test file's imports and tests; parsed once for each content, kept in the index folder."""
    key = f"{_DIGEST_VERSION}-{hashlib.blake2b(content, digest_size=16).hexdigest()}"
    kept = _recall(cache, key)
    if kept is None:
        kept = _digest(content)
        _remember(cache, key, kept)
    return kept


@functools.lru_cache(maxsize=4_000)
def _recall(cache: Path, key: str) -> TestFile | None:
    """A file's digest from an earlier run, None when there is none or the cache is unusable."""
    file = cache / "static.sqlite"
    if not file.exists():
        return None
    try:
        with closing(sqlite3.connect(file, timeout=0.5)) as connection:
            row = connection.execute("SELECT digest FROM digest WHERE key = ?", (key,)).fetchone()
            kept = json.loads(row[0]) if row else None
        if kept is None:
            return None
        tests = tuple(TestNames(name, frozenset(used)) for name, used in kept["tests"])
        return TestFile(frozenset(kept["imports"]), tests)
    except (sqlite3.Error, ValueError, KeyError, TypeError):
        return None


def _remember(cache: Path, key: str, made: TestFile) -> None:
    """Keep a digest for the next run; a cache that cannot be written only costs time."""
    digest = {"imports": sorted(made.imports), "tests": [[test.name, sorted(test.used)] for test in made.tests]}
    with (
        suppress(sqlite3.Error),
        closing(sqlite3.connect(cache / "static.sqlite", timeout=0.5)) as connection,
        connection,
    ):
        connection.execute("CREATE TABLE IF NOT EXISTS digest (key TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID")
        connection.execute("INSERT OR REPLACE INTO digest VALUES (?, ?)", (key, json.dumps(digest)))
    _recall.cache_clear()
