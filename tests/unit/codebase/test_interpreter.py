"""The repo's Python: found where teams keep it, refused with the fix where it cannot work."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from triage.codebase.interpreter import find_interpreter
from triage.errors import TriageError

OLD = Path("/usr/bin/python2")


def environment_at(folder: Path, *, with_pytest: bool = True) -> Path:
    """A virtual environment without pip; pytest is borrowed from ours."""
    venv.create(folder, with_pip=False, symlinks=True)
    if with_pytest:
        purelib = subprocess.run(
            [folder / "bin/python", "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"],
            capture_output=True,
            text=True,
        ).stdout.strip()
        (Path(purelib) / "borrowed.pth").write_text(
            next(path for path in sys.path if path.endswith("site-packages")) + "\n"
        )
    return folder / "bin/python"


def fake(folder: Path, name: str, says: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{says}\n")
    (folder / name).chmod(0o755)


async def test_the_environment_in_the_repo(tmp_path: Path) -> None:
    python = environment_at(tmp_path / ".venv")
    found = await find_interpreter(tmp_path, environment={"PATH": os.environ["PATH"], "VIRTUAL_ENV": "/somewhere"})
    assert found.path == python
    assert found.version == sys.version_info[:3]
    assert found.pytest_version
    assert found.prefix == tmp_path / ".venv"
    assert found.base_prefix == Path(sys.base_prefix)
    assert found.purelib.is_relative_to(tmp_path / ".venv")
    assert found.how == ".venv in the repo"
    assert tmp_path / ".venv" in found.roots


@pytest.mark.parametrize("setting", ["elsewhere", "elsewhere/bin/python", "absolute"])
async def test_the_setting_beats_everything(tmp_path: Path, setting: str) -> None:
    environment_at(tmp_path / ".venv")
    python = environment_at(tmp_path / "elsewhere")
    found = await find_interpreter(tmp_path, str(python) if setting == "absolute" else setting)
    assert found.path == python


async def test_the_active_environment(tmp_path: Path) -> None:
    python = environment_at(tmp_path / "active")
    (tmp_path / "repo").mkdir()
    found = await find_interpreter(
        tmp_path / "repo", environment={"PATH": "/usr/bin:/bin", "VIRTUAL_ENV": str(tmp_path / "active")}
    )
    assert (found.path, found.how) == (python, "VIRTUAL_ENV")


@pytest.mark.parametrize(
    ("tool", "files"), [("poetry", {"pyproject.toml": "[tool.poetry]\nname = 'x'\n"}), ("pipenv", {"Pipfile": ""})]
)
async def test_environments_that_tools_keep_elsewhere(tmp_path: Path, tool: str, files: dict[str, str]) -> None:
    python = environment_at(tmp_path / "kept")
    fake(tmp_path / "bin", tool, f"echo Noise >&2; echo {tmp_path / 'kept'}")
    repo = tmp_path / "repo"
    repo.mkdir()
    for name, text in files.items():
        (repo / name).write_text(text)
    found = await find_interpreter(repo, environment={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"})
    assert (found.path, found.how) == (python, tool)


async def test_uv_and_conda(tmp_path: Path) -> None:
    python = environment_at(tmp_path / "kept")
    fake(tmp_path / "bin", "uv", f'[ "$1 $2" = "python find" ] && echo {python}')
    repo = tmp_path / "repo"
    repo.mkdir()
    (repo / "uv.lock").write_text("")
    found = await find_interpreter(repo, environment={"PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"})
    assert (found.path, found.how) == (python, "uv")
    (repo / "uv.lock").unlink()
    found = await find_interpreter(repo, environment={"PATH": "/usr/bin:/bin", "CONDA_PREFIX": str(tmp_path / "kept")})
    assert found.how == "the active conda environment"


async def test_a_pinned_pyenv_version(tmp_path: Path) -> None:
    python = environment_at(tmp_path / "pyenv/versions/3.11.9")
    (tmp_path / ".python-version").write_text("3.11\n")
    found = await find_interpreter(
        tmp_path, environment={"PATH": "/usr/bin:/bin", "PYENV_ROOT": str(tmp_path / "pyenv")}
    )
    assert (found.path, found.how) == (python, ".python-version (pyenv)")


async def test_a_broken_environment_says_how_to_mend_it(tmp_path: Path) -> None:
    python = environment_at(tmp_path / ".venv")
    python.unlink()
    python.symlink_to(tmp_path / "gone")
    with pytest.raises(TriageError, match="broken") as caught:
        await find_interpreter(tmp_path)
    assert "--clear" in caught.value.hint


async def test_without_pytest_the_fix_is_named(tmp_path: Path) -> None:
    python = environment_at(tmp_path / ".venv", with_pytest=False)
    with pytest.raises(TriageError, match="pytest is not installed") as caught:
        await find_interpreter(tmp_path)
    assert str(python) in caught.value.hint
    assert (await find_interpreter(tmp_path, need_pytest=False)).pytest_version is None


@pytest.mark.parametrize(
    ("says", "title"),
    [
        ("echo broken >&2; exit 3", "does not start"),
        ("echo hello", "does not start"),
        ('echo \'{"version": [3, 7, 4], "prefix": "/x", "base_prefix": "/x", "sys_path": []}\'', "too old"),
    ],
)
async def test_a_python_that_is_none(tmp_path: Path, says: str, title: str) -> None:
    fake(tmp_path, "python", says)
    with pytest.raises(TriageError, match=title):
        await find_interpreter(tmp_path, "./python")


async def test_a_setting_that_names_nothing(tmp_path: Path) -> None:
    with pytest.raises(TriageError, match="no Python there"):
        await find_interpreter(tmp_path, "/nowhere/python")
