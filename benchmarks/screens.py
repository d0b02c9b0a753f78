"""What a key press costs to the terminal on every screen, and what an idle screen writes.

    python -m benchmarks.screens [--each]

Walks the demo in a pty of 120x40: inbox, help, palette, jobs, issue, review, edit, run, publish.
Owed (issue 3): 6 kB a key at most, nothing while idle. `--each` prints every key.
"""

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import Row, header
from benchmarks.tui_probe import Probe
from triage.demo.stage import Stage, stage
from triage.domain.issue import IssueQuery
from triage.services.index import build_index

ROOT = Path(__file__).resolve().parent.parent
SIZE = (120, 40)
MOST = 6_000
IDLE = 2.0
ESC = b"\x1b"

WALK: tuple[tuple[str, str, bytes, bytes, str], ...] = (
    # screen, what is there once it is ready, the keys that lead there, the one that opens it, keys to measure
    ("inbox", "issues", b"", b"", "j j k DOWN ^D ^U G g SPACE SPACE ] [ w w"),
    ("filter", "issues", b"", b"/", "Z e r o D BACK D"),
    ("help", "Keys that work here", ESC, b"?", "DOWN DOWN s n BACK"),
    ("palette", "what do you want", ESC, b":", "DOWN r e"),
    ("jobs", "Jobs", ESC + ESC, b"J", "j"),
    ("issue", "suspect", ESC + b"/ZeroDivisionError\r", b"\r", "j k TAB j j G TAB ] ] [ f f + _"),
    ("drafting", "laying the stack", b"", b"d", ""),
    ("review", "REPRODUCED", b"", b"", "j k TAB j j | |"),
    ("edit", r"\$EDITOR", b"1", b"\r", "x DOWN y ENTER UP BACK"),
    ("run", "before", ESC, b"r", "j f f TAB j"),
    ("publish", "sent", b"", b"p", "j k TAB"),
    ("run again", "Evidence", b"", ESC, ""),
    ("review again", "Drafts", b"", ESC, ""),
    ("issue again", "Stack", b"", ESC, ""),
    ("inbox again", "Preview", b"", ESC, ""),
)
KEYS = {
    "DOWN": b"\x1b[B",
    "UP": b"\x1b[A",
    "TAB": b"\t",
    "ENTER": b"\r",
    "BACK": b"\x7f",
    "SPACE": b" ",
    "^D": b"\x04",
    "^U": b"\x15",
}
NAMES = {ESC: "esc", b"\r": "enter", b"": "the draft comes"}
FIRST, WORKING = "inbox", "drafting"


def measure(scene: Stage, each: bool = False) -> dict[str, list[tuple[str, int]]]:
    """Bytes of every key, by screen; "idle" has those that came unasked."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "triage", "--no-ingest", "--repo", str(scene.paths.repo)]
    probe = Probe(command, *SIZE, environment)
    found: dict[str, list[tuple[str, int]]] = {"idle": []}
    try:
        for screen, ready, lead, opens, keys in WALK:
            if lead:
                os.write(probe.fd, lead)
                probe.settle(1.0, 20)
            before = probe.bytes
            os.write(probe.fd, opens)
            probe.until(ready, 90)
            if screen != WORKING:
                probe.settle(1.0, 20)
            if screen != FIRST:
                found.setdefault(screen, []).append((NAMES.get(opens, opens.decode()), probe.bytes - before))
            for key in keys.split():
                _, size = probe.press(KEYS.get(key, key.encode()))
                before = probe.bytes
                probe.settle(0.5, 3)
                found.setdefault(screen, []).append((key, size + probe.bytes - before))
                if each:
                    print(f"{screen:8} {key:10} {found[screen][-1][1]:6}", flush=True)
            if screen == WORKING:
                continue
            before, deadline = probe.bytes, time.perf_counter() + IDLE
            while time.perf_counter() < deadline:
                probe.pump(0.1)
            found["idle"].append((screen, probe.bytes - before))
    finally:
        probe.leave(b"\x11")
    return found


def rows() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder, stage(Path(folder), once=True) as scene:
        _fill(scene)
        found = measure(scene)
    made = []
    idle = dict(found.pop("idle"))
    for screen, costs in found.items():
        sizes = sorted(size for _, size in costs)
        worst = max(costs, key=lambda cost: cost[1])
        still = idle.get(screen, 0)
        made.append(
            Row(
                f"{screen}: bytes a key, worst",
                f"{worst[1]} ({worst[0]})",
                f"median {sizes[len(sizes) // 2]}; idle {IDLE:.0f} s: {still}",
                None,
                f"{MOST}",
                worst[1] <= MOST and still == 0,
            )
        )
    return made


def _fill(scene: Stage) -> None:
    async def index() -> None:
        async for _ in build_index(scene.workspace):
            pass

    asyncio.run(index())
    deadline = time.monotonic() + 90
    while scene.workspace.store.count(IssueQuery()) < 12 and time.monotonic() < deadline:
        time.sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    if "--each" in arguments:
        with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder, stage(Path(folder), once=True) as scene:
            _fill(scene)
            print(measure(scene, each=True)["idle"])
        return 0
    print("\n".join([header(), *(row.line() for row in rows())]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
