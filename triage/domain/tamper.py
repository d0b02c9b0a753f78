"""Reads from a draft's source where it reaches for what judges it; a filter, beside what the probe sees.

The interpreter audits reads of memory, frames and code objects, but not every attribute that leads from
one object to another: those are looked for here. What is spelled so that nobody finds it remains.
"""

import ast
import warnings
from collections.abc import Iterator

INNARDS = frozenset(
    ("__globals__", "__closure__", "cell_contents", "__subclasses__", "__builtins__", "f_back", "f_globals", "f_locals",
     "f_builtins", "tb_frame", "gi_frame", "cr_frame", "ag_frame", "pluginmanager", "get_hookimpls", "get_plugins",
     "co_filename", "_hookrelay", "_pluginmanager")
)  # fmt: skip
WATCHING = frozenset(("gettrace", "getprofile", "get_tool", "get_events"))
# With them an input that harms nobody fails as production did: too deep, out of memory.
LIMITS = frozenset(("setrecursionlimit", "setrlimit", "prlimit", "set_int_max_str_digits"))
_FIXTURE_TYPES = frozenset(
    ("MonkeyPatch", "LogCaptureFixture", "CaptureFixture", "CaptureResult", "TempPathFactory", "TempdirFactory",
     "FixtureRequest", "WarningsRecorder", "SubRequest", "LEGACY_PATH", "Mark")
)  # fmt: skip
_CAPPED = 400_000


def tampering(source: str) -> tuple[str, ...]:
    """What the draft reaches for, in words; empty for a source that does not parse. Never raises."""
    if len(source) > _CAPPED:
        return ()
    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
        return tuple(dict.fromkeys(_found(tree)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def _found(tree: ast.Module) -> Iterator[str]:
    for item in tree.body:
        if isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) and item.name.startswith("pytest_"):
            yield f"defines the hook {item.name}"
        if isinstance(item, ast.Assign) and any(
            isinstance(target, ast.Name) and target.id == "pytest_plugins" for target in item.targets
        ):
            yield "loads pytest plugins"
    raising = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call) and _raises_the_limit(node)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in INNARDS:
            yield f"reaches for {node.attr}"
        elif isinstance(node, ast.Name) and node.id == "__builtins__":
            yield "reaches for __builtins__"
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in INNARDS:
            yield f"names {node.value}"
        elif isinstance(node, ast.Attribute) and node.attr == "hookimpl":
            yield "brings a hook of pytest"
        elif isinstance(node, ast.Attribute) and node.attr in WATCHING:
            yield f"asks whether it is watched ({node.attr})"
        elif isinstance(node, ast.Attribute) and node.attr in LIMITS and id(node) not in raising:
            yield f"changes the interpreter's limits ({node.attr})"
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from _imported(node)
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("getattr", "attrgetter")
            and any(isinstance(item, ast.BinOp | ast.JoinedStr | ast.Call) for item in node.args[1:2])
        ):
            yield "asks for an attribute by a name that it puts together"


def _raises_the_limit(node: ast.Call) -> bool:
    """`sys.setrecursionlimit(5000)`: deeper than the interpreter's own limit; with that nothing fails earlier."""
    given = node.args[0] if node.args else None
    high = isinstance(given, ast.Constant) and isinstance(given.value, int) and given.value >= 1_000
    return high and isinstance(node.func, ast.Attribute) and node.func.attr == "setrecursionlimit"


def _imported(node: ast.Import | ast.ImportFrom) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for item in node.names:
            if item.name.partition(".")[0] in ("_pytest", "pluggy"):
                yield f"reaches into pytest ({item.name})"
    elif (node.module or "").partition(".")[0] in ("_pytest", "pluggy") and any(
        item.name not in _FIXTURE_TYPES for item in node.names
    ):
        yield f"reaches into pytest ({node.module})"
