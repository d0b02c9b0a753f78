"""The style of a repo's tests: where they lie, functions or classes, quotes and line length."""

import ast
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path

from triage.execution.pytest_options import read_settings

DEFAULT_LENGTH = 88
_LENGTHS = (
    ("pyproject.toml", r"^\s*line[-_]length\s*=\s*(\d+)"),
    ("ruff.toml", r"^\s*line-length\s*=\s*(\d+)"),
    (".ruff.toml", r"^\s*line-length\s*=\s*(\d+)"),
    ("setup.cfg", r"^\s*max[-_]line[-_]length\s*=\s*(\d+)"),
    ("tox.ini", r"^\s*max[-_]line[-_]length\s*=\s*(\d+)"),
    (".flake8", r"^\s*max[-_]line[-_]length\s*=\s*(\d+)"),
    (".editorconfig", r"^\s*max_line_length\s*=\s*(\d+)"),
)


@dataclass(frozen=True)
class Style:
    """`kind` is function, class or unittest. `folder` is where the new file goes, relative to the root.
    `camel`: tests are named testLikeThis. The prefixes and the pattern ("" for test_*.py) are what the repo
    has pytest collect. `native` marks its asynchronous tests ("auto" for no mark, "" where there are none); `inside`:
    what sets the world up stays in the test."""

    folder: str = "tests"
    kind: str = "function"
    quotes: str = "double"
    length: int = DEFAULT_LENGTH
    suffix_name: bool = False
    typed: bool = False
    camel: bool = False
    function_prefix: str = "test"
    class_prefix: str = "Test"
    file_pattern: str = ""
    native: str = ""
    inside: bool = False


def read_style(root: Path, nearest: str | None, folders: tuple[str, ...] = ()) -> Style:
    """The style of the nearest test file and of the repo's configuration."""
    length = _line_length(root)
    folder = str(Path(nearest).parent.as_posix()) if nearest else (folders[0] if folders else "tests")
    folder = "" if folder == "." else folder
    if nearest is None:
        return _collected(root, Style(folder, length=length))
    try:
        text = (root / nearest).read_text(encoding="utf-8", errors="replace")
        tree = ast.parse(text)
    except (OSError, SyntaxError, ValueError):
        return _collected(root, Style(folder, length=length))
    single, double = len(re.findall(r"'[^'\"\n]*'", text)), len(re.findall(r'"[^\'"\n]*"', text))
    functions = sum(
        isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test") for node in tree.body
    )
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    unittests = sum("TestCase" in ast.unparse(base) for node in classes for base in node.bases)
    plain = sum(node.name.startswith("Test") and not node.bases for node in classes)
    kind = "function"
    if functions == 0 and unittests:
        kind = "unittest"
    elif functions == 0 and plain:
        kind = "class"
    typed = bool(re.search(r"def test\w*\([^)]*\)\s*->\s*None:", text))
    names = re.findall(r"def (test\w+)\(", text)
    camel = bool(names) and sum("_" not in item and item != item.lower() for item in names) > len(names) / 2
    quotes = "single" if single > 2 * double else "double"
    style = Style(folder, kind, quotes, length, Path(nearest).name.endswith("_test.py"), typed, camel)
    style = replace(style, native=_native(root, text))
    return _collected(root, style)


def _native(root: Path, text: str) -> str:
    """How the nearest tests mark coroutine functions that are tests; "" where none of them is one."""
    if not re.search(r"^\s*async def test", text, re.MULTILINE):
        return ""
    settings = ""
    for name in ("pyproject.toml", "pytest.ini", "setup.cfg", "tox.ini"):
        try:
            settings += (root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
    if re.search(r"(asyncio|anyio)_mode\s*=\s*['\"]?auto", settings):
        return "auto"
    return next((mark for mark in ("anyio", "asyncio") if f"pytest.mark.{mark}" in text), "")


def _collected(root: Path, style: Style) -> Style:
    """The style with names that the repo's own pytest settings collect."""
    others = read_settings(root, f"{style.folder}/x.py").others
    settings = {name: text.replace("'", "").split() for name, text in others.items()} if others else {}
    names = [re.sub(r"[*?\[].*", "", item) for item in settings.get("python_functions", ())]
    classes = [re.sub(r"[*?\[].*", "", item) for item in settings.get("python_classes", ())]
    files = settings.get("python_files", [])
    if names and not any("test_x".startswith(item) for item in names):
        style = replace(style, function_prefix=names[0].rstrip("_"), camel=False)
    if classes and not any("TestX".startswith(item) for item in classes):
        style = replace(style, class_prefix=classes[0])
    usual = "x_test.py" if style.suffix_name else "test_x.py"
    if files and not any(fnmatch(usual, item) for item in files):
        pattern = next((item for item in files if item.count("*") == 1 and item.endswith(".py")), "")
        style = replace(style, file_pattern=pattern)
    return style


def _line_length(root: Path) -> int:
    for name, pattern in _LENGTHS:
        try:
            match = re.search(pattern, (root / name).read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
        except OSError:
            continue
        if match and 60 <= int(match[1]) <= 160:
            return int(match[1])
    return DEFAULT_LENGTH


def formatted(source: str, style: Style) -> str:
    """`source` formatted by ruff with the repo's line length and quotes; unchanged when ruff is missing."""
    ruff = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if ruff is None:
        return source
    command = [
        ruff, "format", "--isolated", "--line-length", str(style.length), "--target-version", "py38",
        "--config", f"format.quote-style = '{style.quotes}'", "--stdin-filename", "test_replay.py", "-",
    ]  # fmt: skip
    try:
        done = subprocess.run(command, input=source.encode(), capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return source
    return done.stdout.decode() if done.returncode == 0 and done.stdout else source
