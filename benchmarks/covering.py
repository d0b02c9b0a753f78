"""Covering tests of a traceback at 50,000 tests, beside coverage's own API on the same data."""

import argparse
import datetime
import json
import random
import sqlite3
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.table import Row
from triage.codebase.coverage_index import CoverageIndex
from triage.codebase.index_build import _seal
from triage.codebase.index_file import VERSION, index_path, turn_round
from triage.domain.code_path import CodePath, LocatedFrame, Match
from triage.domain.event import Frame

SCHEMA = """
CREATE TABLE coverage_schema (version integer);
CREATE TABLE meta (key text, value text, unique (key));
CREATE TABLE file (id integer primary key, path text, unique (path));
CREATE TABLE context (id integer primary key, context text, unique (context));
CREATE TABLE line_bits (file_id integer, context_id integer, numbits blob, unique (file_id, context_id));
CREATE TABLE arc (file_id integer, context_id integer, fromno integer, tono integer,
    unique (file_id, context_id, fromno, tono));
CREATE TABLE tracer (file_id integer primary key, tracer text);
INSERT INTO coverage_schema VALUES (7);
INSERT INTO meta VALUES ('has_arcs', '0');
"""
FILES, BUSY, LINES, FUNCTION = 600, 6, 400, 20


def write_data(file: Path, tests: int, rng: random.Random) -> None:
    """Coverage data as a large suite leaves it: every test runs much of the busy files, in one
    of some hundred ways, and some functions of a few others."""
    connection = sqlite3.connect(file)
    connection.executescript(SCHEMA)
    connection.executemany("INSERT INTO file VALUES (?, ?)", [(n, f"/tree/pkg/m{n}.py") for n in range(1, FILES + 1)])
    busy = [[functions(rng, 12) for _ in range(150)] for _ in range(BUSY)]
    names = ((n, f"tests/test_{n // 20}.py::test_{n}") for n in range(1, tests + 1))
    connection.executemany("INSERT INTO context VALUES (?, ?)", names)

    def rows():  # type: ignore[no-untyped-def]
        for test in range(1, tests + 1):
            for number in range(BUSY):
                yield number + 1, test, rng.choice(busy[number])
            near = rng.randrange(BUSY + 1, FILES + 1)
            for number in {min(near + rng.randrange(12), FILES) for _ in range(6)}:
                yield number, test, functions(rng, 3)

    connection.executemany("INSERT INTO line_bits VALUES (?, ?, ?)", rows())
    connection.commit()
    connection.close()


def functions(rng: random.Random, count: int) -> bytes:
    bits = 0
    for _ in range(count):
        start = rng.randrange(LINES // FUNCTION) * FUNCTION
        for line in range(start + 1, start + rng.randrange(4, FUNCTION)):
            bits |= 1 << line
    return bits.to_bytes((bits.bit_length() + 7) // 8, "little")


def code_path(rng: random.Random, frames: int) -> CodePath:
    """A traceback: the outer half in the busy files, the inner half anywhere."""
    located = []
    for depth in range(frames):
        number = rng.randrange(1, BUSY + 1) if depth < frames // 2 else rng.randrange(1, FILES + 1)
        start = rng.randrange(LINES // FUNCTION) * FUNCTION
        line = start + rng.randrange(2, FUNCTION)
        path = f"pkg/m{number}.py"
        located.append(
            LocatedFrame(
                Frame(path, f"f{start}", line),
                path,
                Match.EXACT,
                f"f{start}",
                line,
                line,
                function_lines=(start + 1, start + FUNCTION),
                head_path=path,
            )
        )
    return CodePath(tuple(located), commit="c", head="c")


def measure(tests: int = 50_000, rounds: int = 300) -> dict[str, float]:
    """Seconds to build, and milliseconds of a look-up of 20 frames: ours, and coverage's API for
    one busy file (what a tool without an index of its own would ask)."""
    rng = random.Random(7)
    with tempfile.TemporaryDirectory() as folder:
        repo = Path(folder)
        subprocess.run(["git", "init", "-q", folder], check=True)
        data = index_path(repo)
        started = time.perf_counter()
        write_data(data, tests, rng)
        written = time.perf_counter() - started
        started = time.perf_counter()
        turn_round(data, lambda path: path.removeprefix("/tree/"), {})
        _seal(data, {"version": VERSION, "commit": "c", "engine": "made up", "tests": str(tests)})
        turned = time.perf_counter() - started
        opening = []
        looking = []
        working = []
        for _ in range(rounds):
            asked = code_path(rng, 20)
            started = time.perf_counter()
            index = CoverageIndex.open(repo)
            opening.append(time.perf_counter() - started)
            assert index is not None
            started, worked = time.perf_counter(), time.process_time()
            index.covering(asked)
            looking.append(time.perf_counter() - started)
            working.append(time.process_time() - worked)
            index.close()
        warm = []
        index = CoverageIndex.open(repo)
        assert index is not None
        for _ in range(rounds):
            asked = code_path(rng, 20)
            started = time.perf_counter()
            index.covering(asked)
            warm.append(time.perf_counter() - started)
        index.close()
        import coverage

        api = coverage.CoverageData(basename=str(data))
        api.read()
        started = time.perf_counter()
        api.contexts_by_lineno("/tree/pkg/m1.py")
        beside = time.perf_counter() - started
        size = data.stat().st_size
    return {
        "tests": tests,
        "written_s": round(written, 1),
        "turned_round_s": round(turned, 1),
        "size_mb": round(size / 1e6, 1),
        "open_ms_p95": _ms(opening),
        "cold_ms_p50": round(statistics.median(looking) * 1e3, 2),
        "cold_ms_p95": _ms(looking),
        "cold_cpu_ms_p95": _ms(working),
        "warm_ms_p95": _ms(warm),
        "coverage_api_one_file_ms": round(beside * 1e3, 1),
    }


def rows() -> list[Row]:
    """The look-up's row of the table."""
    found = measure()
    cold, cpu, api = found["cold_ms_p95"], found["cold_cpu_ms_p95"], found["coverage_api_one_file_ms"]
    return [
        Row(
            "covering tests of a traceback, p95",
            f"{cold:.1f} ms",
            f"coverage API, one file {api:.0f} ms",
            cold / api,
            "5 ms",
            cold <= 5,
            cpu_met=cpu <= 5,
        ),
        Row("  processor time, p95", f"{cpu:.1f} ms", "50,000 tests, 20 frames"),
        Row("  p50", f"{found['cold_ms_p50']:.1f} ms"),
    ]


def _ms(seconds: list[float]) -> float:
    return round(sorted(seconds)[int(len(seconds) * 0.95)] * 1e3, 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", type=int, default=50_000)
    figures = measure(parser.parse_args().tests)
    print(json.dumps({"when": datetime.date.today().isoformat(), **figures}))
