"""Collects once, then runs a draft in a fork for each repetition, each under conditions of its own.

Standard library only, Python 3.8+. A turn is described by its order: `whole` runs all tests of the
file ("forward", "reversed") or only the draft (""), `shift` moves the clock by so many seconds, `zone` sets
the time zone. Chance is seeded anew in every fork: they would all inherit the same.
"""

from __future__ import annotations

import gc
import json
import os
import random
import select
import sys
import time
from typing import TYPE_CHECKING, Any, Callable, Mapping

if TYPE_CHECKING:
    from triage.inside import probe_clock
    from triage.inside.probe_facts import Sources, all_facts
else:
    import probe_clock
    from probe_facts import Sources, all_facts

MOST_FOR_WHOLE = 8.0
ANSWER = 60_000


class Repeating:
    """The plugin for repetitions. It hands through those hooks of the usual one that speak of collecting."""

    def __init__(self, probe: Any, order: Mapping[str, Any], sources: Sources, send: Callable[..., None]) -> None:
        self._order = order
        self._sources = sources
        self._send = send
        self._facts: list[Any] = []
        self.pytest_load_initial_conftests = probe.pytest_load_initial_conftests
        self.pytest_internalerror = probe.pytest_internalerror
        self.pytest_exception_interact = probe.pytest_exception_interact
        self.at_end = lambda: None

    def pytest_runtestloop(self, session: Any) -> bool:
        items = list(session.items)
        own = [item for item in items if str(item.nodeid).endswith("::" + self._order["name"])] or items
        until = time.time() + float(self._order["seconds"])
        gc.collect()
        if hasattr(gc, "freeze"):
            gc.freeze()
        for number, turn in enumerate(self._order["turns"]):
            left = until - time.time()
            if left <= 0:
                break
            chosen = {"forward": items, "reversed": items[::-1]}.get(turn["whole"], own)
            if turn["whole"] and len(items) == len(own):
                continue
            seconds = min(left, MOST_FOR_WHOLE) if turn["whole"] else left
            facts = self._fork(chosen, turn, number, seconds)
            if facts == ["timeout"] and seconds == left:
                break  # cut short by the end of the time for all of them: no ending of its own
            self._send("repeat", turn=turn, facts=facts)
        return True

    def pytest_runtest_logreport(self, report: Any) -> None:
        outcome = "xfailed" if hasattr(report, "wasxfail") else str(report.outcome)
        self._facts.append([str(report.nodeid), str(report.when), outcome])

    def pytest_runtest_makereport(self, item: Any, call: Any) -> None:
        if call.excinfo is not None:
            self._facts.append([str(item.nodeid), str(call.when), _key(call.excinfo.value, self._sources)])

    def _fork(self, items: list[Any], turn: Mapping[str, Any], number: int, seconds: float) -> Any:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                prepare(turn, number)
                for at, item in enumerate(items):
                    following = items[at + 1] if at + 1 < len(items) else None
                    item.ihook.pytest_runtest_protocol(item=item, nextitem=following)
                own = [fact for fact in self._facts if str(fact[0]).endswith("::" + self._order["name"])]
                os.write(writer, json.dumps(own or self._facts).encode()[:ANSWER])
            finally:
                os._exit(0)
        os.close(writer)
        answer = _read_within(reader, seconds)
        os.close(reader)
        if answer is None:
            os.kill(child, 9)
        os.waitpid(child, 0)
        return json.loads(answer) if answer else ["timeout" if answer is None else "killed"]


def prepare(turn: Mapping[str, Any], number: int) -> None:
    """The conditions of this repetition, in the fork that is for it alone."""
    seed = int(os.environ.get("PYTHONHASHSEED", "0")) * 1000 + number
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None and hasattr(numpy, "random"):
        numpy.random.seed(seed)
    if turn["zone"]:
        probe_clock.set_zone(turn["zone"])
    if turn["shift"] is not None:
        probe_clock.move(float(turn["shift"]))


def _key(error: BaseException, sources: Sources) -> str:
    """What must be the same each time. Where a recursion ends depends on the depth of its start."""
    first = all_facts(error, sources)[0]
    place = [] if isinstance(error, RecursionError) else first["points"][-1:]
    return json.dumps([first["type"], place, first["deepest_in_test"]])


def _read_within(reader: int, seconds: float) -> str | None:
    data = b""
    until = time.time() + seconds
    while True:
        ready, _, _ = select.select([reader], [], [], max(until - time.time(), 0))
        if not ready:
            return None
        piece = os.read(reader, 65536)
        if not piece:
            return data.decode()
        data += piece
