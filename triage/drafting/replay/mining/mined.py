"""Finds how the repo's own tests, docs and examples build objects, to build them the same way."""

import ast
import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TypeVar, cast

from triage.drafting.replay.mining.documents import DOCUMENTS, programs
from triage.drafting.replay.stack.scene import MINED, Kind, Scene, StackFrame, module_name
from triage.drafting.replay.stack.views import FunctionNode, SourceFile, view_of

T = TypeVar("T")
MAX_FILES = 3000
MAX_DOCUMENTS = 400
ENOUGH_CALLS = 24
MOST_PARSED = 20
MAX_BYTES = 400_000
PYTEST_FILES = ("pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini")
SKIPPED = {".git", "node_modules", "build", "dist", ".tox", ".venv", "venv", "__pycache__"}


class Mined:
    """Lazy searches over the worktree's Python files and documents."""

    def __init__(self, root: Path, import_roots: tuple[str, ...] = (".",)) -> None:
        self.root = root
        self.import_roots = import_roots
        self._calls: dict[str, list[tuple[StackFrame, ast.expr]]] = {}
        self._near: list[tuple[StackFrame, ast.expr]] | None = None
        self._examples: dict[Path, list[SourceFile]] = {}
        self._text: dict[Path, str] = {}
        self._trees: dict[Path, SourceFile | None] = {}
        self._memory: dict[str, object] = {}

    def remembered(self, key: str, make: Callable[[], T]) -> T:
        """What `make` gave the first time; for answers that hold for the whole replay."""
        if key not in self._memory:
            self._memory[key] = make()
        return cast(T, self._memory[key])

    def for_another_scene(self) -> "Mined":
        """The same files, as they are read already, without the answers that were about one stack."""
        other = copy.copy(self)
        other._near, other._memory = None, {}
        return other

    @cached_property
    def files(self) -> list[Path]:
        """Python files, tests and examples first."""
        found = []
        for folder, folders, names in self.root.walk() if hasattr(self.root, "walk") else _walk(self.root):
            folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.endswith(".egg-info"))
            found += [folder / name for name in sorted(names) if name.endswith(".py")]
            if len(found) > MAX_FILES:
                break
        found.sort(key=lambda file: (not self.is_example(file), len(file.parts)))
        return found[:MAX_FILES]

    def is_example(self, file: Path) -> bool:
        """Whether a file of the repo is one of its tests, documents or examples."""
        return _is_example(file.relative_to(self.root))

    def text(self, file: Path) -> str:
        if file not in self._text:
            try:
                small = file.stat().st_size <= MAX_BYTES and not file.is_symlink()
                self._text[file] = file.read_text(encoding="utf-8", errors="replace") if small else ""
            except OSError:
                self._text[file] = ""
        return self._text[file]

    def source(self, file: Path) -> SourceFile | None:
        if file not in self._trees:
            lines = dict(enumerate(self.text(file).split("\n"), 1))
            source = SourceFile(file.relative_to(self.root).as_posix(), lines, True)
            self._trees[file] = source if source.tree is not None else None
        return self._trees[file]

    def near(self, scene: Scene) -> list[tuple[StackFrame, ast.expr]]:
        """Calls of the tests nearest to the crash, found once."""
        from triage.drafting.replay.mining.near_tests import calls_near

        if self._near is None:
            self._near = calls_near(scene, self)
        return self._near

    def calls(self, name: str) -> list[tuple[StackFrame, ast.expr]]:
        """Calls `name(...)` in tests and examples, each with a frame that its names are bound in; short ones first."""
        if name not in self._calls:
            found: dict[str, tuple[StackFrame, ast.expr]] = {}
            parsed = 0
            pattern = re.compile(rf"\b{re.escape(name)}\(")
            for file in self.files:
                if len(found) >= ENOUGH_CALLS or parsed >= MOST_PARSED:
                    break
                if f"{name}(" not in self.text(file) or not pattern.search(self.text(file)):
                    continue
                parsed += 1
                for frame, node in self._calls_in(self.source(file), name):
                    found.setdefault(ast.unparse(node), (frame, node))
            for source in self._programs(name) if len(found) < 12 else ():
                for frame, node in self._calls_in(source, name):
                    found.setdefault(ast.unparse(node), (frame, node))
            self._calls[name] = sorted(
                found.values(), key=lambda item: (_names_in(item[1]), len(ast.unparse(item[1])))
            )[:12]
        return self._calls[name]

    def _programs(self, name: str) -> Iterator[SourceFile]:
        """Examples in docstrings and documents that mention a name."""
        for file in (*self.files, *self.documents):
            text = self.text(file)
            if name in text and (">>>" in text or file.suffix != ".py"):
                if file not in self._examples:
                    self._examples[file] = programs(file.relative_to(self.root).as_posix(), text)
                yield from self._examples[file]

    @cached_property
    def documents(self) -> list[Path]:
        """Documents with examples: the README and what lies under docs."""
        found = [file for file in sorted(self.root.rglob("*")) if file.suffix in DOCUMENTS and file.is_file()]
        return [file for file in found if not SKIPPED & set(file.relative_to(self.root).parts)][:MAX_DOCUMENTS]

    def _calls_in(self, source: SourceFile | None, name: str) -> Iterator[tuple[StackFrame, ast.expr]]:
        for node in source.by_name.get(name, ()) if source is not None else ():
            if source is not None and isinstance(node, ast.Call):
                yield self.frame_at(source, node.lineno), node

    def makers(self, pattern: str) -> list[tuple[str, ast.FunctionDef | None]]:
        """`module:name` of what a call matching `pattern` makes outside of tests: module-level variables,
        or functions (with their definition) that hold such a call."""
        found: list[tuple[str, ast.FunctionDef | None]] = []
        searched = re.compile(pattern)
        for file in self.files:
            if self.is_example(file) or not searched.search(self.text(file)):
                continue
            source = self.source(file)
            if source is None or source.tree is None:
                continue
            module = module_name(source.path, self.import_roots)
            for node in source.tree.body:
                if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                    if isinstance(node.value, ast.Call) and searched.match(ast.unparse(node.value)):
                        found += [(f"{module}:{item.id}", None) for item in targets if isinstance(item, ast.Name)]
                elif isinstance(node, ast.FunctionDef) and searched.search(ast.unparse(node)):
                    found.append((f"{module}:{node.name}", node))
        return found

    def names_settings_for_pytest(self) -> bool:
        """Whether pytest's own settings name Django's."""
        return any("DJANGO_SETTINGS_MODULE" in self.text(self.root / name) for name in PYTEST_FILES)

    @cache  # noqa: B019 (one for each replay, gone with it)
    def django_settings(self) -> str:
        """The settings module that pytest's or tox's settings, manage.py, asgi.py or wsgi.py name."""
        pattern = re.compile(r"DJANGO_SETTINGS_MODULE['\"]?\s*[,=]\s*['\"]?([\w.]+)")
        names = (*PYTEST_FILES, "conftest.py", "tests/conftest.py", "manage.py")
        for file in (
            *(self.root / name for name in names),
            *(item for item in self.files if item.name in ("manage.py", "wsgi.py", "asgi.py")),
        ):
            match = pattern.search(self.text(file))
            if match and self._file_of(match[1]):
                return match[1]
        return ""

    def _file_of(self, module: str) -> Path | None:
        """The file of a module that can be imported from the repo: texts name settings in passing, too."""
        for base in (self.root, *(self.root / item for item in self.import_roots)):
            place = base.joinpath(*module.split("."))
            for file in (place.with_name(f"{place.name}.py"), place / "__init__.py"):
                if file.is_file():
                    return file
        return None

    def django_apps(self, packages: Iterable[str]) -> list[str]:
        """Those of the repo's packages that Django takes for apps: with models, templates or a configuration."""
        places = ((package, self._file_of(package)) for package in packages)
        marks = ("models.py", "apps.py", "templates", "templatetags")
        return [name for name, file in places if file and any((file.parent / mark).exists() for mark in marks)]

    def uses_django(self, modules: Iterable[str]) -> bool:
        """Whether any of these modules of the repo imports Django."""
        files = (self._file_of(module) for module in modules if module)
        return any(re.search(r"^(?:from|import) django\b", self.text(file), re.M) for file in files if file)

    def commands(self) -> list[str]:
        """`module:name` of click commands and groups and typer apps, groups and apps first."""
        found: list[tuple[int, str]] = []
        for file in self.files:
            if self.is_example(file) or not re.search(
                r"@[\w.]+\.(?:group|command)\b|@(?:group|command)\(|Typer\(", self.text(file)
            ):
                continue
            source = self.source(file)
            if source is None or source.tree is None:
                continue
            module = module_name(source.path, self.import_roots)
            for node in source.tree.body:
                if isinstance(node, ast.FunctionDef):
                    marks = {ast.unparse(item).split("(")[0] for item in node.decorator_list}
                    if marks & {"click.group", "group"}:
                        found.append((0, f"{module}:{node.name}"))
                    elif marks & {"click.command", "command"}:
                        found.append((1, f"{module}:{node.name}"))
                elif isinstance(node, ast.Assign) and "Typer(" in ast.unparse(node.value):
                    found += [(0, f"{module}:{item.id}") for item in node.targets if isinstance(item, ast.Name)]
        return [place for _, place in sorted(found)]

    @cache  # noqa: B019 (one for each replay, gone with it)
    def functions(self, module: str, name: str) -> list[tuple[SourceFile, FunctionNode]]:
        """Functions and methods of that name in the file of a module of the repo."""
        found: list[tuple[SourceFile, FunctionNode]] = []
        for file in self.modules.get(module, ()):
            source = self.source(file)
            for node in source.by_name.get(name, ()) if source is not None else ():
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and source:
                    found.append((source, node))
        return found

    def module_text(self, module: str) -> str:
        """The source of a module of the repo, "" when there is none."""
        return "\n".join(self.text(file) for file in self.modules.get(module, ()))

    @cached_property
    def modules(self) -> Mapping[str, list[Path]]:
        """Files by the module they are imported as."""
        found: dict[str, list[Path]] = {}
        for file in self.files:
            found.setdefault(module_name(file.relative_to(self.root).as_posix(), self.import_roots), []).append(file)
        return found

    @cache  # noqa: B019 (one for each replay, gone with it)
    def mentions(self, package: str) -> bool:
        """Whether a Python file or a list of requirements of the repo names the package."""
        word = re.compile(rf"\b{re.escape(package).replace('_', '[-_]')}\b")
        lists = [*self.root.glob("*requirements*.txt"), *self.root.glob("requirements/*.txt")]
        return any(word.search(self.text(file)) for file in (*self.files, *lists, self.root / "pyproject.toml"))

    @cache  # noqa: B019 (one for each replay, gone with it)
    def returned(self, name: str, methods: tuple[str, ...]) -> list[ast.expr]:
        """What these methods of a class of the repo return, where they only return."""
        found: list[ast.expr] = []
        for file in self.files:
            if self.is_example(file) or f"class {name}" not in self.text(file):
                continue
            source = self.source(file)
            for node in ast.walk(source.tree) if source is not None and source.tree is not None else ():
                if isinstance(node, ast.ClassDef) and node.name == name:
                    for item in node.body:
                        last = item.body[-1] if isinstance(item, ast.FunctionDef) and item.name in methods else None
                        if isinstance(last, ast.Return) and last.value is not None:
                            found.append(last.value)
        return found

    def factories(self, path: str) -> list[tuple[str, FunctionNode]]:
        """Functions and class methods of the class's own module that are annotated to return it."""
        module, _, name = path.partition(":")
        short = name.rpartition(".")[2]
        found: list[tuple[str, FunctionNode]] = []
        for file in self.modules.get(module, ()):
            if self.is_example(file):
                continue
            source = self.source(file)
            for node in source.tree.body if source is not None and source.tree is not None else ():
                if isinstance(node, ast.FunctionDef) and _returns(node, short):
                    found.append((f"{module}:{node.name}", node))
                elif isinstance(node, ast.ClassDef) and node.name == short:
                    for item in node.body:
                        if isinstance(item, ast.FunctionDef) and not item.name.startswith("_"):
                            marks = {ast.unparse(mark) for mark in item.decorator_list}
                            if "classmethod" in marks or ("staticmethod" in marks and _returns(item, short)):
                                found.append((f"{module}:{name}.{item.name}", item))
        return found[:6]

    def frame_at(self, source: SourceFile, line: int) -> StackFrame:
        """A frame without values at a line of the repo, so that names can be bound from the source."""
        return StackFrame(
            index=-hash((source.path, line)) % 1_000_000 + 10_000,
            kind=Kind.REPO,
            name=MINED,
            path=source.path,
            line=line,
            source=source,
            view=view_of(source, line, ""),
            variables={},
            module=module_name(source.path, self.import_roots),
        )

    def definitions(self, name: str, import_roots: tuple[str, ...]) -> list[str]:
        """`module:name` of the repo's files that define a class or function of that name."""
        return list(self.remembered(f"defined {name}", lambda: self._definitions(name, import_roots)))

    def _definitions(self, name: str, import_roots: tuple[str, ...]) -> list[str]:
        pattern = re.compile(rf"^(?:class|def|async def) {re.escape(name)}\b", re.MULTILINE)
        found = []
        for file in self.files:
            if not self.is_example(file) and pattern.search(self.text(file)):
                found.append(f"{module_name(file.relative_to(self.root).as_posix(), import_roots)}:{name}")
        return found[:3]


def _returns(node: FunctionNode, name: str) -> bool:
    return node.returns is not None and ast.unparse(node.returns).strip("'\"") == name


def _walk(root: Path) -> Iterator[tuple[Path, list[str], list[str]]]:
    import os

    for folder, folders, names in os.walk(root):
        yield Path(folder), folders, names


def _is_example(file: Path) -> bool:
    return any(
        part in ("tests", "test", "testing", "examples", "example", "docs", "doc", "samples") for part in file.parts
    ) or file.name.startswith("test_")


def _names_in(node: ast.expr) -> int:
    return sum(isinstance(part, ast.Name | ast.Attribute) for part in ast.walk(node))
