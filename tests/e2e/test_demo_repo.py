"""The sample service: its repo, its history, its suite."""

import json
import subprocess
from pathlib import Path

import pytest

from triage.demo.history import COMMITS, FIXES, TAGS
from triage.demo.repo import DemoPaths, build, git
from triage.errors import Refused


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> DemoPaths:
    return build(tmp_path_factory.mktemp("demo"))


def run_suite(paths: DemoPaths, folder: Path, *more: str) -> str:
    done = subprocess.run(
        [paths.python, "-m", "pytest", "-q", "-p", "no:cacheprovider", *more],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_history_has_authors_releases_and_fixes(sample: DemoPaths) -> None:
    assert len(git(sample.repo, "log", "--format=%H").split()) == len(COMMITS) >= 15
    assert len(set(git(sample.repo, "log", "--format=%an").splitlines())) >= 3
    tags = git(sample.repo, "tag", "--merged", "HEAD").split()
    assert tags == sorted(TAGS) == ["v1.0.0", "v1.1.0", "v1.2.0", "v1.3.0", "v1.4.0"]
    branches = git(sample.origin, "for-each-ref", "--format=%(refname:short)", "refs/heads").split()
    assert set(branches) == {"main", "staging", *FIXES}
    assert git(sample.repo, "status", "--porcelain") == ""


def test_the_history_is_the_same_each_time(sample: DemoPaths, tmp_path: Path) -> None:
    again = build(tmp_path / "again")
    everything = ("for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/tags")
    assert git(again.origin, *everything) == git(sample.origin, *everything)


def test_the_suite_passes_and_covers_the_code(sample: DemoPaths, tmp_path: Path) -> None:
    data, answer = tmp_path / "coverage", tmp_path / "coverage.json"
    command = [str(sample.python), "-m", "coverage", "run", f"--data-file={data}", "--source=src", "-m", "pytest", "-q"]
    ran = subprocess.run(command, cwd=sample.repo, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert int(ran.stdout.split(" passed")[0].split()[-1]) >= 30
    report = [str(sample.python), "-m", "coverage", "json", f"--data-file={data}", "-o", str(answer)]
    subprocess.run(report, cwd=sample.repo, check=True, capture_output=True)
    assert json.loads(answer.read_text())["totals"]["percent_covered"] > 85


@pytest.mark.parametrize("ref", ["v1.2.0", "v1.4.0", "origin/staging", *(f"origin/{name}" for name in FIXES)])
def test_the_suite_passes_at_releases_and_with_the_fixes(sample: DemoPaths, tmp_path: Path, ref: str) -> None:
    git(sample.repo, "worktree", "add", "--detach", "-q", str(tmp_path / "tree"), ref)
    assert "passed" in run_suite(sample, tmp_path / "tree")


def test_deployed_releases_are_what_was_tagged(sample: DemoPaths) -> None:
    for tag, folder in sample.deployed.items():
        for path in git(sample.repo, "ls-tree", "-r", "--name-only", tag).split():
            assert (folder / path).read_text(encoding="utf-8") == git(sample.repo, "show", f"{tag}:{path}")


def test_the_sample_sees_its_own_packages_only(sample: DemoPaths) -> None:
    probe = "import importlib.util as u; print([n for n in ('textual', 'sqlmodel', 'anthropic') if u.find_spec(n)])"
    done = subprocess.run([sample.python, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_folder_with_something_else_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(Refused, match="not empty"):
        build(tmp_path)
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_an_earlier_demo_is_made_afresh(tmp_path: Path) -> None:
    first = build(tmp_path / "demo")
    (first.repo / "scribble.py").write_text("x = 1\n")
    again = build(tmp_path / "demo")
    assert not (again.repo / "scribble.py").exists()
