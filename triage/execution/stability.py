"""Repeats a test in forks of warm processes to see whether it always ends the same way.

170 repetitions (DESIGN section 7) find with 95% what differs once in 57 runs. Each process has a hash
seed of its own; chance is seeded anew in every fork; the file's other tests run before and after it;
the clock and the time zone are moved.
"""

import asyncio
import json
import os
import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from triage.domain.event import Json
from triage.execution import drafted
from triage.execution.attempts import first_mode
from triage.execution.process import Exited, stream
from triage.execution.report import read_facts
from triage.execution.runner import Listening, RunRequest, command, order
from triage.execution.sandbox import require
from triage.execution.worktree import borrowed

SEEDS = (1, 2, 3, 4242)
AT_ONCE = 2
LATER = {60.0 * 60 * 24: "a day later", 60.0 * 60 * 24 * 31: "a month later", 60.0 * 60 * 24 * 366: "a year later"}
ZONES = {"TRI-14": "fourteen hours east of UTC", "TRI+11": "eleven hours west of UTC"}


@dataclass(frozen=True, slots=True)
class Stability:
    """`runs` repetitions were done of those asked for. `unstable`: they did not all end as the first
    run did, and `why` says under which condition, in words. `notes` say what could not be tried."""

    runs: int
    unstable: bool
    why: str = ""
    complete: bool = True
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Turn:
    """One repetition: under which conditions, and how it ended."""

    seed: int
    whole: str
    shift: float | None
    zone: str
    ending: str


async def repeat(request: RunRequest, runs: int) -> Stability:
    """Repeat the test `runs` times and compare; where a failure is expected, each must fail.
    Takes at most `request.timeout` a process. Raises what `run_test` raises."""
    await asyncio.to_thread(require, request.tier)
    seeds = SEEDS[: max(1, min(len(SEEDS), runs // 2))]
    shares = [runs // len(seeds) + (at < runs % len(seeds)) for at in range(len(seeds))]
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(at: int) -> list[_Turn]:
        async with gate:
            # One process moves the clock: each does the same.
            turns = _turns(shares[at], moving=at == 0)
            return await _repeat_with(replace(request, hash_seed=seeds[at], watch=False), turns)

    done = [turn for found in await asyncio.gather(*(one(at) for at in range(len(seeds)))) for turn in found]
    return judged(done, runs, failing=request.expected is not None)


def _turns(share: int, moving: bool) -> list[dict[str, object]]:
    """The conditions of one process's repetitions; the odd ones first, lest time runs out before them."""
    plain: dict[str, object] = {"whole": "", "shift": None, "zone": ""}
    turns = [plain | {"whole": "forward"}, plain | {"whole": "reversed"}]
    if moving:
        turns += [plain | {"shift": 0.0}, *(plain | {"shift": shift} for shift in LATER)]
        turns += [plain | {"zone": zone} for zone in ZONES]
    return [*turns, *[plain] * share]


def judged(done: Sequence[_Turn], asked: int, failing: bool) -> Stability:
    """What the repetitions show; pure. `failing`: the run before them failed, so must they."""
    plain = [turn for turn in done if not turn.whole and turn.shift is None and not turn.zone]
    if not plain:
        return Stability(0, False, complete=False)
    usual = Counter(turn.ending for turn in plain if _fails(turn) or not failing).most_common(1)
    notes: list[str] = []
    if not usual:
        why = f"it failed once, and in none of {len(plain)} repetitions in forks: {_said(plain[0].ending)}"
    else:
        ending = usual[0][0]
        why = _by_repetition(plain, ending) or _by_order(done, ending) or _by_clock(done, ending, notes)
    return Stability(len(plain), bool(why), why, len(plain) >= asked, tuple(notes))


def _fails(turn: _Turn) -> bool:
    return '"failed"' in turn.ending


def _by_repetition(plain: Sequence[_Turn], usual: str) -> str:
    other = [turn for turn in plain if turn.ending != usual]
    if not other:
        return ""
    seeds = {seed: {turn.ending for turn in plain if turn.seed == seed} for seed in {turn.seed for turn in plain}}
    # Only what is the same within each process, and not the same in all, hangs on the seed.
    if all(len(endings) == 1 for endings in seeds.values()):
        differing = sorted(seed for seed, endings in seeds.items() if usual not in endings)
        return f"it depends on the hash seed: {_said(other[0].ending)} with PYTHONHASHSEED={differing[0]}"
    return f"{len(other)} of {len(plain)} repetitions ended otherwise: {_said(other[0].ending)}"


def _by_order(done: Sequence[_Turn], usual: str) -> str:
    for turn in done:
        if turn.whole and turn.ending not in (usual, '["timeout"]'):
            words = "after the other tests of its file" if turn.whole == "forward" else "with its file's tests reversed"
            return f"it depends on the order of tests: {_said(turn.ending)} {words}"
    return ""


def _by_clock(done: Sequence[_Turn], usual: str, notes: list[str]) -> str:
    for turn in done:
        if turn.zone and turn.ending != usual:
            return f"it depends on the time zone: {_said(turn.ending)} {ZONES[turn.zone]}"
    moved = [turn for turn in done if turn.shift is not None]
    if any(turn.shift == 0 and turn.ending != usual for turn in moved):
        notes.append("the clock could not be moved under this code; whether it depends on the date is not known")
        return ""
    for turn in moved:
        if turn.shift and turn.ending != usual:
            return f"it depends on today's date: {_said(turn.ending)} {LATER[turn.shift]}"
    return ""


def _said(ending: str) -> str:
    """How a repetition ended, in words."""
    facts = json.loads(ending)
    if facts in (["timeout"], ["killed"]):
        return "it did not end" if facts == ["timeout"] else "its process ended"
    outcomes = [item[2] for item in facts if isinstance(item, list) and len(item) == 3]
    raised = next((json.loads(item)[0] for item in outcomes if item.startswith("[")), "")
    if raised:
        return f"it raised {raised}"
    return "it passed" if "failed" not in outcomes else "it failed"


async def _repeat_with(request: RunRequest, turns: Sequence[Mapping[str, object]]) -> list[_Turn]:
    mode = first_mode(request.repo, request.interpreter_path, request.test_path, request.plugins)
    async with borrowed(request.repo, request.ref) as tree:
        test_file = await asyncio.to_thread(drafted.put, tree, request.test_path, request.test_source)
        key = secrets.token_bytes(32)
        received = bytearray()
        reader, writer = os.pipe()
        listening = Listening(reader, received)
        whole = order(replace(request, test_name=""), tree, test_file, key, writer, mode)
        asked = {
            **whole,
            "args": [*cast(list[str], whole["args"]), "--tb=no"],
            "turns": list(turns),
            "name": request.test_name,
            "seconds": request.timeout,
        }
        exited = Exited(0)
        try:
            running = stream(
                command(request, tree, mode),
                cwd=tree.path,
                timeout=request.timeout + 10,
                input=json.dumps(asked).encode(),
                pass_fds=(writer,),
            )
            async for item in running:
                if isinstance(item, Exited):
                    exited = item
        finally:
            os.close(writer)
            await listening.close()
            clean = exited.code >= 0 and not exited.timed_out
            await asyncio.shield(drafted.settle(tree, request.test_path, request.test_source, clean))
    seed = request.hash_seed or 0
    return [_turn(seed, item) for item in read_facts(bytes(received), key).of("repeat")]


def _turn(seed: int, item: Mapping[str, Json]) -> _Turn:
    turn = cast(Mapping[str, Json], item["turn"])
    shift = turn["shift"]
    facts = item["facts"]
    told = [fact for fact in facts if isinstance(fact, list)] if isinstance(facts, list) else []
    return _Turn(
        seed,
        str(turn["whole"]),
        float(shift) if isinstance(shift, int | float) else None,
        str(turn["zone"]),
        json.dumps([fact[1:] for fact in told] if told else facts),
    )
