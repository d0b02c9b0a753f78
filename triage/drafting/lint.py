"""Reads a drafted test without running it: does it test anything, and does it do what no test may?

A filter, not a boundary: what it overlooks the sandbox still holds.
"""

import ast
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from triage.domain.tamper import tampering

MAX_SOURCE = 400_000


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """What is wrong on which line (1-based). `refuses`: must not be run or kept as it is."""

    line: int
    message: str
    refuses: bool = False


def lint(source: str) -> list[Finding]:
    """All findings about a test file, by line. Never raises; an empty list says nothing was found."""
    if len(source) > MAX_SOURCE:
        return [Finding(1, f"the file has {len(source):,} characters: no test is that long", True)]
    findings = list(_invisible(source))
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
        aliases = _aliases(tree)
        findings += _tests(tree, aliases)
        findings += _dangers(tree, aliases)
        findings += [Finding(1, f"tampers with its judge: it {what}", True) for what in tampering(source)]
    except SyntaxError as error:
        findings.append(Finding(error.lineno or 1, f"does not parse: {error.msg}", True))
    except (ValueError, RecursionError, MemoryError) as error:
        findings.append(Finding(1, f"does not parse: {error or type(error).__name__}", True))
    return sorted(set(findings))


def _invisible(source: str) -> Iterator[Finding]:
    for number, line in enumerate(source.split("\n"), 1):
        if not line.isascii() or not line.isprintable():
            for char in line:
                hidden = unicodedata.category(char) in ("Cf", "Cc", "Co", "Zl", "Zp") and char not in "\t\f\r"
                if hidden and char != "\ufeff":
                    yield Finding(
                        number, f"invisible character U+{ord(char):04X}: what runs is not what is shown", True
                    )
                    break


# -- does it test anything ----------------------------------------------------------------

_TestFunction = ast.FunctionDef | ast.AsyncFunctionDef


def _test_functions(tree: ast.Module) -> list[_TestFunction]:
    found: list[_TestFunction] = []
    for node in tree.body:
        members = node.body if isinstance(node, ast.ClassDef) and node.name.startswith("Test") else [node]
        if isinstance(node, ast.ClassDef) and any("TestCase" in ast.unparse(base) for base in node.bases):
            members = node.body
        found += [
            item
            for item in members
            if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("test")
        ]
    return found


def _tests(tree: ast.Module, aliases: dict[str, str]) -> Iterator[Finding]:
    tests = _test_functions(tree)
    if not tests:
        yield Finding(1, "no test function: pytest would collect nothing", True)
    for test in tests:
        yield from _test(test, aliases)


def _test(test: _TestFunction, aliases: dict[str, str]) -> Iterator[Finding]:
    body = [node for item in test.body for node in ast.walk(item)]
    calls = [node for node in body if isinstance(node, ast.Call)]
    asserts = [node for node in body if isinstance(node, ast.Assert)]
    raises = [node for node in calls if _called(node, aliases) in ("pytest.raises", "pytest.warns")]
    methods = [node for node in calls if _method(node).startswith("assert")]
    outside = [node for node in calls if node not in raises and node not in methods and not _is_plain(node, aliases)]
    if not outside and not any(isinstance(node, ast.Subscript | ast.BinOp | ast.Attribute) for node in body):
        yield Finding(test.lineno, f"{test.name} calls none of the code under test")
    if not asserts and not raises and not methods and not ast.get_docstring(test):
        yield Finding(test.lineno, f"{test.name} asserts nothing, and no docstring says that returning is the point")
    for claim in asserts:
        if reason := _says_nothing(claim.test):
            yield Finding(claim.lineno, f"the assertion {reason}")
    for call in raises:
        kind = ast.unparse(call.args[0]) if call.args else ""
        if kind.rpartition(".")[2] in ("", "Exception", "BaseException"):
            yield Finding(call.lineno, f"pytest.raises({kind}) accepts any error: it would hide the bug")
    for node in body:
        if isinstance(node, ast.ExceptHandler) and _swallows(node):
            yield Finding(node.lineno, "swallows the error that the test is about")
    for decorator in test.decorator_list:
        if any(word in ast.unparse(decorator) for word in ("mark.skip", "mark.xfail", "unittest.skip")):
            yield Finding(decorator.lineno, "is skipped or expected to fail: it proves nothing")


def _says_nothing(test: ast.expr) -> str | None:
    if isinstance(test, ast.Constant):
        return "is always true" if test.value else None
    if isinstance(test, ast.Tuple) and test.elts:
        return "is always true: it asserts a tuple"
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = ast.dump(test.left), ast.dump(test.comparators[0])
        if left == right and isinstance(test.ops[0], ast.Eq | ast.Is | ast.LtE | ast.GtE):
            return "compares a value with itself"
        if isinstance(test.left, ast.Constant) and isinstance(test.comparators[0], ast.Constant):
            return "compares two constants"
    return None


def _swallows(handler: ast.ExceptHandler) -> bool:
    kind = "" if handler.type is None else ast.unparse(handler.type)
    broad = kind.rpartition(".")[2] in ("", "Exception", "BaseException")
    return broad and not any(
        isinstance(node, ast.Raise | ast.Assert) for item in handler.body for node in ast.walk(item)
    )


_PLAIN = frozenset(
    ("len", "str", "repr", "int", "float", "bool", "list", "dict", "tuple", "set", "sorted", "print", "isinstance",
     "range", "type", "getattr", "setattr", "hasattr", "zip", "enumerate", "min", "max", "sum", "any", "all", "bytes",
     "iter")
)  # fmt: skip


def _is_plain(node: ast.Call, aliases: dict[str, str]) -> bool:
    """Calls that are no call of the code under test."""
    name = _called(node, aliases)
    return name in _PLAIN or name.startswith(("pytest.", "unittest.mock."))


# -- does it do what no test may ----------------------------------------------------------

_CALLS = {
    "os.system": "starts a shell",
    "os.popen": "starts a shell",
    "eval": "evaluates text as code",
    "exec": "executes text as code",
    "compile": "compiles text to code",
    "__import__": "imports by a computed name",
    "time.sleep": "sleeps: wait for a condition, or set the clock",
    "os._exit": "ends the process",
    "os.abort": "ends the process",
    "os.fork": "forks",
    "os.kill": "kills processes",
    "os.killpg": "kills processes",
    "signal.raise_signal": "kills processes",
    "sys.exit": "ends the process",
    "exit": "ends the process",
    "quit": "ends the process",
    "breakpoint": "waits for a debugger",
    "input": "waits for input",
    "pickle.loads": "runs what a pickle holds",
    "pickle.load": "runs what a pickle holds",
    "marshal.loads": "loads code",
    "sys.settrace": "hides from the probe",
    "sys.setprofile": "hides from the probe",
    "pytest.skip": "skips: it proves nothing",
    "pytest.xfail": "expects to fail: it proves nothing",
    "pytest.exit": "ends the run",
    "urllib.request.urlopen": "uses the network",
    "socket.socket": "uses the network",
    "socket.create_connection": "uses the network",
    "smtplib.SMTP": "uses the network",
    "ftplib.FTP": "uses the network",
    "http.client.HTTPConnection": "uses the network",
    "http.client.HTTPSConnection": "uses the network",
    "asyncio.open_connection": "uses the network",
    "asyncio.create_subprocess_exec": "starts a program",
    "asyncio.create_subprocess_shell": "starts a program",
    "shutil.rmtree": "deletes files",
    "pty.spawn": "starts a program",
}
_MODULES = {"subprocess": "starts a program", "ctypes": "calls native code", "multiprocessing": "starts processes"}
_HTTP = ("requests.", "httpx.", "urllib3.", "aiohttp.")
_HTTP_VERBS = frozenset(("get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "urlopen"))
_INNARDS = frozenset(
    ("__code__", "__bases__", "__mro__", "__reduce__", "__reduce_ex__")
)  # fmt: skip
_WRITERS = frozenset(
    ("write_text", "write_bytes", "unlink", "rmdir", "rename", "symlink_to", "hardlink_to", "chmod", "touch")
)
_OS_WRITERS = frozenset(
    ("os.remove", "os.unlink", "os.rename", "os.replace", "os.rmdir", "os.removedirs", "os.symlink", "os.link",
     "os.chmod", "os.truncate", "os.mkfifo", "shutil.move", "shutil.copy", "shutil.copytree", "shutil.copyfile")
)  # fmt: skip
_OWN_PLACES = (
    "tmp_path",
    "tmpdir",
    "TemporaryDirectory",
    "NamedTemporaryFile",
    "mkdtemp",
    "mkstemp",
    "StringIO",
    "BytesIO",
)


def _dangers(tree: ast.Module, aliases: dict[str, str]) -> Iterator[Finding]:
    own_places = _names_of_own_places(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _call(node, aliases, own_places)
        elif isinstance(node, ast.Attribute) and node.attr in _INNARDS:
            yield Finding(node.lineno, f"reaches into the interpreter ({node.attr})", True)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            modules = [item.name for item in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for module in modules:
                if why := _MODULES.get(module.partition(".")[0]):
                    yield Finding(node.lineno, f"imports {module}: {why}", True)


def _call(node: ast.Call, aliases: dict[str, str], own_places: set[str]) -> Iterator[Finding]:
    name = _called(node, aliases)
    method = _method(node)
    if why := _CALLS.get(name):
        yield Finding(node.lineno, f"{name} {why}", not name.startswith("pytest."))
    elif why := _MODULES.get(name.partition(".")[0]):
        yield Finding(node.lineno, f"{name} {why}", True)
    elif name.startswith(("os.exec", "os.spawn", "os.posix_spawn")):
        yield Finding(node.lineno, f"{name} starts a program", True)
    elif name.startswith(_HTTP) and name.rpartition(".")[2] in _HTTP_VERBS:
        yield Finding(node.lineno, f"{name} uses the network", True)
    elif name == "asyncio.sleep" and not (
        node.args and isinstance(node.args[0], ast.Constant) and node.args[0].value == 0
    ):
        yield Finding(node.lineno, "sleeps: wait for a condition, or set the clock")
    elif _writes(node, name) and not _mentions(node, own_places):
        yield Finding(node.lineno, f"{name or method} writes outside tmp_path", True)


def _writes(node: ast.Call, name: str) -> bool:
    return name in _OS_WRITERS or _method(node) in _WRITERS or _opens_for_writing(node, name)


def _opens_for_writing(node: ast.Call, name: str) -> bool:
    if name not in ("open", "io.open", "os.open", "codecs.open") and _method(node) != "open":
        return False
    modes = [item.value for item in node.keywords if item.arg in ("mode", "flags")]
    position = 0 if _method(node) == "open" and name not in ("io.open", "os.open", "codecs.open") else 1
    modes += node.args[position : position + 1]
    for mode in modes:
        if isinstance(mode, ast.Constant) and isinstance(mode.value, str):
            if len(mode.value) <= 4 and set(mode.value) & set("wax+"):
                return True
        elif "O_" in ast.unparse(mode):
            return "O_RDONLY" not in ast.unparse(mode)
    return False


def _names_of_own_places(tree: ast.Module) -> set[str]:
    """tmp_path and its like, and the variables made from them."""
    names = set(_OWN_PLACES)
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and _mentions(node.value, names):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.withitem) and _mentions(node.context_expr, names):
            names.update(item.id for item in ast.walk(node) if isinstance(item, ast.Name) and _is_stored(item))
    return names


def _is_stored(name: ast.Name) -> bool:
    return isinstance(name.ctx, ast.Store)


def _mentions(node: ast.AST, names: set[str]) -> bool:
    return any(
        (isinstance(item, ast.Name) and item.id in names) or (isinstance(item, ast.Attribute) and item.attr in names)
        for item in ast.walk(node)
    )


# -- names --------------------------------------------------------------------------------


def _aliases(tree: ast.Module) -> dict[str, str]:
    """What imported names stand for: {"run": "subprocess.run", "np": "numpy"}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                names[item.asname or item.name.partition(".")[0]] = (
                    item.name if item.asname else item.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for item in node.names:
                names[item.asname or item.name] = f"{node.module}.{item.name}"
    return names


def _called(node: ast.Call, aliases: dict[str, str]) -> str:
    """The dotted name that is called, imports resolved; "" when it is no plain name."""
    parts: list[str] = []
    target: ast.expr = node.func
    while isinstance(target, ast.Attribute):
        parts.append(target.attr)
        target = target.value
    if not isinstance(target, ast.Name):
        return ""
    parts.append(aliases.get(target.id, target.id.removeprefix("builtins.")))
    name = ".".join(reversed(parts))
    return name.removeprefix("builtins.")


def _method(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""
