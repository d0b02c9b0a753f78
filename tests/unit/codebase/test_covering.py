"""Covering tests: the index built from a real pytest run, its look-ups, and the static fallback."""

import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from triage.codebase import index_build
from triage.codebase.coverage_index import CoverageIndex, build_index
from triage.codebase.covering import covering_tests
from triage.codebase.index_file import NumberSet, bits_of, index_path, pack, positions, turn_round
from triage.codebase.interpreter import Interpreter, find_interpreter
from triage.codebase.locate import locate_fast
from triage.codebase.static_tests import static_covering
from triage.domain.code_path import CodePath, Coverage
from triage.domain.event import Frame
from triage.errors import BadInput, Refused, TriageError

Make = Callable[..., Any]

ORDERS = """\
import os

from shop.prices import price


class Order:
    def __init__(self, sku):
        self.sku = sku

    def total(self, table):
        if not table:
            return 0
        return price(self.sku, table)


def report(orders):
    return [order.sku for order in orders]
"""
PRICES = "def price(sku, table):\n    found = table[sku]\n    return found\n"
TESTS = """\
import pytest
from shop.orders import Order, report


@pytest.fixture
def order():
    return Order("A1")


def test_empty(order):
    assert order.total({}) == 0


@pytest.mark.parametrize("value", [1, 2])
def test_total(order, value):
    assert order.total({"A1": value}) == value


class TestReport:
    def test_report(self, order):
        assert report([order]) == ["A1"]

    @pytest.mark.skip
    def test_skipped(self):
        pass


def test_that_fails():
    assert Order("B2").total({"A1": 1})
"""
FILES = {
    "src/shop/__init__.py": "",
    "src/shop/orders.py": ORDERS,
    "src/shop/prices.py": PRICES,
    "tests/test_orders.py": TESTS,
}
CRASH = (
    Frame("/app/shop/orders.py", "total", 13, context_line="        return price(self.sku, table)"),
    Frame("/app/shop/prices.py", "price", 2, context_line="    found = table[sku]"),
)


async def build(repo: Path, python: Path, tests: str = "") -> list[str]:
    interpreter = await find_interpreter(repo, str(python))
    return [item.text async for item in build_index(repo, interpreter, tests) if item.text]


async def code_path(repo: Any, make_event: Make) -> CodePath:
    return await locate_fast(repo.path, make_event(*CRASH))


@pytest.mark.parametrize("plugins", [True, False])
async def test_an_index_of_a_real_suite(repo: Any, bare_python: Path, make_event: Make, plugins: bool) -> None:
    python = Path(sys.executable) if plugins else bare_python
    repo.commit({**FILES, "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-x -n auto --cov=shop'\n"})
    said = await build(repo.path, python)
    assert "5 tests indexed" in said[-1]
    assert "1 of them failed" in said[-1]
    assert repo.git("status", "--porcelain", "--ignored") == ""
    path = await code_path(repo, make_event)
    found = await covering_tests(repo.path, path)
    names = [test.node_id.partition("::")[2] for test in found]
    assert names == ["test_that_fails", "test_total[1]", "test_total[2]", "test_empty"]
    assert [test.depth for test in found] == [0, 0, 0, 1]
    assert found[1].lines == (("src/shop/prices.py", 2), ("src/shop/orders.py", 13))
    assert found[3].lines == ()
    assert {test.source for test in found} == {Coverage.CONTEXT}
    assert not any(test.stale for test in found)
    index = CoverageIndex.open(repo.path)
    assert index is not None
    assert index.covers("src/shop/prices.py", 2) == 3
    assert index.covers("src/shop/prices.py", 3) == 2
    assert index.covered_lines("src/shop/orders.py") >= {8, 11, 12, 13, 17}
    index.close()


async def test_lines_are_carried_through_edits_and_tests_marked_stale(
    repo: Any, bare_python: Path, make_event: Make
) -> None:
    repo.commit(FILES)
    await build(repo.path, bare_python)
    repo.commit({"src/shop/prices.py": "# moved down\n\n\n" + PRICES, "README": "x"})
    found = await covering_tests(repo.path, await code_path(repo, make_event))
    assert [test.depth for test in found] == [0, 0, 0, 1]
    assert found[0].lines[0] == ("src/shop/prices.py", 5)
    assert [test.stale for test in found] == [True, True, True, False]
    repo.commit({"tests/test_orders.py": TESTS + "\n# edited\n"})
    assert all(test.stale for test in await covering_tests(repo.path, await code_path(repo, make_event)))
    repo.git("rm", "-q", "tests/test_orders.py")
    repo.commit({})
    assert await covering_tests(repo.path, await code_path(repo, make_event)) == ()


@pytest.mark.parametrize("installed", ["copy", "editable"])
async def test_the_checkout_is_measured_not_the_installed_package(
    repo: Any, bare_python: Path, make_event: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, installed: str
) -> None:
    repo.commit(FILES)
    elsewhere = tmp_path / "installed"
    (elsewhere / "shop").mkdir(parents=True)
    for name in ("__init__.py", "orders.py", "prices.py"):
        (elsewhere / "shop" / name).write_text("raise RuntimeError('the installed copy')\n")
    if installed == "copy":
        monkeypatch.setenv("PYTHONPATH", str(elsewhere))
    else:
        repo.commit({"tests/conftest.py": f"import sys\nsys.path.append({str(elsewhere)!r})\n"})
    said = await build(repo.path, bare_python)
    assert "5 tests indexed" in said[-1]


async def test_another_copy_of_the_code_is_refused(repo: Any, bare_python: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "installed" / "shop"
    elsewhere.mkdir(parents=True)
    (elsewhere / "__init__.py").write_text("")
    (elsewhere / "orders.py").write_text(ORDERS)
    (elsewhere / "prices.py").write_text(PRICES)
    repo.commit({**FILES, "tests/conftest.py": f"import sys\nsys.path.insert(0, {str(elsewhere.parent)!r})\n"})
    with pytest.raises(Refused, match="another copy"):
        await build(repo.path, bare_python)
    assert CoverageIndex.open(repo.path) is None


async def test_a_lost_context_is_refused(repo: Any, bare_python: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    thief = "import sys\n\ndef test_thief():\n    sys.settrace(None)\n\ndef test_victim():\n    assert True\n"
    repo.commit({**FILES, "tests/test_a_thief.py": thief})
    with pytest.raises(Refused, match="gaps"):
        await build(repo.path, bare_python)


@pytest.mark.parametrize(
    ("files", "title"),
    [
        ({"tests/test_orders.py": "x = 1\n"}, "no tests were found"),
        ({"tests/conftest.py": "raise SystemExit(9)\n"}, "did not run|without a report"),
    ],
)
async def test_a_suite_that_cannot_run_says_why(
    repo: Any, bare_python: Path, files: dict[str, str], title: str
) -> None:
    repo.commit({**FILES, **files})
    with pytest.raises(TriageError, match=title):
        await build(repo.path, bare_python)


async def test_broken_test_files_do_not_stop_the_others(repo: Any, bare_python: Path) -> None:
    repo.commit({**FILES, "tests/test_broken.py": "import nothing_like_this\n"})
    assert "1 files could not be collected" in (await build(repo.path, bare_python))[-1]


async def test_written_version_files_come_along(repo: Any, bare_python: Path) -> None:
    repo.commit({**FILES, ".gitignore": "_version.py\n", "src/shop/__init__.py": "from shop._version import version\n"})
    repo.write({"src/shop/_version.py": "version = '1'\n", "src/shop/untracked_scratch.py": "x = 1\n"})
    assert "5 tests indexed" in (await build(repo.path, bare_python))[-1]


async def test_a_cancelled_build_leaves_nothing_behind(repo: Any, bare_python: Path) -> None:
    repo.commit({**FILES, "tests/test_slow.py": "import time\n\ndef test_slow():\n    time.sleep(60)\n"})
    running = build_index(repo.path, await find_interpreter(repo.path, str(bare_python)))
    async for item in running:
        if item.output:
            break
        if "running" in item.text:
            break
    await running.aclose()  # type: ignore[attr-defined]
    assert not index_path(repo.path).exists()
    assert len(repo.git("worktree", "list").splitlines()) == 1


async def test_recording_without_coverage_finds_the_same_lines(
    repo: Any, bare_python: Path, make_event: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    repo.commit(FILES)
    await build(repo.path, bare_python)
    path = await code_path(repo, make_event)
    measured = await covering_tests(repo.path, path)
    monkeypatch.setattr(index_build, "_lend_coverage", lambda work, interpreter: "")
    said = await build(repo.path, bare_python)
    assert "settrace" in said[-1] or "sys.monitoring" in said[-1]
    assert await covering_tests(repo.path, path) == measured


async def test_static_guesses_without_an_index(repo: Any, make_event: Make) -> None:
    other = "import json\n\ndef test_price():\n    price = json.loads('1')\n"
    repo.commit({**FILES, "tests/test_other.py": other, "tests/test_broken.py": "def price(:\n"})
    found = await covering_tests(repo.path, await code_path(repo, make_event))
    assert {test.source for test in found} == {Coverage.STATIC}
    names = [test.node_id for test in found]
    assert names[0].startswith("tests/test_orders.py::")
    assert "tests/test_orders.py::test_total" in names
    assert "tests/test_other.py::test_price" not in names
    assert repo.git("status", "--porcelain") == ""


async def test_static_ranking_prefers_the_crash_function(repo: Any, make_event: Make) -> None:
    near = "from shop import prices\n\n\ndef test_unknown_sku():\n    prices.price('a', {'a': 1})\n"
    repo.commit({**FILES, "tests/test_prices.py": near})
    found = static_covering(repo.path, await code_path(repo, make_event))
    assert (found[0].node_id, found[0].depth) == ("tests/test_prices.py::test_unknown_sku", 0)
    assert [test.depth for test in found] == sorted(test.depth for test in found)


def test_data_with_arcs_and_phases_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "coverage.sqlite"
    with sqlite3.connect(file) as data:
        data.executescript(
            """
            CREATE TABLE coverage_schema (version integer); INSERT INTO coverage_schema VALUES (7);
            CREATE TABLE file (id integer primary key, path text);
            CREATE TABLE context (id integer primary key, context text);
            CREATE TABLE line_bits (file_id integer, context_id integer, numbits blob);
            CREATE TABLE arc (file_id integer, context_id integer, fromno integer, tono integer);
            INSERT INTO file VALUES (1, '/r/a.py');
            INSERT INTO context VALUES (1, ''), (2, 't.py::test_a|run'), (3, 't.py::test_a|setup'), (4, 't.py::test_b');
            INSERT INTO arc VALUES (1, 1, -1, 9), (1, 2, -1, 2), (1, 2, 2, 3), (1, 3, 5, -1), (1, 4, -3, 3);
            """
        )
    data.close()
    assert turn_round(file, lambda path: path.removeprefix("/r/"), {"a.py": "blob"}) == 2
    with sqlite3.connect(file) as data:
        rows = data.execute(
            "SELECT line, tests FROM triage_line JOIN triage_set ON id = set_id ORDER BY line"
        ).fetchall()
        names = dict(data.execute("SELECT no, node_id FROM triage_test"))
    data.close()
    found = {
        line: {names[number] for number in NumberSet.first([NumberSet(stored)], 9, set())} for line, stored in rows
    }
    assert found == {2: {"t.py::test_a"}, 3: {"t.py::test_a", "t.py::test_b"}, 5: {"t.py::test_a"}}


def test_other_formats_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "coverage.sqlite"
    file.write_bytes(b"no database at all, but long enough to look like one")
    with pytest.raises(BadInput):
        turn_round(file, lambda path: path, {})
    with sqlite3.connect(tmp_path / "new.sqlite") as data:
        data.executescript("CREATE TABLE coverage_schema (version integer); INSERT INTO coverage_schema VALUES (99);")
    data.close()
    with pytest.raises(BadInput, match="schema 99"):
        turn_round(tmp_path / "new.sqlite", lambda path: path, {})


@pytest.mark.parametrize("numbers", [set(), {0}, {7, 8, 63}, set(range(0, 5_000, 3)), {49_999}])
@pytest.mark.parametrize("tests", [10, 50_000])
def test_sets_survive_storage(numbers: set[int], tests: int) -> None:
    held = NumberSet(pack(numbers, tests))
    assert len(held) == len(numbers)
    assert NumberSet.first([held], 10_000, set()) == sorted(numbers)
    assert NumberSet.first([held], 2, {0, 7}) == sorted(numbers - {0, 7})[:2]
    assert set(held.among({0, 3, 8, 49_999})) == numbers & {0, 3, 8, 49_999}
    assert positions(bits_of(numbers)) == sorted(numbers)


def test_an_index_of_another_version_is_not_read(repo: Any) -> None:
    with sqlite3.connect(index_path(repo.path)) as data:
        data.execute("CREATE TABLE triage_meta (key TEXT, value TEXT)")
        data.execute("INSERT INTO triage_meta VALUES ('version', '0')")
    data.close()
    assert CoverageIndex.open(repo.path) is None
    index_path(repo.path).write_bytes(b"garbage" * 100)
    assert CoverageIndex.open(repo.path) is None


def test_a_linked_worktree_shares_the_index(repo: Any, tmp_path: Path) -> None:
    repo.commit(FILES)
    repo.git("worktree", "add", "-q", "--detach", str(tmp_path / "linked"))
    assert index_path(tmp_path / "linked") == index_path(repo.path) == repo.path / ".git/triage/coverage.sqlite"


def test_a_borrowed_coverage_must_fit_the_interpreter(tmp_path: Path) -> None:
    def python(version: tuple[int, int, int], *has: tuple[str, str]) -> Interpreter:
        return Interpreter(
            Path("p"), version, "8", "test", tmp_path, tmp_path, tmp_path, (), sys.implementation.name, has
        )

    assert index_build._lend_coverage(tmp_path, python((3, 8, 0))) == ""
    assert index_build._lend_coverage(tmp_path, python((*sys.version_info[:2], 0), ("coverage", "7.0"))) == ""
    lent = index_build._lend_coverage(tmp_path, python((*sys.version_info[:2], 0)))
    assert (Path(lent) / "coverage" / "__init__.py").exists()
    assert [item.name for item in Path(lent).iterdir()] == ["coverage"]
