"""Fixtures of a repo's conftest: read from its source, made in the target's interpreter, written by name."""

import ast
import asyncio
import sys
from pathlib import Path

import pytest

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.mining import fixtures
from triage.drafting.replay.mining.mined import Mined

sys.path.append(str(Path(fixtures.__file__).resolve().parents[3] / "inside"))
import replay_fixtures
import replay_server

CONFTEST = """
import pytest


class Shop:
    def test_client(self):
        return ["client"]


def sessionmaker():
    return "session"


@pytest.fixture(autouse=True)
def seen(request_log):
    request_log.append("seen")


@pytest.fixture
def request_log():
    return []


@pytest.fixture
def app(tmp_path):
    app = Shop()
    app.folder = tmp_path
    yield app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture(name="db")
async def make_db():
    session = sessionmaker()
    yield session


@pytest.fixture
def filled(db):
    return [db]
"""


@pytest.fixture
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text(CONFTEST)
    monkeypatch.setattr(replay_fixtures, "REPO", {})
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.delitem(sys.modules, "conftest", raising=False)
    return tmp_path


def known(repo: Path) -> dict[str, fixtures.RepoFixture]:
    files = fixtures.conftests(repo, "tests")
    answer = replay_fixtures.operation_conftests({"files": files}, str(repo))
    assert answer["errors"] == {}
    return fixtures.read(Mined(repo), files, answer)


def test_what_fixtures_give_is_read(repo: Path) -> None:
    found = known(repo)
    assert set(found) == {"seen", "request_log", "app", "client", "db", "filled"}
    assert found["app"].made == "Shop()"
    assert found["client"].made == "app.test_client()"
    assert [item.name for item in found.values() if item.waits] == ["db", "filled"]


def test_only_the_conftests_above_the_test_hold(repo: Path) -> None:
    (repo / "conftest.py").write_text("")
    (repo / "other").mkdir()
    (repo / "other" / "conftest.py").write_text("")
    assert fixtures.conftests(repo, "tests") == ["conftest.py", "tests/conftest.py"]
    assert fixtures.conftests(repo, "") == ["conftest.py"]


def test_fixtures_are_made_as_pytest_makes_them(repo: Path) -> None:
    known(repo)

    def test(client: object, app: object, request_log: list[str]) -> tuple[object, list[str]]:
        return client, request_log

    run, arguments = replay_server.prepared(test, replay_fixtures.Fixtures())
    assert run(**arguments) == (["client"], ["seen"])


def test_asynchronous_fixtures_share_the_loop_of_the_test(repo: Path) -> None:
    known(repo)

    async def test(filled: list[str], tmp_path: Path) -> tuple[list[str], str]:
        await asyncio.sleep(0)
        return filled, tmp_path.name[:7]

    run, arguments = replay_server.prepared(test, replay_fixtures.Fixtures())
    assert run(**arguments) == (["session"], "pytest-")


def test_a_synchronous_test_cannot_have_an_asynchronous_fixture(repo: Path) -> None:
    known(repo)

    def test(db: object) -> None: ...

    with pytest.raises(LookupError, match="db is asynchronous"):
        replay_server.prepared(test, replay_fixtures.Fixtures())


def test_a_conftest_that_does_not_import_gives_no_fixtures(repo: Path) -> None:
    (repo / "tests" / "conftest.py").write_text("import there_is_no_such_module\n")
    answer = replay_fixtures.operation_conftests({"files": ["tests/conftest.py"]}, str(repo))
    assert answer["fixtures"] == {}
    assert "there_is_no_such_module" in answer["errors"]["tests/conftest.py"]


def test_a_test_with_asynchronous_fixtures_is_a_coroutine_function() -> None:
    body = ast.parse("await client.get('/')").body
    candidate = Candidate((), tuple(body), "shop.index", "", fixtures=("client",), is_async=True, native="auto")
    assert candidate.function("test_index") == "async def test_index(client):\n    return await client.get('/')"
