"""How many crashes become a test that fails before the fix and passes after it, and how fast.

    python -m benchmarks.reproduce [--cases DIR] [--budget S] [--out DIR] [--stack-only] [NAME ...]

`--cases` holds prepared cases (`NAME/info.json` with repo, python, event, fix). Prints one line a
case and the rate with its Wilson interval, by entry, and p50/p95 of the seconds. With `--plain`
each test is run again without triage, in plain pytest, on both trees. With `--stack-only` the
event is what a log would hold of it: the printed traceback, without any values.
"""

import argparse
import asyncio
import importlib.util
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

from benchmarks.stack_text import traceback_text
from benchmarks.table import Row, percentile
from triage.codebase.interpreter import find_interpreter
from triage.codebase.layout import import_roots, nearest_test_file, test_folders
from triage.codebase.locate import locate_fast
from triage.config import Config
from triage.domain.event import Event
from triage.domain.expected import expected_failure
from triage.domain.fidelity import grade
from triage.domain.incoming import Kind
from triage.domain.judge import judge_after, judge_before
from triage.drafting.replay import ReplayRequest, ReplayResult, replay
from triage.errors import TriageError
from triage.execution.sandbox import best_tier
from triage.services.reproduce import Reproduction, reproduce
from triage.sources import parse_event
from triage.sources.files import read_event


@dataclass
class Line:
    """One case's outcome. `plain` are pytest's exit codes on the buggy and the fixed tree."""

    name: str
    before: str = "NONE"
    after: str = "-"
    fidelity: str = ""
    entry: str = ""
    public: bool = False
    tried: int = 0
    seconds: float = 0.0
    size: int = 0
    why: str = ""
    plain: tuple[int, int] | None = None

    @property
    def good(self) -> bool:
        return self.before == "REPRODUCED" and self.after == "PASSES"


def read_case(path: Path, stack_only: bool) -> Event:
    """The event of a case; of its printed traceback alone when asked."""
    if not stack_only:
        return parse_event(path.read_bytes(), Kind.SDK)
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "service.log"
        log.write_text("2026-11-20 10:00:00,123 ERROR worker: failed\n" + traceback_text(json.loads(path.read_bytes())))
        return read_event(log)


async def run_case(folder: Path, budget: float, out: Path | None, stack_only: bool = False) -> Line:
    """Reproduce one prepared case."""
    info = json.loads((folder / "info.json").read_text())
    repo = Path(info["repo"])
    line = Line(folder.name)
    started = time.monotonic()
    event = read_case(Path(info["event"]), stack_only)
    line.fidelity = grade(event)[0].value
    code_path = await locate_fast(repo, event)
    expected = expected_failure(event, code_path)
    if expected is None or code_path.commit is None:
        line.why = "; ".join(code_path.warnings) or "no frame lies in the checkout"
        return line
    interpreter = await find_interpreter(repo, info["python"])
    crash = code_path.crash
    request = ReplayRequest(
        event=event,
        code_path=code_path,
        expected=expected,
        repo=repo,
        commit=code_path.commit,
        interpreter_path=interpreter.path,
        interpreter_roots=tuple(dict.fromkeys((interpreter.prefix, interpreter.base_prefix, interpreter.purelib))),
        import_roots=import_roots(repo),
        tier=best_tier(),
        nearest_test=nearest_test_file(repo, crash.path if crash and crash.path else ""),
        test_folders=test_folders(repo),
        budget_seconds=budget,
        fix_commit=info["fix"],
    )
    result: ReplayResult | None = None
    async for item in replay(request):
        if isinstance(item, ReplayResult):
            result = item
    assert result is not None
    line.seconds = time.monotonic() - started
    line.tried, line.entry, line.public, line.why = (
        result.candidates_tried,
        result.entry or "",
        result.public,
        result.why,
    )
    if result.test_source and result.before is not None:
        line.before = str(judge_before(expected, result.before).verdict)
        line.after = str(judge_after(expected, result.after).verdict) if result.after else "-"
        line.size = len(result.test_source)
        if out is not None:
            out.mkdir(parents=True, exist_ok=True)
            (out / f"{folder.name}.py").write_text(f"# {result.test_path}::{result.test_name}\n{result.test_source}")
            line.plain = run_plain(repo, info, result)
    return line


def run_plain(repo: Path, info: dict[str, str], result: ReplayResult) -> tuple[int, int]:
    """Exit codes of plain pytest on both trees, without triage and without the repo's options."""
    codes = []
    for ref in ("HEAD", info["fix"]):
        with tempfile.TemporaryDirectory() as work:
            tree = Path(work) / "tree"
            subprocess.run(["git", "clone", "-q", str(repo), str(tree)], check=True)
            if ref != "HEAD":
                subprocess.run(["git", "checkout", "-q", ref], cwd=tree, check=True, capture_output=True)
            file = tree / str(result.test_path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(result.test_source or "")
            paths = os.pathsep.join(str(tree / root) for root in import_roots(tree))
            command = [info["python"], "-m", "pytest", "-q", "-o", "addopts=", str(result.test_path)]
            done = subprocess.run(
                command, cwd=tree, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False
            )
            codes.append(done.returncode)
    return codes[0], codes[1]


def wilson(good: int, total: int) -> tuple[float, float]:
    """The 95% Wilson interval of a rate."""
    if not total:
        return 0.0, 0.0
    z, rate = 1.96, good / total
    centre = (rate + z * z / (2 * total)) / (1 + z * z / total)
    spread = z * math.sqrt(rate * (1 - rate) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return max(centre - spread, 0.0), min(centre + spread, 1.0)


def report(lines: Sequence[Line]) -> str:
    """The table's last lines."""
    good = [line for line in lines if line.good]
    low, high = wilson(len(good), len(lines))
    seconds = sorted(line.seconds for line in lines if line.seconds) or [0.0]
    p95 = seconds[min(len(seconds) - 1, math.ceil(len(seconds) * 0.95) - 1)]
    public = sum(line.public for line in good)
    plain = [line for line in lines if line.plain is not None]
    agree = sum(line.plain == (1, 0) for line in plain)
    return (
        f"{len(good)} of {len(lines)} reproduced and passing on the fix ({len(good) / max(len(lines), 1):.0%}, "
        f"95% interval {low:.0%} to {high:.0%}); public entry {public} of {len(good)}; "
        f"seconds p50 {statistics.median(seconds):.1f}, p95 {p95:.1f}; plain pytest agrees {agree} of {len(plain)}"
    )


SERVICES = Path(__file__).resolve().parent.parent / "tests" / "e2e" / "replay_services"
CHOSEN = ("objects_cart", "sqlite_worker", "clock_invoice", "async_feed", "stateful_parser", "starlette_stock")


async def reproduced(repo: Path, event: Path, fix: str) -> tuple[float, str]:
    """Seconds of the whole service, as `triage reproduce` calls it, and the test's source ("" for none)."""
    config = Config(repo=repo, python=sys.executable)
    started = time.perf_counter()
    async for item in reproduce(config, parse_event(event.read_bytes(), Kind.SDK), fix):
        if isinstance(item, Reproduction):
            return time.perf_counter() - started, item.test_source if item.succeeded and item.test_source else ""
    raise AssertionError("no result")


def load_capture() -> ModuleType:
    """What crashes our test services under the real SDK."""
    spec = importlib.util.spec_from_file_location("replay_capture", SERVICES / "capture.py")
    assert spec is not None
    assert spec.loader is not None
    capture = importlib.util.module_from_spec(spec)
    sys.modules["replay_capture"] = capture
    spec.loader.exec_module(capture)
    return capture


def rows() -> list[Row]:
    """The table's rows: our test services, crashed under the real SDK, each with a fix to prove.

    Warm: one of them goes first uncounted, which starts Python, sandbox and compiled modules.
    """
    capture = load_capture()
    seconds: list[float] = []
    plain: list[float] = []
    failed: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        os.environ["TRIAGE_HOME"] = str(Path(name) / "triage")
        for turn, chosen in enumerate((CHOSEN[0], *CHOSEN)):
            folder = Path(name) / f"{turn}-{chosen}"
            folder.mkdir()
            service = capture.build(chosen, folder, sys.executable)
            took, source = asyncio.run(reproduced(service.repo, service.event, service.fix))
            if turn:
                seconds.append(took)
                plain += [pytest_alone(service.repo, Path(name) / "compiled")] if turn <= 3 else []
                failed += [] if source else [chosen]
    p50, p95, beside = statistics.median(seconds), percentile(seconds, 0.95), statistics.median(plain)
    return [
        Row(
            "event to verified test, p50",
            f"{p50:.1f} s",
            f"plain pytest of the repo {beside:.1f} s",
            p50 / beside,
            "3 s",
            p50 <= 3,
        ),
        Row("event to verified test, p95", f"{p95:.1f} s", f"of {len(seconds)}", None, "10 s", p95 <= 10),
        Row(
            "  reproduced, and passes on the fix", f"{len(seconds) - len(failed)} of {len(seconds)}", ", ".join(failed)
        ),
    ]


def pytest_alone(repo: Path, compiled: Path) -> float:
    """Seconds of plain pytest over a repo, with compiled modules kept in `compiled`."""
    around = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    around["PYTHONPATH"] = os.pathsep.join(str(repo / root) for root in import_roots(repo))
    around["PYTHONPYCACHEPREFIX"] = str(compiled)
    started = time.perf_counter()
    subprocess.run([sys.executable, "-m", "pytest", "-q"], cwd=repo, env=around, capture_output=True, check=False)
    return time.perf_counter() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cases", type=Path, default=Path("/tmp/corpus"))
    parser.add_argument("--budget", type=float, default=30.0)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--stack-only", action="store_true", help="keep the printed traceback, drop the values")
    arguments = parser.parse_args()
    folders = sorted(path.parent for path in arguments.cases.glob("*/info.json"))
    chosen = [folder for folder in folders if not arguments.names or folder.name in arguments.names]
    lines = []
    for folder in chosen:
        try:
            line = asyncio.run(run_case(folder, arguments.budget, arguments.out, arguments.stack_only))
        except TriageError as error:
            line = Line(folder.name, why=str(error))
        lines.append(line)
        plain = f" plain {line.plain}" if line.plain else ""
        print(
            f"{line.name:36.36} {line.before:10} {line.after:10} {line.fidelity:9} {line.tried:4} tried "
            f"{line.seconds:5.1f} s "
            f"{line.size:5} B {'public ' if line.public else 'private'} {line.entry}{plain} {line.why[:600]}",
            flush=True,
        )
    print(report(lines))
    sys.exit(0)


if __name__ == "__main__":
    main()
