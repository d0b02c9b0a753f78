"""Refuses candidates that would do harm by themselves: the test is run by people too, where there is no sandbox.

An event may carry source lines and values that are code. What of them may be named is asked when they are bound
(`safe`); this looks at the whole that came out, whatever way it came together: programs started, code made of text,
attributes read by a computed name, files written outside the test's own folder. Tests that replace a function
(`monkeypatch.setattr`, `mock.patch`) may name it.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from triage.drafting.replay.stack.safe import SAFE_OS, UNSAFE_ATTRIBUTES

Home = Callable[[str], str]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CODE = _words("exec eval __import__ breakpoint globals vars")
# Modules whose functions start programs, load code or reach memory; their errors and marks are harmless.
HARMFUL = _words(
    """
    os posix nt subprocess shutil pty ctypes multiprocessing runpy code codeop importlib imp pickle _pickle
    marshal shelve dbm signal socketserver webbrowser ensurepip venv site
    """
)
HARMLESS_PARTS = {
    "os": SAFE_OS | _words("environb getpid name curdir pardir path_separator error stat_result strerror"),
    "subprocess": _words("PIPE DEVNULL STDOUT CompletedProcess list2cmdline"),
    "shutil": _words("which get_terminal_size"),
    "pickle": _words("dumps HIGHEST_PROTOCOL DEFAULT_PROTOCOL"),
    "marshal": _words("dumps"),
    "importlib": _words("metadata resources util machinery abc import_module reload invalidate_caches"),
}
SIGNALS = re.compile(r"SIG[A-Z0-9]+|Signals|Handlers")
READERS = _words("getattr attrgetter methodcaller")
REPLACING = _words("setattr delattr setitem patch object dict multiple")
# Calls that may write to the place they are given, and where in their arguments the mode stands (None: always write).
WRITERS: Mapping[str, int | None] = {
    "open": 1, "io.open": 1, "_io.open": 1, "codecs.open": 1, "gzip.open": 1, "gzip.GzipFile": 1, "bz2.open": 1,
    "bz2.BZ2File": 1, "lzma.open": 1, "lzma.LZMAFile": 1, "zipfile.ZipFile": 1, "tarfile.open": 1, "io.FileIO": 1,
    "_io.FileIO": 1, "logging.FileHandler": None, "sqlite3.connect": None, "tempfile.NamedTemporaryFile": None,
    "tempfile.mkstemp": None, "tempfile.mkdtemp": None, "tempfile.TemporaryFile": None,
    "tempfile.TemporaryDirectory": None, "tempfile.SpooledTemporaryFile": None, "argparse.FileType": 0,
}  # fmt: skip
WRITING_METHODS = _words(
    """
    write save dump open touch mkdir write_text write_bytes extract extractall to_csv to_json to_excel to_pickle
    tofile savefig export symlink_to hardlink_to rename replace chmod basicConfig
    """
)
OUTSIDE = re.compile(r"/|~|[A-Za-z]:[\\/]|.*(?:^|[\\/])\.\.(?:[\\/]|$)", re.DOTALL)


def harm(imports: Iterable[str], body: Sequence[ast.stmt], packages: Sequence[str], home: Home) -> str:
    """What of a candidate would do harm, in words; "" when nothing is seen.

    `home` names the module that a path through the repo's own modules really leads to.
    """
    names = _imported(imports, body)
    for statement in body:
        for reason in _Look(names, packages, home).found(statement):
            return reason
    return ""


def _imported(imports: Iterable[str], body: Sequence[ast.stmt]) -> dict[str, str]:
    """What imported names stand for: `{"run": "subprocess.run", "np": "numpy"}`."""
    names: dict[str, str] = {}
    nodes = [*ast.parse("\n".join(imports)).body, *(node for item in body for node in ast.walk(item))]
    for node in nodes:
        if isinstance(node, ast.Import):
            for item in node.names:
                top = item.name.partition(".")[0]
                names[item.asname or top] = item.name if item.asname else top
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                names[item.asname or item.name] = f"{node.module}.{item.name}"
    return names


class _Look:
    """Looks through one statement."""

    def __init__(self, names: Mapping[str, str], packages: Sequence[str], home: Home) -> None:
        self.names, self.packages, self.home = names, packages, home

    def found(self, node: ast.AST) -> Iterator[str]:
        if isinstance(node, ast.Call):
            yield from self._call(node)
            if self._replaces(node):
                for item in [*node.args[1:], *(keyword.value for keyword in node.keywords)]:
                    yield from self.found(item)
                return
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in CODE | READERS:
            yield f"{node.id} is not handed on for values of an event"
        elif isinstance(node, ast.Name | ast.Attribute) and (dotted := self.dotted(node)):
            if reason := self._reference(dotted):
                yield reason
            return
        if isinstance(node, ast.Import | ast.ImportFrom):
            return
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.Call) and child is node.func and self._is_reader(child)):
                yield from self.found(child)

    def _is_reader(self, node: ast.AST) -> bool:
        return isinstance(node, ast.Name) and node.id in READERS and node.id not in self.names

    def dotted(self, node: ast.expr) -> str:
        """The dotted name with imports resolved; "" for what starts with no imported or builtin name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name) or (parts and node.id not in self.names):
            return ""
        return ".".join([self.names.get(node.id, node.id), *reversed(parts)])

    def _reference(self, dotted: str) -> str:
        if dotted in ("sys.modules", "types.FunctionType", "types.CodeType"):
            return f"{dotted} is not used for values of an event"
        for path in (dotted, self._behind(dotted)):
            module, _, rest = path.partition(".")
            if module in HARMFUL and rest and not _is_harmless(module, rest.split(".")[0]):
                return f"{dotted} is not called for values of an event"
        return ""

    def _behind(self, dotted: str) -> str:
        """The path as the module has it that it really leads to: `shop.os.system` is `os.system`."""
        parts = dotted.split(".")
        if len(parts) > 1 and (parts[0] in self.packages or HARMFUL.intersection(parts[1:-1])):
            home = self.home(dotted)
            return f"{home}.{parts[-1]}" if home else dotted
        return dotted

    def _replaces(self, node: ast.Call) -> bool:
        """Whether the call puts something in the place of what it names."""
        called = ast.unparse(node.func)
        return called.split(".")[-1] in REPLACING and any(word in called for word in ("monkeypatch", "patch"))

    def _call(self, node: ast.Call) -> Iterator[str]:
        called = self.dotted(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        if called.rpartition(".")[2] in READERS:
            for name in _names_read(called, node):
                if name is None or name.split(".")[-1] in UNSAFE_ATTRIBUTES or "__" in name:
                    yield f"{called} reads {name or 'a computed name'}, which is not done for values of an event"
        if called in WRITERS:
            asks = called.endswith("FileType")  # where it writes is said by what calls the thing that it makes
            if self._writes(node, WRITERS[called]) and (asks or any(map(_is_outside, _texts(node)))):
                yield f"{called} would write outside the test's own folder"
        elif method in WRITING_METHODS and self._is_foreign(node) and any(map(_is_outside, _texts(node))):
            yield f"{method} would write outside the test's own folder"

    def _is_foreign(self, node: ast.Call) -> bool:
        """Whether the method is of something made by code that is not the repo's."""
        roots = [item.id for item in ast.walk(node.func) if isinstance(item, ast.Name) and item.id in self.names]
        return bool(roots) and all(self.names[root].split(".")[0] not in self.packages for root in roots)

    def _writes(self, node: ast.Call, at: int | None) -> bool:
        modes = [item.value for item in node.keywords if item.arg == "mode"]
        if at is None:
            return True
        modes += node.args[at : at + 1]
        return any(not isinstance(mode, ast.Constant) or bool(set(str(mode.value)) & set("wax+")) for mode in modes)


def _is_harmless(module: str, part: str) -> bool:
    if part in HARMLESS_PARTS.get("os" if module == "posix" else module, ()) or part.startswith(("O_", "E")):
        return True
    if module == "signal":
        return bool(SIGNALS.fullmatch(part))
    return part.endswith(("Error", "Expired", "Exception")) or part in ("path", "sep")


def _names_read(called: str, node: ast.Call) -> Iterator[str | None]:
    """The attribute names that getattr and its like are given; None for one that is not written out."""
    given = node.args[1:2] if called.rpartition(".")[2] == "getattr" else node.args
    if called.endswith("methodcaller"):
        given = given[:1]
    for item in given:
        folded = _folded(item)
        known = isinstance(folded, str)
        yield folded if known else None


def _folded(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        left, right = _folded(node.left), _folded(node.right)
        return left + right if left is not None and right is not None else None
    return None


def _texts(node: ast.AST) -> list[str]:
    return [item.value for item in ast.walk(node) if isinstance(item, ast.Constant) and isinstance(item.value, str)]


def _is_outside(text: str) -> bool:
    return len(text) < 4096 and OUTSIDE.match(text) is not None


def home_of(described: Mapping[str, object]) -> str:
    """The module that made what `describe` found; "" for a module itself."""
    return "" if described.get("kind") == "module" else str(described.get("module") or "").lstrip("_")
