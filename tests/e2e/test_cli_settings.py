"""Odd repos, broken environments, wrong settings and wrong words: each is told in one line, with the way out."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.e2e.cli_ground import crash, environment, git, make_repo, saved, triage


def test_a_repo_without_commits_or_none_at_all(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    event = saved(tmp_path, crash())
    for title in ("not a git repository", "the repo has no commits"):
        said = triage("reproduce", "--event", event, "--repo", empty, "--json")
        assert (said.code, said.json["error"]["title"]) == (1, title)
        assert said.json["error"]["hint"]
        checks = {check["name"]: check for check in triage("doctor", "--repo", empty, "--json").json}
        assert checks["repo"]["ok"] is False
        assert checks["repo"]["fix"]
        assert checks["forge token"]["ok"] is None, "told once"
        if title == "not a git repository":
            git(empty, "init", "-q")


@pytest.mark.parametrize("kind", ["detached", "shallow, dirty", "a b 'ü\" $x 日本", "subfolder"])
def test_an_odd_checkout_reproduces_all_the_same(tmp_path: Path, kind: str) -> None:
    origin = make_repo(tmp_path / "origin")
    repo = tmp_path / kind
    if kind == "subfolder":
        (origin / "services").mkdir()
        git(origin, "mv", "shop", "tests", "services/")
        git(origin, "commit", "-q", "-m", "move")
    if kind.startswith("shallow"):
        git(origin, "commit", "-q", "--allow-empty", "-m", "two")
    git(tmp_path, "clone", "-q", *(("--depth", "1") if "shallow" in kind else ()), f"file://{origin}", str(repo))
    if kind == "detached":
        git(repo, "checkout", "-q", "--detach")
    if kind.endswith("dirty"):
        (repo / "shop/price.py").write_text("broken(")
    before = git(repo, "status", "--porcelain")
    out = tmp_path / "out ü"
    said = triage("reproduce", "--event", saved(tmp_path, crash()), "--repo", repo, "--out", out, "--json")
    assert (said.code, said.json["verdict"]) == (0, "REPRODUCED"), said.json
    assert Path(said.json["written"]).is_relative_to(out)
    assert git(repo, "status", "--porcelain") == before


@pytest.mark.parametrize("kind", ["dangling", "dies", "without pytest", "no Python"])
def test_a_broken_environment_names_its_fix(tmp_path: Path, kind: str) -> None:
    repo = make_repo(tmp_path / "repo")
    venv = repo / ".venv"
    (venv / "bin").mkdir(parents=True)
    python = venv / "bin/python"
    home = Path(sys.base_prefix) / "bin"
    (venv / "pyvenv.cfg").write_text(f"home = {home}\ninclude-system-site-packages = false\n")
    if kind == "dangling":
        python.symlink_to("/nonexistent/python")
    elif kind == "without pytest":
        python.symlink_to(Path(sys.base_prefix) / "bin/python3")
    else:
        shutil.copy("/bin/ls", python) if kind == "no Python" else python.write_text("#!/bin/sh\nexit 3\n")
        python.chmod(0o755)
    said = triage("reproduce", "--event", saved(tmp_path, crash()), "--repo", repo, "--json")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert str(venv) in said.json["error"]["hint"]
    assert "import json" not in said.err
    checks = {check["name"]: check for check in triage("doctor", "--repo", repo, "--json").json}
    mend = "pytest" if kind == "without pytest" else "interpreter"
    assert [name for name in ("interpreter", "pytest") if checks[name]["ok"] is False] == [mend]


def test_without_git_what_needs_none_works(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    (tmp_path / "bin").mkdir()
    env = environment(PATH=str(tmp_path / "bin"))
    assert triage("import", saved(tmp_path, crash())).code == 0
    for command in (("ls",), ("show", "1"), ("resolve", "1"), ("undo",)):
        assert triage(*command, "--repo", repo, env=env).code == 0
    for command in (("draft", "1"), ("init",), ("index",)):
        said = triage(*command, "--repo", repo, "--python", sys.executable, env=env)
        assert (said.code, said.last) == (1, "triage: git is not installed: no `git` on PATH - install git")
    checks = {check["name"]: check for check in triage("doctor", "--repo", repo, "--json", env=env).json}
    assert [name for name, check in checks.items() if check["ok"] is False] == ["git"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('pyton = "x"', "did you mean python?"),
        ("[ingest]\nport = 99999", "allowed: from 0 to 65535"),
        ("[run]\ntimeout = nan", "allowed: from 0.1"),
        ("[run]\nmemory = 0", "allowed: from 64"),
        ("[run]\ntimeout = 'x'", "is not a number"),
        ("ingest = 3", "is not a table"),
        ("[[path_map]]\nsource = 'x'", "add stack"),
        ('"\\u001b[2J" = 1', "unknown setting '\\x1b[2J'"),
        ("x = [", "mend or remove the file"),
    ],
)
def test_a_wrong_setting_is_named_and_the_doctor_goes_on(tmp_path: Path, text: str, says: str) -> None:
    (tmp_path / "triage.toml").write_text(text)
    said = triage("ls", "--repo", tmp_path)
    assert said.code == 2
    assert says in said.last
    assert said.err.count("\n") == 1
    if says == "add stack":
        checks = triage("doctor", "--repo", tmp_path, "--json").json
        assert (checks[0]["name"], checks[0]["ok"], len(checks) > 5) == ("settings", False, True)


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["lss"], "did you mean ls?"),
        (["ls", "--limit", "0"], "see triage ls --help"),
        (["ls", "is:nonsense"], "see triage list --help"),
        (["show"], "see triage show --help"),
        (["verify", "9" * 30], "see triage verify --help"),
        (["snooze", "1", "--hours", "nan"], "see triage snooze --help"),
        (["serve", "--port", "99999"], "see triage serve --help"),
        (["reproduce", "--event", "x", "--budget", "-1"], "see triage reproduce --help"),
        (["publish"], "triage show ISSUE lists them"),
        ([], "triage ls lists issues; triage --help lists commands"),
    ],
)
def test_a_wrong_word_is_exit_code_2_and_json_where_asked(words: list[str], hint: str) -> None:
    said = triage(*words, "--json")
    assert (said.code, said.json["error"]["hint"]) == (2, hint)
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [["show", "T-9"], ["verify", "9"], ["publish", "9"], ["publish", "--undo", "9"], ["resolve", "9"], ["undo"]],
)
def test_what_does_not_exist_is_exit_code_1(words: list[str]) -> None:
    said = triage(*words, "--json")
    assert said.code == 1
    assert said.json["error"]["title"]
    assert said.json["error"]["hint"]


def test_tending_can_be_taken_back(tmp_path: Path) -> None:
    triage("import", saved(tmp_path, crash()))
    for words, undone in (
        (["resolve", "1", "T-1"], "undone: resolved: T-1"),
        (["snooze", "1", "--hours", "2"], "undone: snoozed"),
        (["assign", "1", "--to", "\x1b[31mAda\n"], "undone: assigned to Ada: T-1"),
    ):
        assert triage(*words).code == 0
        assert triage("undo", "--json").json["done"].startswith(undone)
    assert triage("assign", "1", "--to", "").code == 2


def test_init_writes_no_password_and_nowhere_else(tmp_path: Path) -> None:
    repo = make_repo(tmp_path / "repo")
    git(repo, "remote", "add", "origin", "https://ada:s3cret@github.com/acme/shop.git")
    file = repo / "triage.toml"
    file.symlink_to(tmp_path / "elsewhere.toml")
    assert triage("init", "--repo", repo, "--force").code == 1
    assert not (tmp_path / "elsewhere.toml").exists()
    file.unlink()
    said = triage("init", "--repo", repo, "--json")
    assert said.code == 0
    assert "s3cret" not in file.read_text() + said.out + said.err
    assert triage("init", "--repo", repo).code == 1, "the second time it says that the file exists"
    assert triage("ls", "--repo", repo).code == 0, "what was written can be read"


@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("bwrap") is None, reason="root can write everywhere")
def test_a_home_that_cannot_be_written(tmp_path: Path) -> None:
    env = environment(TRIAGE_HOME="/dev/null/home")
    event = saved(tmp_path, crash())
    repo = make_repo(tmp_path / "repo")
    for words in (("ls",), ("import", event), ("reproduce", "--event", event, "--repo", repo)):
        said = triage(*words, "--json", env=env)
        assert said.code == 1, said
        assert "--store" in said.json["error"]["hint"] or "TRIAGE_HOME" in said.json["error"]["hint"]
    checks = {check["name"]: check for check in triage("doctor", "--repo", repo, "--json", env=env).json}
    assert checks["data folder"]["ok"] is False
    assert json.dumps(checks["data folder"]["fix"]).count("TRIAGE_HOME")
