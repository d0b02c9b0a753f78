"""How often a bad draft is taken for a reproduction, or for a test that passes on the fix.

    python -m benchmarks.judging [--cases DIR] [--most N] [--kinds WORD] [--blind] [NAME ...]

Good drafts come from replay on the services of this repo, and on prepared corpus cases where there are any;
each is broken in every way of `bad_drafts`. Prints the verdicts by class, and the wrong ones with their
Wilson interval. `--blind` leaves the look at the source out: then the run alone must tell.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from unittest import mock

from benchmarks.bad_drafts import Bad, bad_drafts, draft, taken_apart
from benchmarks.reproduce import CHOSEN, load_capture, wilson
from triage.config import Config
from triage.domain.incoming import Kind
from triage.domain.tamper import tampering
from triage.domain.verdict import RunResult, Verdict
from triage.errors import TriageError
from triage.execution import runner
from triage.execution.runner import RunRequest
from triage.execution.verify import check_stability, flaky, run_after, run_before
from triage.services.reproduce import Reproduction, reproduce
from triage.services.situation import situation
from triage.sources import parse_event

AT_ONCE = 2
SERVICES = (*CHOSEN, "csv_pipeline", "threads_decorated", "orm_accounts", "injected_orders")
OWED = 0.01


@dataclasses.dataclass(frozen=True, slots=True)
class Seed:
    """A good draft, with the ref that has the fix."""

    name: str
    request: RunRequest
    fix: str


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """One bad draft and what was said of it. `after` is None where it was not run on the fix."""

    seed: str
    bad: Bad
    before: RunResult
    after: RunResult | None = None

    @property
    def wrong(self) -> bool:
        return self.before.verdict not in self.bad.right

    @property
    def believed(self) -> bool:
        """The worst error: taken for a reproduction."""
        return self.before.verdict is Verdict.REPRODUCED

    @property
    def passes(self) -> bool:
        return self.after is not None and self.after.verdict is Verdict.PASSES


async def result_of(run: AsyncIterator[str | RunResult]) -> RunResult:
    async for item in run:
        if isinstance(item, RunResult):
            return item
    raise AssertionError("no result")


async def judged(seed: Seed, bad: Bad, runs: int) -> Judged:
    """The verdict as `triage verify --stable` gives it, and that on the fix for what might pass there."""
    before = await result_of(run_before(bad.request))
    if before.verdict is Verdict.REPRODUCED:
        before = flaky(before, await check_stability(bad.request, runs))
    if before.verdict is not Verdict.PASSED:
        return Judged(seed.name, bad, before)
    after = await result_of(run_after(dataclasses.replace(bad.request, ref=seed.fix), before))
    return Judged(seed.name, bad, before, after)


async def all_judged(seeds: Sequence[Seed], kinds: str, most: int, runs: int) -> list[Judged]:
    """Every bad draft of every seed, two at a time."""
    gate = asyncio.Semaphore(AT_ONCE)
    found: list[Judged] = []

    async def one(seed: Seed, bad: Bad) -> None:
        async with gate:
            found.append(await judged(seed, bad, runs))
            last = found[-1]
            if last.wrong:
                print(f"  {seed.name}: {bad.kind}: {last.before.verdict} ({last.before.why[:110]})", flush=True)

    drafts = [(seed, bad) for seed in seeds for bad in bad_drafts(seed.request) if kinds in bad.kind]
    await asyncio.gather(*(one(seed, bad) for seed, bad in drafts[: most or None]))
    return found


async def good_seeds(folder: Path, cases: Path, names: Sequence[str]) -> list[Seed]:
    """Good drafts, by replay; a crash that does not reproduce gives none."""
    capture = load_capture()
    seeds = []
    for name in SERVICES:
        if names and name not in names:
            continue
        home = folder / name
        home.mkdir()
        service = capture.build(name, home, sys.executable)
        seeds += await _seed(name, Config(repo=service.repo, python=sys.executable), service.event, service.fix)
    for info in sorted(cases.glob("*/info.json")):
        if names and info.parent.name not in names:
            continue
        told = json.loads(info.read_text())
        config = Config(repo=Path(told["repo"]), python=told["python"])
        seeds += await _seed(info.parent.name, config, Path(told["event"]), told["fix"])
    return seeds


async def _seed(name: str, config: Config, file: Path, fix: str) -> list[Seed]:
    from triage.codebase.interpreter import find_interpreter
    from triage.codebase.locate import locate_fast

    event = parse_event(file.read_bytes(), Kind.SDK)
    try:
        async for item in reproduce(config, event, fix):
            if isinstance(item, Reproduction) and item.succeeded and item.test_source:
                code_path = await locate_fast(config.repo, event)
                interpreter = await find_interpreter(config.repo, config.python)
                here = await situation(config, event, code_path, interpreter)
                request = here.run_request(config, str(item.test_path), item.test_source, str(item.test_name))
                good = taken_apart(request)
                if good is None:
                    return []
                # The good draft in the form that the bad ones have must itself reproduce: else they prove nothing.
                plain = dataclasses.replace(request, test_source=draft(good, "CALL"), test_name="test_bad_draft")
                proof = await result_of(run_before(plain))
                print(f"{name}: {proof.verdict} {item.entry}", flush=True)
                return [Seed(name, request, fix)] if proof.verdict is Verdict.REPRODUCED else []
    except TriageError as error:
        print(f"{name}: {error}", flush=True)
    return []


def table(found: Sequence[Judged]) -> str:
    """Verdicts by class, then the totals."""
    by_kind: dict[str, list[Judged]] = defaultdict(list)
    for item in found:
        by_kind[item.bad.kind].append(item)
    lines = [f"{'class of bad draft':42} {'drafts':>6} {'wrong':>5}  verdicts"]
    for kind, items in by_kind.items():
        counts = Counter(item.before.verdict.value for item in items).most_common()
        said = ", ".join(f"{name} {count}" for name, count in counts)
        lines.append(f"{kind:42} {len(items):6} {sum(item.wrong for item in items):5}  {said}")
    total = len(found)
    believed, wrong = sum(item.believed for item in found), sum(item.wrong for item in found)
    ran = [item for item in found if item.after is not None]
    passing = sum(item.passes for item in ran)
    lines += [
        f"{total} bad drafts in {len(by_kind)} classes",
        f"wrong REPRODUCED: {believed} ({_rate(believed, total)}), owed under {OWED:.0%}",
        f"wrong PASSES on the fix: {passing} of {len(ran)} ({_rate(passing, len(ran))})",
        f"another word than the right one: {wrong} ({_rate(wrong, total)})",
    ]
    return "\n".join(lines)


def _rate(count: int, total: int) -> str:
    low, high = wilson(count, total)
    return f"{count / max(total, 1):.1%}, 95% interval {low:.1%} to {high:.1%}"


def main() -> int:
    """Returns 1 when more are believed than owed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cases", type=Path, default=Path("/tmp/corpus"))
    parser.add_argument("--most", type=int, default=0)
    parser.add_argument("--runs", type=int, default=170)
    parser.add_argument("--kinds", default="")
    parser.add_argument("--blind", action="store_true")
    options = parser.parse_args()
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRIAGE_HOME"] = str(Path(name) / "triage")
        seeds = asyncio.run(good_seeds(Path(name), options.cases, options.names))
        with mock.patch.object(runner, "tampering", (lambda _: ()) if options.blind else tampering):
            found = asyncio.run(all_judged(seeds, options.kinds, options.most, options.runs))
    print(table(found))
    print(f"{len(seeds)} good drafts, {time.monotonic() - started:.0f} s")
    return 1 if sum(item.believed for item in found) > OWED * max(len(found), 1) else 0


if __name__ == "__main__":
    sys.exit(main())
