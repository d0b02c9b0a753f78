"""What one candidate had to import of libraries, the server has for the next; the repo's own modules it has not."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from triage.drafting.replay.searching.server import Outcome, ReplayServer, outcome_of

SOURCE = """
def test_candidate():
    import sys
    had = [name for name in ({names}) if name in sys.modules]
    import lazily
    lazily.late()
    return had
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ReplayServer]:
    (tmp_path / "lazily.py").write_text(
        "def late():\n    import xmlrpc.client\n    import own_part\n"
        "    try:\n        import not_there\n    except ImportError:\n        pass\n"
    )
    (tmp_path / "own_part.py").write_text("")

    def bare(argv: Sequence[str], at: Path) -> tuple[list[str], Mapping[str, str]]:
        return list(argv), {"PATH": "/usr/bin:/bin"}

    running = ReplayServer(Path(sys.executable), tmp_path, (".",), bare)
    yield running
    running.close()


def run(server: ReplayServer, *names: str) -> Outcome:
    source = SOURCE.format(names=", ".join(map(repr, names)) + ",")
    return outcome_of(server.submit(source, "test_candidate", 20.0).result(30))


def test_a_library_is_imported_once_for_all_candidates(server: ReplayServer) -> None:
    assert run(server, "xmlrpc.client").value["repr"] == "[]"
    assert run(server, "xmlrpc.client").value["repr"] == "['xmlrpc.client']"


def test_the_repos_own_modules_are_imported_anew_each_time(server: ReplayServer) -> None:
    run(server)
    assert run(server, "lazily", "own_part").value["repr"] == "[]"


def test_it_says_which_files_are_imported_and_what_a_test_will_need(server: ReplayServer) -> None:
    before = server.files().result(30)
    after = server.files(["xmlrpc"]).result(30)
    assert before["tag"] == sys.implementation.cache_tag
    assert not any(file.endswith("xmlrpc/client.py") for file in before["files"])
    assert any(file.endswith("xmlrpc/client.py") for file in after["files"])
    assert run(server, "xmlrpc.client").value["repr"] == "[]"
