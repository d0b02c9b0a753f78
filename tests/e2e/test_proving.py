"""A written test goes through pytest on both commits, until one version of it holds."""

import contextlib
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import pytest

from tests.e2e.execution_ground import EXPECTED, REPRODUCING, before, git, make_shop, request
from triage.domain.code_path import CodePath
from triage.domain.event import Event
from triage.domain.verdict import Isolation, RunReport, Verdict
from triage.drafting.replay import ReplayRequest, ReplayResult
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.engine import Session
from triage.drafting.replay.searching.search import Findings, Tried
from triage.drafting.replay.searching.server import Outcome
from triage.drafting.replay.written.proving import Proving, Trees
from triage.drafting.replay.written.style import Style
from triage.drafting.replay.written.writing import Written

LEAVES_A_LOG = "def test_unknown_goods():\n    open('run.log', 'w').close()\n    raise ValueError\n"
STRICT = """\
[tool.pytest.ini_options]
filterwarnings = ["error"]
addopts = "--disable-socket"
of-a-plugin-that-is-not-there = 1
"""


@dataclass
class Texts:
    """A session that has its versions written already, one a folder."""

    sources: dict[str, str]
    style: Style = field(default_factory=lambda: Style(folder="tests"))
    findings: Findings = field(default_factory=Findings)
    inputs: tuple[int, int] | None = None
    fix_imports: bool = True

    def written(self, best: Tried, folder: str = "tests", pinned: bool = True, inside: bool = False) -> Written:
        return Written(f"{folder}/test_draft.py".lstrip("/"), self.sources[folder], "test_unknown_goods", "")

    def registering(self, best: Tried) -> tuple[str, ...]:
        return ()


async def proven(shop: Path, sources: dict[str, str]) -> ReplayResult:
    buggy, fixed = git(shop, "rev-parse", "main"), git(shop, "rev-parse", "fixed")
    asked = ReplayRequest(
        cast(Event, None), cast(CodePath, None), EXPECTED, shop, buggy, Path(sys.executable),
        (Path(sys.prefix), Path(sys.base_prefix)), ("src", "."), Isolation.BUBBLEWRAP, fix_commit=fixed,
    )  # fmt: skip
    ran = Outcome("raised", RunReport("call", "failed"), {}, {})
    best = Tried(Candidate((), (), "Cart.checkout", ""), Verdict.REPRODUCED, ran)
    async with contextlib.AsyncExitStack() as stack:
        trees = Trees(shop, stack)
        await trees.lay_out(buggy, fixed)
        return await Proving(asked, cast(Session, Texts(sources)), best, trees, ()).run()


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("proven"), {"pyproject.toml": STRICT})


async def test_what_one_version_leaves_behind_does_not_spoil_the_next(shop: Path) -> None:
    found = await proven(shop, {"tests": LEAVES_A_LOG, "": REPRODUCING})
    assert (found.test_path, found.why) == ("test_draft.py", "")
    assert found.judged_after is not None
    assert found.judged_after.verdict is Verdict.PASSES


async def test_settings_for_another_pytest_are_kept_all_the_same(shop: Path) -> None:
    seen = await before(request(shop))
    assert seen.verdict is Verdict.REPRODUCED
    assert seen.notes == ()
    warned = await before(
        request(shop, "import warnings\n" + REPRODUCING.replace("    assert", "    warnings.warn('x')\n    assert"))
    )
    assert "UserWarning" in warned.why
