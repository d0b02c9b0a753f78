"""How fast tracebacks come out of logs, beside `grep -c` on the same file.

Run `python -m benchmarks.logs [MEGABYTES [FORMAT...]]`. The budget (design, section 7): 600 MB/s
for plain logs, 150 MB/s where every record is JSON. In `distinct` logs every traceback has a
message of its own.
"""

import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.log_formats import FORMATS, GROUPS, RECORDS_PER_TRACEBACK, lines, traceback_text
from benchmarks.table import Row, header
from triage.sources.files import read_file

BUDGETS = {**dict.fromkeys(FORMATS, 600.0), "json": 150.0}


def json_lines(rng: random.Random) -> Iterator[str]:
    tick = 0
    while True:
        tick += 1
        record: dict[str, object] = {
            "event": f"GET /orders/{tick}",
            "level": "info",
            "timestamp": f"2026-11-21T09:45:{tick % 60:02d}Z",
        }
        record |= {"user": tick % 5000, "region": "eu", "ms": tick % 97, "path": f"/orders/{tick}"}
        if tick % RECORDS_PER_TRACEBACK == 0:
            group = rng.randrange(GROUPS)
            record |= {"level": "error", "exception": traceback_text(group, f"no price for {group}")}
        yield json.dumps(record) + "\n"


def write(path: Path, size: int, lines: Iterator[str]) -> None:
    written = 0
    with path.open("w", encoding="utf-8") as stream:
        for line in lines:
            written += stream.write(line)
            if written >= size:
                return


def timed(action: Callable[[], int], rounds: int = 3) -> tuple[float, float, int]:
    """The best time and the best processor time of this process in seconds, and what came out."""
    best = least = float("inf")
    found = 0
    for _ in range(rounds):
        start, spent = time.perf_counter(), time.process_time()
        found = action()
        best, least = min(best, time.perf_counter() - start), min(least, time.process_time() - spent)
    return best, least, found


def rows(size: int = 100_000_000, chosen: Sequence[str] = ("plain", "distinct", "json")) -> Iterator[Row]:
    """The rows of the table for some of the logs, each of `size` bytes."""
    with tempfile.TemporaryDirectory() as folder:
        for name in chosen:
            path = Path(folder) / f"{name.replace(' ', '-')}.log"
            rng = random.Random(1)
            match name:
                case "json":
                    log = json_lines(rng)
                case "distinct":
                    log = lines("plain", rng, distinct=True)
                case _:
                    log = lines(name, rng)
            write(path, size, log)
            seconds, cpu, found = timed(lambda path=path: sum(1 for _ in read_file(path)))  # type: ignore[misc]
            grep, _, _ = timed(
                lambda path=path: subprocess.run(["grep", "-c", "Traceback", path], capture_output=True).returncode  # type: ignore[misc]
            )
            speed, budget = size / 1e6 / seconds, BUDGETS.get(name)
            yield Row(
                f"tracebacks out of {name} logs",
                f"{speed:.0f} MB/s",
                f"grep -c {size / 1e6 / grep:.0f} MB/s",
                speed / (size / 1e6 / grep),
                f"{budget:.0f} MB/s" if budget else "",
                speed >= budget if budget else None,
                cpu_met=bool(budget and size / 1e6 / cpu >= budget),
            )
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield Row("  for each second of processor", f"{size / 1e6 / cpu:.0f} MB/s", f"{found} found, {peak:.0f} MB")
            path.unlink()


def main() -> int:
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 100_000_000
    chosen = sys.argv[2:] or ("plain", "distinct", "json", *FORMATS[1:])
    print(header())
    missed = False
    for row in rows(size, chosen):
        missed |= row.met is False
        print(row.line(), flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
