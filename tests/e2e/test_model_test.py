"""A test that somebody took as the model decides what the next draft looks like."""

import sys
from pathlib import Path

import pytest

from tests.e2e.cli_ground import crash, environment, git, make_repo, saved, triage
from triage.config import Config
from triage.domain.code_path import CodePath
from triage.services.claude import preview_prompt
from triage.services.drafts import draft_by_replay
from triage.services.situation import model_test_file
from triage.services.steps import Drafted
from triage.services.workspace import Workspace

CLASSY = "class TestOther:\n    def test_one(self):\n        assert 1 == 1\n"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("TRIAGE_HOME", str(tmp_path / "home"))
    repo = make_repo(tmp_path / "repo")
    (repo / "tests/test_other.py").write_text(CLASSY)
    git(repo, "add", ".")
    git(repo, "commit", "-qm", "another test")
    config = Config(repo=repo, python=sys.executable, store=f"sqlite:///{tmp_path / 'triage.db'}")
    options = ("--repo", repo, "--store", config.store)
    assert triage("import", saved(tmp_path, crash()), *options, env=environment()).code == 0
    return Workspace.open(config)


async def test_the_model_is_first_in_the_prompt_and_named(workspace: Workspace) -> None:
    plain = await preview_prompt(workspace, 1, "be brief")
    assert "class TestOther" not in plain.user
    workspace.styles[1] = "tests/test_other.py::TestOther::test_one"
    told = await preview_prompt(workspace, 1, "be brief")
    assert told.user.index("class TestOther") < told.user.index("def test_total")
    assert "in the style of the existing test tests/test_other.py::TestOther::test_one" in told.user
    assert "be brief" in told.user


async def test_replay_writes_a_class_where_the_model_is_one(workspace: Workspace) -> None:
    async def source() -> str:
        result = [item async for item in draft_by_replay(workspace, 1, "") if isinstance(item, Drafted)][-1]
        assert result.draft is not None, result.why
        return result.draft.source

    assert "\nclass " not in await source()
    workspace.styles[1] = "tests/test_other.py::TestOther::test_one"
    assert "class Test" in await source()


async def test_a_model_outside_the_repo_is_none(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "evil.py").write_text("")
    assert await model_test_file(workspace.repo, CodePath(()), (), "../evil.py") is None
    assert await model_test_file(workspace.repo, CodePath(()), (), "tests/test_price.py::x") == "tests/test_price.py"
    options = ("--repo", workspace.repo, "--store", workspace.config.store)
    said = triage("draft", "1", "--like", "tests/nowhere.py", *options)
    assert said.code == 2
    assert "no test tests/nowhere.py" in said.last
