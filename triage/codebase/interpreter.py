"""Find the Python that runs the repo's tests."""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.errors import TriageError

OLDEST = (3, 8)
_PROBE_SECONDS = 20.0
_TOOL_SECONDS = 15.0

# Runs in any Python, also an old one: it must be able to say that it is too old.
_PROBE = """
import json, os, sys
facts = {"version": list(sys.version_info[:3]), "prefix": sys.prefix, "executable": sys.executable,
         "base_prefix": getattr(sys, "base_prefix", sys.prefix), "sys_path": [p for p in sys.path if p],
         "implementation": getattr(getattr(sys, "implementation", None), "name", "")}
if sys.version_info >= (3, 8):
    import sysconfig
    facts["purelib"] = sysconfig.get_paths()["purelib"]
    from importlib import metadata
    for name in ("pytest", "coverage", "pytest-cov", "pytest-xdist"):
        try:
            facts[name] = metadata.version(name)
        except Exception:
            facts[name] = None
print("\\n" + json.dumps(facts))
"""


@dataclass(frozen=True, slots=True)
class Interpreter:
    """A Python that can run tests. `how` says where it was found, in words.

    `distributions` holds the versions of coverage, pytest-cov and pytest-xdist that it has.
    """

    path: Path
    version: tuple[int, int, int]
    pytest_version: str | None
    how: str
    prefix: Path
    base_prefix: Path
    purelib: Path
    sys_path: tuple[str, ...]
    implementation: str = "cpython"
    distributions: tuple[tuple[str, str], ...] = ()

    @property
    def roots(self) -> tuple[Path, ...]:
        """Folders that running it needs to read: its environment and its standard library.

        Folders of checkouts (editable installs) are left out: a sandbox must not see their `.git`.
        """
        folders = [self.prefix, self.base_prefix, self.purelib, self.path.resolve().parent.parent]
        folders += [Path(entry) for entry in self.sys_path if Path(entry).exists() and not _in_checkout(Path(entry))]
        unique: list[Path] = []
        for folder in folders:
            if not any(folder == known or known in folder.parents for known in unique):
                unique.append(folder)
        return tuple(unique)


@dataclass(frozen=True, slots=True)
class Place:
    """A Python worth asking, and who named it."""

    path: Path
    how: str


async def find_interpreter(
    repo: Path, configured: str = "", *, need_pytest: bool = True, environment: Mapping[str, str] | None = None
) -> Interpreter:
    """The Python for this repo: the first place that exists decides.

    The order: the setting `python`, then `.venv`, `venv` and `env` in the repo, VIRTUAL_ENV, uv,
    poetry, pipenv, conda, `.python-version` (pyenv), and last the active one. A place that exists but cannot
    run tests raises TriageError with the fix, since another Python would fail in odder ways.
    """
    environment = os.environ if environment is None else environment
    async for place in places(repo, configured, environment):
        return await examine(place, need_pytest=need_pytest)
    raise TriageError("no Python was found for this repo", str(repo), 'set `python = "/path/to/python"` in triage.toml')


async def places(repo: Path, configured: str, environment: Mapping[str, str]) -> AsyncIterator[Place]:
    """Every Python that may be the repo's, likeliest first."""
    if configured:
        yield Place(_configured(repo, configured), "the setting `python`")
        return
    for name in (".venv", "venv", "env"):
        folder = repo / name
        if (folder / "pyvenv.cfg").exists() or (name == ".venv" and folder.is_dir()):
            yield Place(_python_of(folder), f"{name} in the repo")
    active = environment.get("VIRTUAL_ENV")
    own = Path(sys.prefix)
    if active and Path(active) != own and _is_folder(active):
        yield Place(_python_of(Path(active)), "VIRTUAL_ENV")
    async for place in _tools(repo, environment):
        yield place
    conda = environment.get("CONDA_PREFIX")
    if conda and _is_folder(conda):
        yield Place(_python_of(Path(conda)), "the active conda environment")
    pinned = _pyenv(repo, environment)
    if pinned is not None:
        yield Place(pinned, ".python-version (pyenv)")
    if active and Path(active) == own:
        yield Place(Path(sys.executable), "VIRTUAL_ENV (triage's own)")
        return
    found = shutil.which("python3", path=environment.get("PATH")) or shutil.which(
        "python", path=environment.get("PATH")
    )
    yield Place(Path(found) if found else Path(sys.executable), "the active Python")


async def _tools(repo: Path, environment: Mapping[str, str]) -> AsyncIterator[Place]:
    """Environments that uv, poetry and pipenv keep elsewhere."""
    project = environment.get("UV_PROJECT_ENVIRONMENT")
    if (repo / "uv.lock").exists() and project and (repo / project).is_dir():
        yield Place(_python_of(repo / project), "uv (UV_PROJECT_ENVIRONMENT)")
    pyproject = _text(repo / "pyproject.toml")
    if "[tool.poetry" in pyproject or (repo / "poetry.lock").exists():
        folder = await _ask(("poetry", "env", "info", "-p"), repo, environment)
        if folder and _is_folder(folder):
            yield Place(_python_of(Path(folder)), "poetry")
    if (repo / "Pipfile").exists():
        folder = await _ask(("pipenv", "--venv"), repo, environment)
        if folder and _is_folder(folder):
            yield Place(_python_of(Path(folder)), "pipenv")
    named = re.search(
        r"^name:\s*([\w.-]+)\s*$", _text(repo / "environment.yml") or _text(repo / "environment.yaml"), re.MULTILINE
    )
    if named:
        for base in _conda_bases(environment):
            if (base / "envs" / named[1]).is_dir():
                yield Place(_python_of(base / "envs" / named[1]), f"conda environment {named[1]}")
    if (repo / "uv.lock").exists():
        found = await _ask(("uv", "python", "find", "--offline"), repo, environment)
        if found and _exists(found):
            yield Place(Path(found), "uv")


async def examine(place: Place, *, need_pytest: bool = True) -> Interpreter:
    """Ask a Python what it is. Raises TriageError, with the fix, when it cannot run tests."""
    path = place.path
    shown = f"{path} ({place.how})"
    if not path.exists():
        broken = path.is_symlink() or path.parent.parent.joinpath("pyvenv.cfg").exists()
        if broken:
            raise TriageError(
                "the virtual environment is broken", f"{shown}: the Python it was made from is gone", _remake(path)
            )
        raise TriageError("no Python there", shown, "correct `python` in triage.toml, or make the environment again")
    code, output, said = await _spawn((str(path), "-I", "-c", _PROBE), Path("/"), os.environ, _PROBE_SECONDS)
    if code is None:
        raise TriageError(
            "the repo's Python does not answer", f"{shown} hung for {_PROBE_SECONDS:g} s", "start it by hand to see why"
        )
    last = output.rstrip().rpartition("\n")[2]
    try:
        facts = json.loads(last) if code == 0 else None
    except ValueError:
        facts = None
    if not isinstance(facts, dict):
        first = next((line for line in reversed(said.splitlines()) if line.strip()), f"exit code {code}")
        if "import json" in first:
            first = "it is no Python"  # the program quotes our script in its complaint
        raise TriageError("the repo's Python does not start", f"{shown}: {first[:200]}", _remake(path))
    version = (int(facts["version"][0]), int(facts["version"][1]), int(facts["version"][2]))
    dotted = ".".join(map(str, version))
    if version[:2] < OLDEST:
        raise TriageError(
            "the repo's Python is too old", f"{shown} is {dotted}", "triage runs tests with Python 3.8 and newer"
        )
    pytest_version = facts.get("pytest")
    if need_pytest and not pytest_version:
        fix = f"uv pip install --python {path} pytest" if shutil.which("uv") else f"{path} -m pip install pytest"
        raise TriageError("pytest is not installed in the repo's Python", shown, fix)
    names = ("coverage", "pytest-cov", "pytest-xdist")
    # A shim (pyenv, asdf, mise) finds its Python through files that a sandbox does not show.
    executable = str(facts.get("executable") or "")
    return Interpreter(
        path=Path(executable) if os.path.isabs(executable) and _exists(executable) else path,
        version=version,
        pytest_version=str(pytest_version) if pytest_version else None,
        how=place.how,
        prefix=Path(facts["prefix"]),
        base_prefix=Path(facts["base_prefix"]),
        purelib=Path(facts["purelib"]),
        sys_path=tuple(str(entry) for entry in facts["sys_path"]),
        implementation=str(facts["implementation"]),
        distributions=tuple((name, str(facts[name])) for name in names if facts.get(name)),
    )


def _configured(repo: Path, configured: str) -> Path:
    """The setting may name a Python, an environment's folder, or a command on PATH."""
    path = Path(configured).expanduser()
    if not path.is_absolute() and len(path.parts) == 1 and not (repo / path).exists():
        found = shutil.which(configured)
        if found:
            return Path(found)
    path = path if path.is_absolute() else repo / path
    return _python_of(path) if path.is_dir() else path


def _python_of(environment: Path) -> Path:
    """An environment's Python, also when it is gone."""
    for name in ("bin/python", "bin/python3", "Scripts/python.exe"):
        if (environment / name).exists() or (environment / name).is_symlink():
            return environment / name
    return environment / "bin/python"


def _remake(path: Path) -> str:
    """What to do about an environment that does not work."""
    folder = path.parent.parent
    if (folder / "pyvenv.cfg").exists():
        tool = "uv venv --clear" if shutil.which("uv") else "python3 -m venv --clear"
        return f"make it again: {tool} {folder}, then install the repo's requirements and pytest"
    return "check the path, or set `python` in triage.toml"


def _pyenv(repo: Path, environment: Mapping[str, str]) -> Path | None:
    """The Python that a `.python-version` file pins, when pyenv has it."""
    wanted = _text(repo / ".python-version").split()
    versions = (
        Path(environment.get("PYENV_ROOT") or Path(environment.get("HOME", "~")).expanduser() / ".pyenv") / "versions"
    )
    if not wanted or not re.fullmatch(r"[\w.+-]+", wanted[0]) or not versions.is_dir():
        return None
    exact = versions / wanted[0] / "bin/python"
    if exact.exists():
        return exact
    near = sorted(
        versions.glob(f"{wanted[0]}.*/bin/python"),
        key=lambda item: [int(part) for part in re.findall(r"\d+", item.parts[-3])],
    )
    return near[-1] if near else None


def _conda_bases(environment: Mapping[str, str]) -> list[Path]:
    home = Path(environment.get("HOME", "~")).expanduser()
    bases = [home / name for name in ("miniconda3", "anaconda3", "miniforge3", "mambaforge", ".conda", "micromamba")]
    executable = environment.get("CONDA_EXE")
    return ([Path(executable).parent.parent] if executable else []) + bases


async def _ask(argv: tuple[str, ...], repo: Path, environment: Mapping[str, str]) -> str:
    """One line a tool prints, "" when the tool is absent or has nothing to say."""
    executable = shutil.which(argv[0], path=environment.get("PATH"))
    if executable is None:
        return ""
    env = {name: value for name, value in environment.items() if name != "VIRTUAL_ENV"}
    code, output, _ = await _spawn((executable, *argv[1:]), repo, env, _TOOL_SECONDS)
    lines = output.strip().splitlines()
    return lines[-1].strip() if code == 0 and lines else ""


async def _spawn(
    argv: tuple[str, ...], cwd: Path, environment: Mapping[str, str], seconds: float
) -> tuple[int | None, str, str]:
    """Exit code (None: too slow), stdout and stderr of a short-lived program."""
    env = {name: value for name, value in environment.items() if not name.startswith("PYTHON")}
    try:
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=env,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return 127, "", error.strerror or str(error)
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate()
    except TimeoutError:
        return None, "", ""
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    return process.returncode, stdout.decode("utf-8", "replace"), stderr.decode("utf-8", "replace")


def _in_checkout(folder: Path) -> bool:
    return any((place / ".git").exists() for place in (folder, *folder.parents))


def _is_folder(path: str) -> bool:
    return Path(path).is_dir()


def _exists(path: str) -> bool:
    return Path(path).exists()


def _text(file: Path) -> str:
    try:
        with file.open("rb") as stream:
            return stream.read(200_000).decode("utf-8", "replace")
    except OSError:
        return ""
