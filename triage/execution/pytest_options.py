"""Works out pytest's arguments for one test: the repo's own options without those that do harm.

Plugins are not loaded by themselves (that costs more than the test); those that the repo's
configuration or the draft asks for are named.
"""

import configparser
import os
import re
import shlex
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

_MAX_BYTES = 1_000_000
_MOST_SOURCE = 400_000
# (pattern in the test, its conftests or the settings, plugin module)
_WANTED = (
    (r"mark\.asyncio|pytest_asyncio|^asyncio_mode|\bevent_loop\b|--asyncio-mode", "pytest_asyncio.plugin"),
    (r"mark\.anyio|anyio_backend|^anyio_mode", "anyio.pytest_plugin"),
    (r"mark\.trio|^trio_mode|\bnursery\b.*def test", "pytest_trio.plugin"),
    (r"\bmocker\b", "pytest_mock"),
    (r"DJANGO_SETTINGS_MODULE|mark\.django_db|^--ds=|\bdjango_", "pytest_django.plugin"),
    (r"\baiohttp_client\b|\baiohttp_server\b", "pytest_aiohttp.plugin"),
    (r"\bhttpx_mock\b", "pytest_httpx"),
    (r"\brequests_mock\b", "requests_mock.contrib._pytest_plugin"),
    (r"\brespx_mock\b", "respx.plugin"),
    (r"\bsubtests\b", "pytest_subtests.plugin"),
    (r"\bhttpserver\b", "pytest_httpserver.pytest_plugin"),
    (r"\bfreezer\b", "pytest_freezer"),
    (r"\blazy_fixture\b", "pytest_lazyfixture"),
)
# Options dropped, with how many words each takes when its value stands apart.
_DROPPED_PREFIXES = (
    "--cov", "--no-cov", "--dist", "--tx", "--maxprocesses", "--max-worker-restart", "--numprocesses", "--reruns",
    "--only-rerun", "--benchmark", "--html", "--self-contained-html", "--junit", "--report-log", "--durations",
    "--randomly", "--random-order", "--timeout", "--maxfail", "--exitfirst", "--stepwise", "--last-failed", "--lf",
    "--failed-first", "--ff", "--new-first", "--nf", "--cache", "--tb", "--verbose", "--quiet", "--color", "--capture",
    "--show-capture", "--showlocals", "--no-header", "--no-summary", "--doctest", "--mypy", "--ruff", "--flake8",
    "--black", "--isort", "--pylint", "--codeblocks", "--xdoctest", "--strict", "--force-sugar", "--instafail",
    "--basetemp", "--rootdir", "--ignore", "--deselect", "--co", "--collect-only", "--looponfail", "--testmon",
    "--snapshot", "--alluredir", "--nbval", "--pdb", "--memray", "--profile", "--hypothesis-", "--code-highlight",
    "--disable-socket", "--allow-hosts", "--allow-unix-socket", "--force-enable-socket", "--forked",
)  # fmt: skip
_DROPPED_SHORT = ("-n", "-x", "-v", "-q", "-s", "-r", "-l", "-k", "-m", "-d", "-f")
_TAKES_VALUE = frozenset(
    {
        "-n", "-k", "-m", "-r", "--dist", "--tx", "--maxprocesses", "--numprocesses", "--reruns", "--maxfail",
        "--durations", "--tb", "--color", "--capture", "--ignore", "--ignore-glob", "--deselect",
        "--basetemp", "--rootdir", "--timeout", "--timeout-method", "--junitxml", "--junit-xml", "--html",
        "--cov-report", "--cov-config", "--cov-fail-under", "--cov-context", "--report-log", "--alluredir",
        "--doctest-glob", "--max-worker-restart", "--allow-hosts",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What the repo says about pytest: its `addopts` as words, its other settings as text."""

    addopts: tuple[str, ...] = ()
    others: Mapping[str, str] = ()  # type: ignore[assignment]
    file: str = ""


def read_settings(root: Path, test_path: str) -> Settings:
    """The settings pytest would find for `test_path`: nearest file upward, within `root`.

    A file that cannot be read counts as absent; pytest itself will say what is wrong with it.
    """
    folder = (root / test_path).parent
    while True:
        for name in ("pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg"):
            found = _read(folder / name)
            if found is not None:
                addopts = found.pop("addopts", "")
                return Settings(tuple(_words(addopts)), found, str(folder / name))
        if folder == root or root not in folder.parents:
            return Settings(others={})
        folder = folder.parent


def _read(file: Path) -> dict[str, str] | None:
    try:
        if not file.is_file() or file.stat().st_size > _MAX_BYTES:
            return None
        text = file.read_text(encoding="utf-8", errors="replace")
        if file.name == "pyproject.toml":
            pytest_table = tomllib.loads(text).get("tool", {}).get("pytest", {})
            table = pytest_table.get("ini_options") or {k: v for k, v in pytest_table.items() if k != "ini_options"}
            return {str(name): _flat(value) for name, value in table.items()} if table else None
        parser = configparser.ConfigParser(interpolation=None, strict=False)
        parser.read_string(text)
        section = "tool:pytest" if file.name == "setup.cfg" else "pytest"
        if parser.has_section(section):
            return dict(parser.items(section))
        return {} if file.name in ("pytest.ini", ".pytest.ini") else None
    except (OSError, ValueError, configparser.Error, AttributeError, RecursionError):
        return None


def _flat(value: object) -> str:
    if isinstance(value, list):
        return " ".join(shlex.quote(str(item)) for item in value)
    return str(value)


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text, comments=True)
    except ValueError:
        return text.split()


def harmless(addopts: Sequence[str]) -> list[str]:
    """The options that may stay: import mode, plugins by name, settings modules, warnings, the repo's own."""
    kept: list[str] = []
    words = list(addopts)
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if not word.startswith("-"):
            continue
        if word.startswith("--"):
            if name.startswith(_DROPPED_PREFIXES):
                if not value and name in _TAKES_VALUE and words and not words[0].startswith("-"):
                    words.pop(0)
                continue
            kept.append(word)
            if not value and words and not words[0].startswith("-"):
                kept.append(words.pop(0))
            continue
        if word[:2] in ("-p", "-W", "-o", "-c"):
            rest = word[2:] or (words.pop(0) if words and not words[0].startswith("-") else "")
            if rest and not _is_harmful_pair(word[:2], rest):
                kept += [word[:2], rest]
            continue
        if word in _TAKES_VALUE and words and not words[0].startswith("-"):
            words.pop(0)
        elif not word.startswith(_DROPPED_SHORT):
            kept.append(word)
    return kept


def _is_harmful_pair(flag: str, value: str) -> bool:
    if flag == "-p":
        return value.startswith("no:") or any(word in value for word in ("cov", "xdist", "randomly", "sugar", "rerun"))
    if flag == "-o":
        return value.startswith(("addopts", "cache_dir", "required_plugins"))
    return flag == "-c"


def wanted_plugins(root: Path, test_path: str, source: str, settings: Settings) -> list[str]:
    """Modules of the plugins that the draft, the conftests above it or the settings speak of."""
    lines = [f"{name} = {value}" for name, value in settings.others.items()]
    text = "\n".join([source[:_MOST_SOURCE], *lines, *settings.addopts, *_conftests(root, test_path)])
    return [module for pattern, module in _WANTED if re.search(pattern, text, re.MULTILINE)]


def installed(modules: Sequence[str], roots: Sequence[Path]) -> list[str]:
    """Of plugins' modules those that lie in an environment below `roots`; all, where none is found there."""
    packages = [folder for root in roots for folder in root.glob("lib/python3*/site-packages")]
    if not packages:
        return list(modules)
    tops = {module: module.split(".")[0] for module in modules}
    return [
        module
        for module, top in tops.items()
        if any((folder / top).exists() or (folder / f"{top}.py").exists() for folder in packages)
    ]


def has_plugins(roots: Sequence[Path]) -> bool:
    """Whether an environment below `roots` has plugins that pytest would load by itself; True where none is found."""
    packages = [folder for root in roots for folder in root.glob("lib/python3*/site-packages")]
    named = (file for folder in packages for file in folder.glob("*-info/entry_points.txt"))
    return not packages or any("[pytest11]" in file.read_text(encoding="utf-8", errors="replace") for file in named)


def _conftests(root: Path, test_path: str) -> list[str]:
    texts = []
    for folder in PurePosixPath(test_path).parents:
        file = root / folder / "conftest.py"
        if file.is_file() and file.stat().st_size < _MOST_SOURCE:
            texts.append(file.read_text(encoding="utf-8", errors="replace"))
    return texts


def arguments(root: Path, node: str, addopts: Sequence[str], plugins: Sequence[str], bare: bool = False) -> list[str]:
    """pytest's arguments for the one test `node` (absolute file, then `::name`).

    `bare` leaves the repo's settings file and its conftest files out.
    """
    without = ["-c", os.devnull, "--noconftest"] if bare else []
    named = [part for module in plugins for part in ("-p", module)]
    fixed = ["-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:rerunfailures", "-p", "no:sugar"]
    # Repos that make errors of warnings mean those of their code, not what a newer pytest says of their settings.
    fixed += ["-W", "ignore::pytest.PytestDeprecationWarning", "-W", "ignore::pytest.PytestConfigWarning"]
    overridden = [
        "-o",
        "addopts=",
        "-o",
        "required_plugins=",
        "-o",
        "console_output_style=classic",
        "-o",
        "xfail_strict=false",
    ]
    return [
        *fixed,
        *without,
        *named,
        *overridden,
        *addopts,
        f"--rootdir={os.fspath(root)}",
        "--tb=short",
        "--color=no",
        node,
    ]
