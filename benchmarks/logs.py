"""How fast tracebacks come out of logs, beside `grep -c` on the same file.

Run `python -m benchmarks.logs [MEGABYTES]`. The budget (design, section 7): 600 MB/s for plain
logs, 150 MB/s where every record is JSON. `distinct` logs have a different message in every
traceback, so that nothing can be remembered.
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

from benchmarks.table import Row, header
from triage.sources.files import read_file

BUDGETS = {"plain": 600.0, "json": 150.0}
RECORDS_PER_TRACEBACK = 70
GROUPS = 300


def traceback_text(rng: random.Random, group: int, message: str) -> str:
    frames = []
    for depth in range(4 + group % 12):
        name = f"step_{group}_{depth}"
        frames.append(
            f'  File "/srv/app/shop/{name}.py", line {10 + depth}, in {name}\n    return call_{depth}(order, {group})\n'
        )
    return f"Traceback (most recent call last):\n{''.join(frames)}shop.errors.Error{group}: {message}\n"


def plain_lines(rng: random.Random, *, distinct: bool = False, prefix: str = "") -> Iterator[str]:
    tick = 0
    while True:
        tick += 1
        stamp = f"2026-11-21 {tick // 3600 % 24:02d}:{tick // 60 % 60:02d}:{tick % 60:02d},{tick % 1000:03d}"
        if tick % RECORDS_PER_TRACEBACK == 0:
            group = rng.randrange(GROUPS)
            text = f"{stamp} ERROR shop.orders order {tick} failed\n" + traceback_text(
                rng, group, f"no price for {tick if distinct else group}"
            )
        else:
            text = f"{stamp} INFO shop.web GET /orders/{tick} 200 in {tick % 97} ms, cache hit, user {tick % 5000}\n"
        yield "".join(prefix + line for line in text.splitlines(keepends=True)) if prefix else text


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
            record |= {"level": "error", "exception": traceback_text(rng, group, f"no price for {group}")}
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
        logs = {
            "plain": plain_lines(random.Random(1)),
            "distinct": plain_lines(random.Random(1), distinct=True),
            "prefixed": plain_lines(random.Random(1), prefix="web-1  | "),
            "json": json_lines(random.Random(1)),
        }
        for name in chosen:
            path = Path(folder) / f"{name}.log"
            write(path, size, logs[name])
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
    size = int(sys.argv[1]) * 1_000_000 if len(sys.argv) > 1 else 200_000_000
    print(header())
    missed = False
    for row in rows(size, ("plain", "distinct", "prefixed", "json")):
        missed |= row.met is False
        print(row.line(), flush=True)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
