"""Where a repo keeps its importable code and its tests."""

import ast
import os
import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigError
from pathlib import Path, PurePosixPath

from triage.domain.code_path import CoveringTest

PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
MARKERS = (
    *PROJECT_FILES,
    "manage.py",
    "requirements.txt",
    "Pipfile",
    "Dockerfile",
    "Procfile",
    "tox.ini",
    "pytest.ini",
)
SOURCE_FOLDERS = ("src", "lib", "Lib", "python")
TEST_FOLDERS = frozenset({"tests", "test", "testing", "unittests", "unit_tests", "Tests", "Test"})
SKIPPED = frozenset({"node_modules", "site-packages", "__pycache__", "venv", "env", "build", "dist", "htmlcov"})
ASIDE = frozenset({"docs", "doc", "examples", "example", "samples", "benchmarks", "gallery"})
_CONFIG_LIMIT = 1_000_000
_MAX_FILES = 200_000


def import_roots(repo: Path) -> tuple[str, ...]:
    """Folders of the working tree that belong on sys.path, posix and relative, likeliest first.

    "." is always among them.
    """
    paths = tuple(walk(repo))
    texts: dict[str, str] = {}
    for path in paths:
        if path.rpartition("/")[2] in PROJECT_FILES and path.count("/") <= 3:
            texts[path] = _read(repo / path)
    return roots_of(paths, texts)


def walk(repo: Path) -> Iterable[str]:
    """Files of the working tree that may matter, without environments, caches and symlinks."""
    count = 0
    for folder, folders, files in os.walk(repo):
        here = Path(folder)
        folders[:] = sorted(
            name
            for name in folders
            if not name.startswith(".")
            and name not in SKIPPED
            and not name.endswith(".egg-info")
            and not (here / name / "pyvenv.cfg").exists()
            and not (here / name).is_symlink()
        )
        relative = here.relative_to(repo).as_posix()
        prefix = "" if relative == "." else f"{relative}/"
        for name in sorted(files):
            if name.endswith(".py") or name in MARKERS:
                yield prefix + name
                count += 1
        if count > _MAX_FILES:
            return


def roots_of(paths: Collection[str], texts: Mapping[str, str]) -> tuple[str, ...]:
    """The import roots, from the files' paths and the texts of the project files among them."""
    folders = _python_folders(paths)
    packages = {folder for folder in folders if f"{folder}/__init__.py" in folders[folder]}
    hinted: list[str] = []
    for path in sorted(texts, key=lambda item: (item.count("/"), item)):
        hinted += [root for root in _hints(path, texts[path]) if root in folders or root == "."]
    found = list(hinted)
    projects = {str(PurePosixPath(path).parent) for path in paths if path.rpartition("/")[2] in MARKERS} | {"."}
    for project in sorted(projects, key=lambda item: (item.count("/"), item)):
        if project in packages and project != ".":
            continue
        for name in SOURCE_FOLDERS:
            folder = name if project == "." else f"{project}/{name}"
            if folder in folders and folder not in packages:
                found.append(folder)
    found += sorted(
        project
        for project in projects
        if project != "." and project in folders and project not in packages and not _is_aside(project)
    )
    rooted = set(found)
    loose: Counter[str] = Counter()
    for package in packages:
        parent = package.rpartition("/")[0] or "."
        if parent in packages or parent == "." or any(_below(parent, root) for root in rooted if root != "."):
            continue
        if not _is_aside(package) and parent.rpartition("/")[2] in SOURCE_FOLDERS:
            loose[parent] += 1
    found += [root for root, _ in loose.most_common()]
    found.append(".")
    flat = any("/" not in package and not is_test_path(f"{package}/x.py") for package in packages)
    unique = list(dict.fromkeys(found))
    if flat and "." not in hinted and not any(root in hinted for root in unique[:1]):
        unique.remove(".")
        unique.insert(0, ".")
    return tuple(unique)


def module_name(path: str, roots: Sequence[str]) -> str:
    """The dotted name under which a file is imported, by the deepest root that holds it.

    `src/shop/__init__.py` is `shop`.
    """
    stem = path.removesuffix(".py")
    inside = [root for root in roots if root == "." or stem.startswith(f"{root}/")]
    root = max(inside, key=lambda item: 0 if item == "." else len(item), default=".")
    tail = stem if root == "." else stem[len(root) + 1 :]
    return tail.removesuffix("/__init__").replace("/", ".")


def is_test_path(path: str) -> bool:
    """Is this file a part of a test suite (tests, their helpers, conftest.py)?"""
    pure = PurePosixPath(path)
    name = pure.name
    if name == "conftest.py" or re.fullmatch(r"tests?\.py|test_.*\.py|.*_tests?\.py", name):
        return True
    return any(part in TEST_FOLDERS for part in pure.parts[:-1]) and pure.suffix == ".py"


def holds_tests(path: str) -> bool:
    """Would pytest collect this file by its name?"""
    return re.fullmatch(r"test_.*\.py|.*_test\.py|tests\.py", PurePosixPath(path).name) is not None


def test_folders(repo: Path) -> tuple[str, ...]:
    """Folders that hold test files, the outermost of each tree, configured ones first."""
    configured = [folder for folder in _configured_tests(repo) if (repo / folder).is_dir()]
    return _test_folders(list(walk(repo)), configured)


def _test_folders(paths: Sequence[str], configured: Sequence[str] = ()) -> tuple[str, ...]:
    counted: Counter[str] = Counter()
    for path in paths:
        if not holds_tests(path):
            continue
        parts = PurePosixPath(path).parts[:-1]
        named = [index for index, part in enumerate(parts) if part in TEST_FOLDERS]
        counted["/".join(parts[: named[0] + 1]) if named else "/".join(parts) or "."] += 1
    ordered = [folder for folder, _ in counted.most_common()]
    return tuple(dict.fromkeys([*configured, *ordered]))


def nearest_test_file(repo: Path, crash_path: str, covering: Sequence[CoveringTest] = ()) -> str | None:
    """The existing test file whose place and style a new test for `crash_path` should take.

    Covering tests decide first, then names and mirrored folders, then what the file imports.
    None when the repo has no test file.
    """
    paths = list(walk(repo))
    tests = [path for path in paths if holds_tests(path)]
    if not tests:
        return None
    votes: Counter[str] = Counter()
    for rank, test in enumerate(covering[:200]):
        path = test.node_id.partition("::")[0]
        if path in tests:
            votes[path] += 100 // (test.depth + 1) // (1 + rank // 20) + 1
    top = max(votes.values(), default=0)
    roots = import_roots(repo)

    def score(path: str) -> tuple[float, int, str]:
        vote = votes[path] / top if top else 0.0
        return (3 * vote + name_score(path, crash_path, roots), -path.count("/"), path)

    best = sorted(tests, key=lambda path: (-score(path)[0], path.count("/"), path))
    if score(best[0])[0] >= 1:
        return best[0]
    return _by_imports(repo, tests, module_name(crash_path, roots)) or best[0]


def name_score(test: str, source: str, roots: Sequence[str]) -> float:
    """How well a test file's name and folder mirror a source file: 0 (not) to 3."""
    stem = re.sub(r"^tests?_|_tests?$", "", PurePosixPath(test).stem).lower()
    parts = [part.lower().strip("_") for part in module_name(source, roots).split(".")]
    score = 0.0
    if stem.strip("_") == parts[-1]:
        score = 2.0
    elif stem in ("_".join(parts[-2:]), "_".join(parts), "_".join(parts[1:])):
        score = 2.2
    elif len(parts[-1]) > 3 and (stem.startswith(f"{parts[-1]}_") or stem.endswith(f"_{parts[-1]}")):
        score = 1.4
    elif len(parts) > 1 and stem in (parts[-2], parts[0]):
        score = 1.0
    elif stem.rstrip("s") == parts[-1].rstrip("s"):
        score = 1.2
    folders = {part.lower() for part in PurePosixPath(test).parts[:-1]}
    shared = len(folders & set(parts[:-1]))
    return score + min(shared, 4) * 0.2 if score or shared > 1 else 0.0


def _by_imports(repo: Path, tests: Sequence[str], module: str) -> str | None:
    """The test file that imports the module, or else its nearest package, most often."""
    parts = module.split(".")
    best: tuple[int, int, str] | None = None
    for path in tests[:2_000]:
        text = _read(repo / path)
        for depth in range(len(parts), 0, -1):
            wanted = re.escape(".".join(parts[:depth]))
            hits = len(re.findall(rf"^\s*(?:from|import)\s+{wanted}\b", text, re.MULTILINE))
            if depth == len(parts) and len(parts) > 1:
                parent = re.escape(".".join(parts[:-1]))
                hits += len(
                    re.findall(rf"^\s*from\s+{parent}\s+import\s.*\b{re.escape(parts[-1])}\b", text, re.MULTILINE)
                )
            if hits:
                if best is None or (depth, hits) > best[:2]:
                    best = (depth, hits, path)
                break
    return best[2] if best else None


def _python_folders(paths: Iterable[str]) -> dict[str, set[str]]:
    folders: dict[str, set[str]] = {}
    for path in paths:
        if not path.endswith(".py"):
            continue
        folder = path.rpartition("/")[0]
        folders.setdefault(folder or ".", set()).add(path)
        while folder:
            folder = folder.rpartition("/")[0]
            folders.setdefault(folder or ".", set())
    return folders


def _is_aside(folder: str) -> bool:
    """Is the folder there for tests, documents, examples or what a build leaves, not for the program?"""
    parts = folder.split("/")
    kept_apart = ASIDE | TEST_FOLDERS | SKIPPED
    return any(part in kept_apart or part.startswith("example") for part in parts)


def _below(folder: str, root: str) -> bool:
    return folder == root or folder.startswith(f"{root}/")


def _hints(path: str, text: str) -> list[str]:
    """Import roots that a project file names, relative to the repo."""
    base = PurePosixPath(path).parent
    if path.endswith("pyproject.toml"):
        named = _pyproject_hints(text)
    elif path.endswith("setup.cfg"):
        named = _setup_cfg_hints(text)
    else:
        named = _setup_py_hints(text)
    roots = []
    for name in named:
        joined = os.path.normpath((base / name.replace("\\", "/")).as_posix()).replace(os.sep, "/")
        if not joined.startswith(("..", "/")):
            roots.append(joined)
    return roots


def _pyproject_hints(text: str) -> list[str]:
    try:
        project = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return []
    tool = _table(project, "tool")
    named: list[str] = []
    setuptools = _table(tool, "setuptools")
    named += _package_dir(setuptools.get("package-dir"))
    packages = setuptools.get("packages")
    if isinstance(packages, Mapping):
        named += _strings(_table(packages, "find").get("where"))
    poetry_packages = _table(tool, "poetry").get("packages")
    for item in poetry_packages if isinstance(poetry_packages, list) else []:
        if isinstance(item, Mapping):
            named += _strings(item.get("from"))
    build = _table(_table(tool, "hatch"), "build")
    wheel = _table(_table(build, "targets"), "wheel")
    for package in [*_strings(wheel.get("packages")), *_strings(build.get("packages"))]:
        named.append(str(PurePosixPath(package).parent))
    named += _strings(wheel.get("sources")) + _strings(build.get("sources"))
    for tool_name, key in (("maturin", "python-source"), ("pdm", "package-dir"), ("scikit-build", "wheel")):
        named += _strings(_table(tool, tool_name).get(key))
    named += _strings(_table(_table(tool, "pdm"), "build").get("package-dir"))
    named += _strings(_table(_table(tool, "uv"), "build-backend").get("module-root"))
    named += _strings(_table(_table(tool, "pytest"), "ini_options").get("pythonpath"))
    return named


def _setup_cfg_hints(text: str) -> list[str]:
    parser = ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(text)
    except (ConfigError, ValueError):
        return []
    named = []
    for line in parser.get("options", "package_dir", fallback="").splitlines():
        key, equals, value = line.partition("=")
        if equals and not key.strip():
            named.append(value.strip())
    named += parser.get("options.packages.find", "where", fallback="").split()
    named += parser.get("tool:pytest", "pythonpath", fallback="").split()
    return named


def _setup_py_hints(text: str) -> list[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return re.findall(r"""package_dir\s*=\s*\{\s*['"]{2}\s*:\s*['"]([^'"]+)['"]""", text)
    named = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        function = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        for keyword in node.keywords:
            try:
                value = ast.literal_eval(keyword.value)
            except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
                continue
            if keyword.arg == "package_dir":
                named += _package_dir(value)
            elif keyword.arg == "where" and function.startswith("find_"):
                named += _strings(value)
        if function in ("find_packages", "find_namespace_packages") and node.args:
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                named.append(first.value)
    return named


def _package_dir(value: object) -> list[str]:
    """`{"": "src"}` names a root, and so does `{"shop": "python/shop"}`."""
    if not isinstance(value, Mapping):
        return _strings(value)
    named = []
    for package, folder in value.items():
        if not isinstance(folder, str) or not isinstance(package, str):
            continue
        tail = package.replace(".", "/")
        if not package:
            named.append(folder)
        elif PurePosixPath(folder).as_posix().endswith(tail):
            named.append(PurePosixPath(folder).as_posix().removesuffix(tail) or ".")
    return named


def _table(value: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = value.get(key)
    return found if isinstance(found, Mapping) else {}


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list | tuple) else []


def _configured_tests(repo: Path) -> list[str]:
    try:
        project = tomllib.loads(_read(repo / "pyproject.toml"))
    except (tomllib.TOMLDecodeError, RecursionError):
        project = {}
    options = _table(_table(_table(project, "tool"), "pytest"), "ini_options")
    value = options.get("testpaths")
    named = value.split() if isinstance(value, str) else _strings(value)
    for file, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = ConfigParser(interpolation=None, strict=False)
        try:
            parser.read_string(_read(repo / file))
        except (ConfigError, ValueError):
            continue
        named += parser.get(section, "testpaths", fallback="").split()
    return [name.rstrip("/") for name in named if not name.startswith(("/", ".."))]


def _read(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(_CONFIG_LIMIT).decode("utf-8", "replace")
    except OSError:
        return ""
