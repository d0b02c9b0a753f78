"""Bad drafts of most classes, made of a good one: none is believed. The whole set: `make bench-judging`."""

import asyncio

import pytest

from benchmarks.bad_drafts import ENDLESS, KINDS, Bad, bad_drafts
from tests.e2e.execution_ground import before, make_shop, request
from triage.domain.tamper import tampering
from triage.domain.verdict import Verdict
from triage.execution import runner

FLAKY = {kind for kind in KINDS if kind.startswith("depends on")}
# Told apart by the same code as another class that is tried here.
ALIKE = {
    "raises it in a helper", "raises it anew", "suppressed", "skips", "pytest.fail after the call", "aborts",
    "fails in an automatic fixture", "fails in setup_function", "imports a name that is not there", "profiles",
    "kills itself after the call", "looks up a name first", "leaves a module behind", "expects to fail",
    "asserts after the call", "parametrized with nothing", "in a thread of the draft", "interrupts",
}  # fmt: skip
ATTACKS = ("the judge", "climbs", "brings", "told", "forged", "compiled", "look-alike", "other globals", "stage")


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> list[Bad]:
    repo = make_shop(tmp_path_factory.mktemp("bad"))
    return [
        bad
        for bad in bad_drafts(request(repo))
        if bad.kind not in FLAKY | ALIKE | ENDLESS or bad.kind == "endless loop"
    ]


async def wrong(drafts: list[Bad]) -> list[tuple[str, Verdict, str]]:
    gate = asyncio.Semaphore(2)

    async def one(bad: Bad) -> tuple[Bad, Verdict, str]:
        async with gate:
            result = await before(bad.request)
            return bad, result.verdict, result.why

    found = await asyncio.gather(*(one(bad) for bad in drafts))
    return [(bad.kind, verdict, why) for bad, verdict, why in found if verdict not in bad.right]


async def test_no_bad_draft_is_believed(drafts: list[Bad]) -> None:
    assert len(drafts) > 60
    assert await wrong(drafts) == []


async def test_the_run_alone_tells_most_attacks_apart(drafts: list[Bad], monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the look at the source, which a draft may be spelled to escape."""
    attacks = [
        bad for bad in drafts if any(word in bad.kind for word in ATTACKS) and tampering(bad.request.test_source)
    ]
    assert len(attacks) >= 6
    monkeypatch.setattr(runner, "tampering", lambda source: ())
    believed = [kind for kind, verdict, _ in await wrong(attacks) if verdict is Verdict.REPRODUCED]
    assert believed == []
