"""The wheel, installed elsewhere: it holds everything that is not a module of the package."""

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(place), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = place.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment with the wheel; its dependencies are borrowed from ours."""
    place = tmp_path_factory.mktemp("elsewhere")
    venv.EnvBuilder(symlinks=True, with_pip=False).create(place)
    python = place / "bin" / "python"
    (site,) = place.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    (site / "_borrowed.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return python


def files_below(folder: Path, pattern: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in folder.rglob(pattern) if "__pycache__" not in path.parts}


def test_the_wheel_holds_every_file_that_the_program_reads(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    wanted = {f"triage/{path}" for path in files_below(ROOT / "styles", "*.tcss")}
    wanted |= files_below(ROOT / "triage" / "store", "*")
    wanted |= files_below(ROOT / "triage" / "inside", "*.py")
    wanted |= files_below(ROOT / "triage" / "demo" / "template", "*.in")
    wanted |= files_below(ROOT / "triage", "*.py")
    wanted = {path for path in wanted if (ROOT / path).is_file() or path.startswith("triage/styles/")}
    assert {path for path in wanted if path.endswith(".tcss")}
    assert {path for path in wanted if "/migrations/versions/" in path}
    assert wanted - held == set()
    assert not {path for path in held if path.startswith(("tests/", "benchmarks/", "docs/"))}


def test_the_installed_command_says_its_version(installed: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [installed, "-m", "triage", "--version"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("triage 0.")


def test_the_installed_package_makes_the_demo(installed: Path, tmp_path: Path) -> None:
    script = (
        "import sys, triage; from pathlib import Path; from triage import paths; from triage.demo.repo import build;"
        "made = build(Path('demo')); assert Path(triage.__file__).is_relative_to(sys.prefix), triage.__file__;"
        "assert list(paths.styles_dir().glob('*.tcss')), paths.styles_dir();"
        "print(made.repo)"
    )
    done = subprocess.run([installed, "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    repo = Path(done.stdout.strip())
    suite = [str(repo / ".venv/bin/python"), "-m", "pytest", "-q"]
    assert subprocess.run(suite, cwd=repo, capture_output=True, check=False).returncode == 0
