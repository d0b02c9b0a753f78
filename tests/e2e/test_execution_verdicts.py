"""Drafts of every kind are run for real against a small repo, before and after the fix."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

import os
import subprocess
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.execution_ground import (
    EXPECTED,
    PRICE,
    REPRODUCING,
    TOTAL,
    after,
    before,
    git,
    make_shop,
    report,
    request,
    write,
)
from triage.domain.verdict import ExpectedFailure, FailurePoint, Verdict
from triage.execution.sandbox import best_tier
from triage.execution.verify import check_stability

CALL = 'Cart([{"name": "coffee", "count": 1}]).checkout()'
HEAD = "import pytest\nimport asyncio\nfrom shop.cart import *\nfrom shop.prices import price_of\n"


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("shop"))


def draft(body: str, head: str = HEAD, mark: str = "", define: str = "def test_unknown_goods():") -> str:
    return f"{head}{mark}{define}\n    " + body.replace("\n", "\n    ") + "\n"


async def test_before_and_after(shop: Path) -> None:
    first = await before(request(shop))
    assert first.verdict is Verdict.REPRODUCED
    assert first.message_same
    assert first.frames_matched >= 2
    assert first.commit == git(shop, "rev-parse", "main")
    assert "KeyError" in first.output
    assert first.isolation is best_tier()
    fixed = await after(request(shop, ref="fixed"), first)
    assert fixed.verdict is Verdict.PASSES
    assert (await after(request(shop, ref="main"))).verdict is Verdict.STILL_SAME


async def test_green_without_the_fix(shop: Path) -> None:
    idle = request(shop, "def test_unknown_goods():\n    pass\n")
    passed = await before(idle)
    assert (await after(replace(idle, ref="fixed"), passed)).verdict is Verdict.VACUOUS
    running = request(shop, draft('price_of({"name": "tea", "count": 1})'))
    assert (await after(replace(running, ref="fixed"), await before(running))).verdict is Verdict.GREEN_WITHOUT_FIX


@pytest.mark.parametrize(
    ("source", "verdict", "words"),
    [
        pytest.param("def test_unknown_goods(:\n", Verdict.SYNTAX, "does not parse", id="syntax"),
        pytest.param("import no_such_thing\n" + REPRODUCING, Verdict.COLLECT_ERROR, "no_such_thing", id="import"),
        pytest.param("def test_other():\n    pass\n", Verdict.COLLECT_ERROR, "could not be collected", id="no such test"),
        pytest.param("def test_unknown_goods(zork):\n    pass\n", Verdict.SETUP_ERROR, "'zork' not found", id="fixture"),
        pytest.param(draft("Cart(1, 2, 3)"), Verdict.SIGNATURE, "4 were given", id="signature"),
        pytest.param(draft(f"with pytest.raises(KeyError):\n    {CALL}"), Verdict.PASSED, "passed", id="raises"),
        pytest.param(draft("assert 1 == 2"), Verdict.ASSERT_ONLY, "assert 1 == 2", id="assert"),
        pytest.param(draft("Cart(3).checkout()"), Verdict.WRONG_TYPE, "TypeError", id="type"),
        pytest.param(draft('price_of({"name": "x", "count": 1})'), Verdict.WRONG_FRAME, "straight", id="no caller"),
        pytest.param(draft('raise KeyError("coffee")'), Verdict.WRONG_FRAME, "in the test itself", id="own raise"),
        pytest.param(draft('checkout_wrapped([{"name": "x", "count": 1}])'), Verdict.CHAIN_ONLY, "cause", id="chain"),
        pytest.param(draft("raise SystemExit(3)"), Verdict.WRONG_TYPE, "SystemExit", id="exit"),
        pytest.param(draft("raise KeyboardInterrupt"), Verdict.WRONG_TYPE, "KeyboardInterrupt", id="interrupt"),
        pytest.param(draft("endless(0)"), Verdict.WRONG_TYPE, "RecursionError", id="recursion"),
        pytest.param(draft(CALL, mark="@pytest.mark.xfail\n"), Verdict.PASSED, "expected to fail", id="xfail"),
        pytest.param(draft(CALL, mark="@pytest.mark.skip\n"), Verdict.SETUP_ERROR, "", id="skip"),
        pytest.param(
            draft('monkeypatch.setattr("shop.cart.price_of", {}.__getitem__)\n' + CALL.replace('{"name": "coffee", "count": 1}', "1"),
                  define="def test_unknown_goods(monkeypatch):"),
            Verdict.WRONG_FRAME, "total", id="patched away",
        ),
        pytest.param(
            draft('class Sly(dict):\n    def __getitem__(self, key): raise KeyError("coffee")\nCart([Sly()]).checkout()'),
            Verdict.WRONG_FRAME, "the draft's own code", id="raised by the draft's object",
        ),
        pytest.param(
            draft('from unittest.mock import patch, MagicMock\nfake = MagicMock()\nfake.__getitem__.side_effect = KeyError("c")\n'
                  'with patch("shop.prices.PRICES", fake):\n    ' + CALL),
            Verdict.WRONG_FRAME, "a mock", id="raised by a mock",
        ),
        pytest.param(
            draft("asyncio.run(checkout_later([{'name': 'coffee', 'count': 1}]))"), Verdict.REPRODUCED, "", id="asyncio.run"
        ),
        pytest.param(
            draft("await checkout_later([{'name': 'coffee', 'count': 1}])", mark="@pytest.mark.asyncio\n",
                  define="async def test_unknown_goods():"),
            Verdict.REPRODUCED, "", id="pytest-asyncio",
        ),
        pytest.param(
            draft("async def main():\n    async with asyncio.TaskGroup() as group:\n"
                  "        group.create_task(checkout_later([{'name': 'coffee', 'count': 1}]))\nasyncio.run(main())"),
            Verdict.REPRODUCED, "inside ExceptionGroup", id="group",
        ),
        pytest.param(
            draft("a, b = ValueError(1), ValueError(2)\na.__cause__, b.__cause__ = b, a\nraise a"), Verdict.WRONG_TYPE, "", id="cycle"
        ),
        pytest.param(
            draft("class Bad(Exception):\n    def __str__(self): raise SystemExit\n    __repr__ = __str__\nraise Bad"),
            Verdict.WRONG_TYPE, "unprintable", id="unprintable",
        ),
    ],
)  # fmt: skip
async def test_verdicts_before(shop: Path, source: str, verdict: Verdict, words: str) -> None:
    result = await before(request(shop, source))
    assert (result.verdict, result.why) == (verdict, result.why)
    assert words in result.why + " ".join(result.notes)


async def test_a_unittest_case_in_a_class(shop: Path) -> None:
    source = f"import unittest\nfrom shop.cart import Cart\nclass TestIt(unittest.TestCase):\n    def test_it(self):\n        {CALL}\n"
    assert (await before(request(shop, source, "TestIt::test_it"))).verdict is Verdict.REPRODUCED


async def test_recursion_reproduces_from_any_depth(shop: Path) -> None:
    point = FailurePoint("src/shop/cart.py", "endless", "return endless(n + 1)", 32)
    expected = ExpectedFailure("RecursionError", "maximum recursion depth exceeded", (point, point))
    result = await before(request(shop, draft("endless(0)"), expected=expected))
    assert result.verdict is Verdict.REPRODUCED


async def test_which_functions_ran(shop: Path) -> None:
    seen = await report(
        request(
            shop,
            draft(
                'import threading\nt = threading.Thread(target=price_of, args=[{"name": "tea", "count": 1}])\nt.start()\nt.join()'
            ),
        )
    )
    assert seen.crash_function_ran
    assert seen.functions_ran == (3,)
    gone = replace(EXPECTED, points=(TOTAL, replace(PRICE, qualname="price_by_name")))
    seen = await report(request(shop, draft("total([])"), expected=gone))
    assert not seen.crash_function_ran
    assert (seen.functions_ran, seen.functions_missing) == ((0,), (1,))


async def test_repo_settings_that_would_break_a_single_run(tmp_path: Path) -> None:
    """Coverage, xdist and strictness in addopts, required plugins, a marker, conftest options."""
    ini = (
        "[tool.pytest.ini_options]\naddopts = '-n 4 --cov=shop --cov-report xml -x --strict-markers --shop-mode=fast'\n"
    )
    ini += "required_plugins = ['pytest-cov']\nmarkers = ['slow: slow']\n"
    hook = "def pytest_addoption(parser):\n    parser.addoption('--shop-mode')\n"
    repo = make_shop(tmp_path, {"pyproject.toml": ini, "conftest.py": hook})
    assert (await before(request(repo))).verdict is Verdict.REPRODUCED


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param({"tests/conftest.py": "import nowhere_to_be_found\n"}, id="conftest import"),
        pytest.param({"tests/conftest.py": "def pytest_ignore_collect(zork): ...\n"}, id="old hook"),
        pytest.param({"conftest.py": "def pytest_configure(config):\n    raise ValueError('no')\n"}, id="configure"),
        pytest.param({"pytest.ini": "[pytest]\naddopts = --option-of-a-missing-plugin\n"}, id="option"),
    ],
)
async def test_settings_that_do_not_work_here_are_left_out(tmp_path: Path, extra: dict[str, str]) -> None:
    repo = make_shop(tmp_path, extra)
    result = await before(request(repo))
    assert result.verdict is Verdict.REPRODUCED
    assert any("without the repo's pytest settings" in note for note in result.notes)


async def test_files_that_the_repos_conftest_leaves_are_no_fault_of_the_draft(tmp_path: Path) -> None:
    leaving = "from pathlib import Path\n\nPath(__file__).with_name('fresh.key').write_text('made at each start')\n"
    repo = make_shop(tmp_path, {"tests/conftest.py": leaving})
    result = await before(request(repo))
    assert result.verdict is Verdict.REPRODUCED
    assert any("conftest" in note for note in result.notes)
    own = draft(f"open('tests/own.key', 'w').write('x')\n{CALL}")
    again = await before(request(repo, own))
    assert again.verdict is Verdict.DENIED
    assert "own.key" in again.why


async def test_a_draft_that_needs_the_conftest_that_fails(tmp_path: Path) -> None:
    repo = make_shop(tmp_path, {"tests/conftest.py": "import nowhere_to_be_found\n"})
    result = await before(request(repo, draft(CALL, define="def test_unknown_goods(cart):")))
    assert result.verdict is Verdict.COLLECT_ERROR
    assert "nowhere_to_be_found" in result.why


async def test_code_from_another_place_is_refused(tmp_path: Path) -> None:
    """An installed copy that a conftest puts first: the run says nothing about the worktree."""
    spoiler = "import sys, types\nmodule = types.ModuleType('shop')\nmodule.__file__ = '/usr/lib/shop/__init__.py'\n"
    spoiler += "module.__path__ = []\nsys.modules['shop'] = module\n"
    repo = make_shop(tmp_path, {"conftest.py": spoiler})
    result = await before(request(repo, "import shop\ndef test_unknown_goods():\n    pass\n"))
    assert result.verdict is Verdict.COLLECT_ERROR
    assert "did not come from the worktree" in result.why


async def test_a_file_that_exists_is_put_back(shop: Path) -> None:
    grown = REPRODUCING + "\n\ndef test_old():\n    assert True\n"
    asked = request(shop, grown, path="tests/test_old.py")
    assert (await before(asked)).verdict is Verdict.REPRODUCED
    passing = replace(asked, test_source="def test_old():\n    pass\n", test_name="test_old")
    assert (await before(passing)).verdict is Verdict.PASSED
    assert (shop / "tests/test_old.py").read_text() == "def test_old():\n    assert True\n"


async def test_stability(shop: Path) -> None:
    seen = await check_stability(request(shop))
    assert (seen.runs, seen.unstable, seen.complete, seen.why, seen.notes) == (170, False, True, "", ())
    fewer = await check_stability(request(shop, draft("import time; time.sleep(0.2)\n" + CALL), timeout=2))
    assert not fewer.unstable
    assert not fewer.complete
    assert 0 < fewer.runs < 170


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(f"if hash('x') % 2: {CALL}\nelse: {CALL.replace('coffee', 'tea')}", "hash seed", id="hash"),
        pytest.param(f"import os\nif os.getpid() % 2: {CALL}", "repetitions ended otherwise", id="process"),
        pytest.param(f"import random\nif random.random() > 0.1: {CALL}", "repetitions ended otherwise", id="chance"),
        pytest.param(f"from datetime import date\nif date.today() <= date.fromtimestamp(TODAY): {CALL}", "today's date", id="date"),
        pytest.param(f"import time\nif time.strftime('%Y') == time.strftime('%Y', time.localtime(TODAY)): {CALL}", "a year later", id="year"),
        pytest.param(f"import time\nif time.localtime(0).tm_hour == 0: {CALL}", "time zone", id="zone"),
        pytest.param(f"if not RAN: {CALL}", "order of tests", id="order"),
    ],
)  # fmt: skip
async def test_what_makes_a_test_flaky_is_named(shop: Path, body: str, words: str) -> None:
    head = HEAD + f"RAN = []\nTODAY = {time.time()!r}\ndef test_another():\n    RAN.append(1)\n"
    seen = await check_stability(request(shop, draft(body, head=head)), 40)
    assert seen.unstable
    assert words in seen.why


async def test_generated_modules_come_along(tmp_path: Path) -> None:
    repo = make_shop(tmp_path, {"src/shop/about.py": "from shop._version import version\n"})
    write(repo, {"src/shop/_version.py": "version = '1.2'\n", "secret.log": "x", "src/notes.log": "x"})
    source = "from shop.about import version\nimport os\ndef test_unknown_goods():\n    assert version == '1.2'\n"
    source += "    assert not os.path.exists('secret.log') and not os.path.exists('src/notes.log')\n"
    assert (await before(request(repo, source))).verdict is Verdict.PASSED


@pytest.mark.parametrize("version", ["3.8.18", "3.9.18", "3.10.13", "3.12.1", "3.13.0"])
async def test_other_pythons(
    shop: Path, version: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    python = _venv(version, tmp_path_factory)
    asked = request(shop, python=python, roots=(python.parent.parent, python.resolve().parent.parent))
    first = await before(asked)
    assert (first.verdict, first.why) == (Verdict.REPRODUCED, first.why)
    assert (await after(replace(asked, ref="fixed"))).verdict is Verdict.PASSES
    seen = await check_stability(asked, 4)
    assert (seen.runs, seen.unstable, seen.why, seen.notes) == (4, False, "", ())


def _venv(version: str, folders: pytest.TempPathFactory) -> Path:
    """An environment with pytest for another Python; skips where this machine has neither."""
    base = Path(os.environ.get("PYENV_ROOT", "/root/.pyenv")) / "versions" / version / "bin" / "python"
    kept = folders.getbasetemp() / f"python-{version}"
    python = kept / "bin" / "python"
    if not python.exists():
        if not base.exists():
            pytest.skip(f"Python {version} is not here")
        done = (
            subprocess.run(["uv", "venv", "-q", "--python", str(base), str(kept)], capture_output=True, check=False)
            if _has_uv()
            else None
        )
        if done is None or done.returncode:
            pytest.skip("no uv to make an environment with")
        put = subprocess.run(
            ["uv", "pip", "install", "-q", "--python", str(python), "pytest"], capture_output=True, check=False
        )
        if put.returncode:
            pytest.skip("pytest cannot be installed for it here")
    return python


def _has_uv() -> bool:
    return subprocess.run(["sh", "-c", "command -v uv"], capture_output=True, check=False).returncode == 0
