"""The issue screen on source files of 20,000 lines, and the tests of the line under the cursor.

    python -m benchmarks.source

The app runs in a pty of 120x40 on an event whose frames lie in such files: some `.` at once open
one that was not read ahead.
Owed (issue 3): a file of 20,000 lines opens in 100 ms; the tests of a line p95 5 ms at 50,000
tests. Beside them: git handing over the blob, and coverage's API for one file.
"""

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import covering
from benchmarks.table import Row, header, percentile
from benchmarks.tui_probe import Probe
from triage.codebase.coverage_index import CoverageIndex
from triage.codebase.index_build import _seal
from triage.codebase.index_file import VERSION, index_path, turn_round
from triage.domain.incoming import Kind
from triage.sources import parse_event
from triage.sources.incoming import incoming
from triage.store import open_store

FILES, LINES, TESTS = 10, 20_000, 50_000
STEP = 3
"""Frames that are gone at once: the next one alone would be open already, read ahead."""
FUNCTION = '''def function_{number}(items, rate=1.5):
    """What `items` cost together: a docstring
    over two lines."""
    total = 0
    for item in items:  # each of them
        if item.get("count", 0) > {number}:
            total += item["price"] * rate
    return total, "it's done", {{"number": {number}}}


'''


def big_file(marker: str) -> str:
    """Source of LINES lines; the line that fails, in the middle, names the marker."""
    pieces = [FUNCTION.format(number=number) for number in range(LINES // 10)]
    pieces[len(pieces) // 2] = pieces[len(pieces) // 2].replace("item[", f"{marker}[")
    return "".join(pieces)


def make(folder: Path) -> tuple[Path, Path]:
    """A repo with the files, and a store with one event through all of them."""
    repo = folder / "repo"
    repo.mkdir()
    frames = []
    for number in range(FILES):
        (repo / f"big_{number}.py").write_text(big_file(f"marked_{number}"))
        frames.append(
            {
                "filename": f"big_{number}.py",
                "function": f"function_{LINES // 20}",
                "lineno": LINES // 2 + 7,
                "in_app": True,
                "context_line": f'            total += marked_{number}["price"] * rate',
                "vars": {"total": "0", "rate": "1.5"},
            }
        )
    for words in (("init", "-q"), ("add", "."), ("commit", "-q", "-m", "big")):
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
        subprocess.run(["git", *who, *words], cwd=repo, check=True)
    event = {
        "event_id": "a" * 32,
        "timestamp": datetime.now(UTC).isoformat(),
        "platform": "python",
        "exception": {"values": [{"type": "KeyError", "value": "'price'", "stacktrace": {"frames": frames}}]},
    }
    raw = json.dumps(event).encode()
    store = folder / "triage.db"
    opened = open_store(str(store))
    opened.add_events([incoming(parse_event(raw, Kind.SDK), raw, Kind.SDK)])
    opened.close()
    return repo, store


def opening(folder: Path) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds from the key until the failing line of the next file can be read, those of
    processor time, and those of git for the same file."""
    repo, store = make(folder)
    start = (
        "from pathlib import Path; from triage.config import Config;"
        "from triage.services.workspace import Workspace; from triage.tui.app import TriageApp;"
        f"TriageApp(Workspace.open(Config(repo=Path({str(repo)!r}), store='sqlite:///{store}')),"
        "start_ingest=False).run()"
    )
    root = Path(__file__).resolve().parent.parent
    (folder / "home").mkdir()
    environment = {**os.environ, "TRIAGE_HOME": str(folder / "home"), "PYTHONPATH": str(root)}
    probe = Probe([sys.executable, "-c", start], 120, 40, environment)
    try:
        probe.until("KeyError")
        os.write(probe.fd, b"\r")
        probe.until(rf"total \+= marked_{FILES - 1}", 60)
        probe.until("inputs:", 120)
        probe.settle(0.5)
        took, spent, floor = [], [], []
        for number in range(FILES - 1 - STEP, -1, -STEP):
            used, begun = probe.processor(), time.perf_counter() - probe.started
            os.write(probe.fd, b"." * STEP)
            took.append((probe.until(rf"total \+= marked_{number}") - begun) * 1e3)
            spent.append((probe.processor() - used) * 1e3)
            probe.settle(0.5)
            started = time.perf_counter()
            subprocess.run(
                ["git", "cat-file", "blob", f"HEAD:big_{number}.py"], cwd=repo, capture_output=True, check=True
            )
            floor.append((time.perf_counter() - started) * 1e3)
    finally:
        probe.leave(b"\x11")
    return took, spent, floor


def looking(folder: Path, rounds: int = 500) -> tuple[list[float], list[float], float]:
    """Milliseconds to look up the tests of a line, those of processor time, and of coverage's API for one file."""
    rng = random.Random(11)
    repo = folder / "indexed"
    subprocess.run(["git", "init", "-q", str(repo)], check=True)
    data = index_path(repo)
    covering.write_data(data, TESTS, rng)
    turn_round(data, lambda path: path.removeprefix("/tree/"), {})
    _seal(data, {"version": VERSION, "commit": "c", "engine": "made up", "tests": str(TESTS)})
    index = CoverageIndex.open(repo)
    assert index is not None
    took, spent = [], []
    for _ in range(rounds):
        number, line = rng.randrange(1, covering.FILES + 1), rng.randrange(1, covering.LINES)
        if rng.random() < 0.5:
            number = rng.randrange(1, covering.BUSY + 1)
        started, used = time.perf_counter(), time.process_time()
        index.tests_of_line(f"pkg/m{number}.py", line, 50)
        took.append((time.perf_counter() - started) * 1e3)
        spent.append((time.process_time() - used) * 1e3)
    index.close()
    import coverage

    api = coverage.CoverageData(basename=str(data))
    api.read()
    started = time.perf_counter()
    api.contexts_by_lineno("/tree/pkg/m1.py")
    return took, spent, (time.perf_counter() - started) * 1e3


def rows() -> list[Row]:
    """The rows of the table."""
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as folder:
        opened, cpu, floor = opening(Path(folder))
        looked, looked_cpu, api = looking(Path(folder))
    middle, worst = statistics.median(opened), max(opened)
    p95 = percentile(looked, 0.95)
    return [
        Row(
            "20,000 lines of source open",
            f"{middle:.0f} ms",
            f"git cat-file {statistics.median(floor):.0f} ms",
            middle / statistics.median(floor),
            "100 ms",
            middle <= 100,
            cpu_met=statistics.median(cpu) <= 100,
        ),
        Row("  slowest, processor time", f"{worst:.0f} ms", f"cpu {statistics.median(cpu):.0f} ms"),
        Row(
            "tests of the cursor's line, p95",
            f"{p95:.2f} ms",
            f"coverage API, one file {api:.0f} ms",
            p95 / api,
            "5 ms",
            p95 <= 5,
            cpu_met=percentile(looked_cpu, 0.95) <= 5,
        ),
    ]


if __name__ == "__main__":
    print("\n".join([header(), *(row.line() for row in rows())]))
