"""Prints one table: what triage owes, what it does, and a floor or peer measured in the same run.

    python -m benchmarks [NAME ...]        names: see SECTIONS

Every section runs in a process of its own, one after the other. Wall times on a machine with
other work are noisy: the load is printed, ratios move less, and `cpu alone` marks a budget that
only the processor time meets.
"""

import importlib
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.table import dump, header, load, machine

ROOT = Path(__file__).resolve().parent.parent
SECTIONS = {
    "tui": "the app, 1,000,000 issues",
    "screens": "bytes a key on every screen, 120x40",
    "ingest": "events over HTTP",
    "store_ingest": "events into the store",
    "logs": "logs",
    "run": "running a draft",
    "reproduce": "from event to test",
    "covering": "covering tests",
    "source": "the issue screen's source",
    "capture": "the capture hook, per error",
}
PATIENCE = 240
SECTION = "--section"


def section(name: str) -> None:
    """In the process of one section: the last line of its output are its rows."""
    rows = list(importlib.import_module(f"benchmarks.{name}").rows())
    print(dump(rows), flush=True)


def main(arguments: Sequence[str]) -> int:
    """Returns 1 when a section failed; a missed budget alone is no failure of the measurement."""
    if arguments[:1] == [SECTION]:
        section(arguments[1])
        return 0
    unknown = [name for name in arguments if name not in SECTIONS]
    if unknown:
        print(f"no benchmark {unknown[0]!r}; there are {', '.join(SECTIONS)}", file=sys.stderr)
        return 2
    started = time.monotonic()
    failed = missed = 0
    print(f"{machine()}\n{header()}", flush=True)
    for name in arguments or SECTIONS:
        print(f"-- {SECTIONS[name]}  (load {machine().rsplit(' ', 1)[1]})", flush=True)
        try:
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks", SECTION, name],
                cwd=ROOT,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=True,
            )
        except subprocess.CalledProcessError as error:
            failed += 1
            print(f"failed: {error.stderr.strip().splitlines()[-1:]}", flush=True)
        except subprocess.TimeoutExpired:
            failed += 1
            print(f"failed: not done after {PATIENCE} s", flush=True)
        else:
            for row in load(done.stdout.splitlines()[-1]):
                missed += row.met is False
                print(row.line(), flush=True)
    print(f"{missed} budgets missed, {failed} sections failed; {time.monotonic() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
