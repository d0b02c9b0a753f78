"""How many crashes become a test that fails before the fix and passes after it, and how fast.

    python -m benchmarks.reproduce [--cases DIR] [--prepare] [--services] [--no-corpus] [--budget S]
                                   [--stack-only] [--capture] [--plain] [--out DIR] [NAME ...]

`--cases` holds prepared cases (`NAME/info.json` with repo, python, event, fix); `--prepare` makes those that
are missing from the corpus beside this repo. `--services` adds the services of this repo's tests, crashed
under the real SDK. Every case goes through the same service as `triage reproduce`. Prints one line a case:
verdict, after the fix, fidelity, entry, candidates, seconds, size of the inputs before and after minimising;
and in all the rate with its Wilson interval, by kind of entry and fidelity, and p50/p95 of the seconds. With
`--plain` each test is run again without triage, in plain pytest, on both trees. With `--stack-only` the event
is what a log would hold of it: the printed traceback, without any values. With `--capture` every driver and
service runs again with the capture hook switched on, and the event is what it sends then.
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
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from benchmarks.hooked import hooked_event
from benchmarks.stack_text import traceback_text
from benchmarks.table import Row, percentile
from triage.codebase.layout import import_roots
from triage.config import Config
from triage.domain.event import Event
from triage.domain.incoming import Kind
from triage.errors import TriageError
from triage.services.reproduce import Reproduction, reproduce
from triage.sources import parse_event
from triage.sources.files import read_event

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
KINDS = {
    "aiohttp_room": "http", "fastapi_book": "http", "flask_shop": "http", "starlette_stock": "http",
    "django_site": "http", "async_feed": "async", "cli_click": "cli", "threads_decorated": "thread",
    "import_settings": "import", "outside_http": "fault", "outside_session": "fault", "outside_sqlite": "fault",
    "orm_accounts": "database", "sqlite_worker": "database",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """One crash to reproduce. `entry` is how production came in, as the corpus names it."""

    name: str
    repo: Path
    python: str
    event: Path
    fix: str
    entry: str
    python_fixed: str = ""


@dataclass
class Line:
    """One case's outcome. `inputs` are characters of the call before and after minimising; `plain` pytest's
    exit codes on the buggy and the fixed tree."""

    name: str
    kind: str
    before: str = "NONE"
    after: str = "-"
    fidelity: str = ""
    entry: str = ""
    public: bool = False
    tried: int = 0
    seconds: float = 0.0
    inputs: tuple[int, int] | None = None
    assertion: str = ""
    why: str = ""
    plain: tuple[int, int] | None = None

    @property
    def good(self) -> bool:
        return self.before == "REPRODUCED" and self.after == "PASSES"

    def text(self) -> str:
        size = f"{self.inputs[0]:6} -> {self.inputs[1]:5} ch" if self.inputs else " " * 18
        access = ("public " if self.public else "private") if self.good else "       "
        plain = f" plain {self.plain[0]},{self.plain[1]}" if self.plain else ""
        about = self.assertion if self.good else self.why[:400]
        return (
            f"{self.name:34.34} {self.before:11} {self.after:11} {self.fidelity:9} {self.kind:8} {access} "
            f"{self.tried:5} tried {self.seconds:6.1f} s {size}{plain}  {self.entry}  ({about})"
        )


async def run_case(case: Case, budget: float, stack_only: bool, out: Path | None, plain: bool) -> Line:
    """Reproduce one case."""
    line = Line(case.name, case.entry)
    event = read_case(case.event, stack_only)
    started = time.monotonic()
    found: Reproduction | None = None
    async for item in reproduce(Config(repo=case.repo, python=case.python), event, case.fix, budget):
        if isinstance(item, Reproduction):
            found = item
    assert found is not None
    line.seconds = time.monotonic() - started
    line.fidelity, line.tried, line.why = found.fidelity, found.candidates_tried, found.why
    line.entry, line.public, line.inputs, line.assertion = (
        found.entry or "",
        found.public,
        found.inputs,
        found.assertion,
    )
    line.before = str(found.before.verdict) if found.before else "NONE"
    line.after = str(found.after.verdict) if found.after else "-"
    if found.test_source and out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{case.name}.py").write_text(f"# {found.test_path}::{found.test_name}\n{found.test_source}")
    if found.test_source and plain:
        line.plain = run_plain(case, found)
    return line


def read_case(path: Path, stack_only: bool) -> Event:
    """The event of a case; of its printed traceback alone when asked."""
    if not stack_only:
        return parse_event(path.read_bytes(), Kind.SDK)
    with tempfile.TemporaryDirectory() as work:
        log = Path(work) / "service.log"
        log.write_text("2026-11-20 10:00:00,123 ERROR worker: failed\n" + traceback_text(json.loads(path.read_bytes())))
        return read_event(log)


def run_plain(case: Case, found: Reproduction) -> tuple[int, int]:
    """Exit codes of plain pytest on both trees, without triage and without the repo's options."""
    codes = []
    for ref, python in (("HEAD", case.python), (case.fix, case.python_fixed or case.python)):
        with tempfile.TemporaryDirectory() as work:
            tree = Path(work) / "tree"
            subprocess.run(["git", "clone", "-q", str(case.repo), str(tree)], check=True)
            if ref != "HEAD":
                subprocess.run(["git", "checkout", "-q", ref], cwd=tree, check=True, capture_output=True)
            file = tree / str(found.test_path)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(found.test_source or "")
            paths = os.pathsep.join(str(tree / root) for root in import_roots(tree))
            command = [python, "-m", "pytest", "-q", "-o", "addopts=", str(found.test_path)]
            done = subprocess.run(
                command, cwd=tree, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, check=False
            )
            codes.append(done.returncode)
    return codes[0], codes[1]


def corpus_cases(folder: Path, names: Sequence[str], prepare: bool) -> Iterator[Case]:
    """The prepared cases; with `prepare` those of the corpus are made that are not there yet."""
    wanted = sorted(path.name for path in (CORPUS / "cases").glob("*")) if prepare else []
    for name in wanted:
        if (not names or name in names) and not (folder / name / "info.json").exists():
            command = [sys.executable, str(CORPUS / "prepare.py"), str(CORPUS / "cases" / name), str(folder / name)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{name}: cannot be prepared: {done.stderr.strip()[-200:]}", file=sys.stderr)
                continue
            (folder / name / "info.json").write_text(done.stdout)
    for file in sorted(folder.glob("*/info.json")):
        name = file.parent.name
        if names and name not in names:
            continue
        info = json.loads(file.read_text())
        told = CORPUS / "cases" / name / "case.json"
        entry = json.loads(told.read_text()).get("entry", "") if told.exists() else ""
        fixed = info.get("python_fixed", "")
        yield Case(
            name, Path(info["repo"]), info["python"], Path(info["event"]), info["fix"], entry or "library",
            fixed if fixed and Path(fixed).exists() else "",
        )  # fmt: skip


def hooked(case: Case, folder: Path) -> Case:
    """The case with the event that its driver sends when the capture hook is on; as it was when none comes.

    The driver lies in the corpus, else beside the case's event.
    """
    known = CORPUS / "cases" / case.name / "driver.py"
    driver = known if known.exists() else case.event.parent / "driver.py"
    try:
        event = hooked_event(driver, case.python, folder / "hooked" / case.name)
    except (ValueError, OSError, subprocess.SubprocessError) as error:
        print(f"{case.name}: no event with the hook: {error}", file=sys.stderr)
        return case
    return replace(case, event=event)


def service_cases(folder: Path, names: Sequence[str], hook: bool = False) -> Iterator[Case]:
    """The services of this repo's tests; one whose framework is not installed is left out."""
    capture = load_capture()
    for name in capture.names():
        if names and name not in names:
            continue
        home = folder / name
        home.mkdir()
        try:
            service = capture.build(name, home, sys.executable, hook)
        except subprocess.SubprocessError as error:
            print(f"{name}: does not crash here: {(getattr(error, 'stderr', b'') or b'')[-200:]!r}", file=sys.stderr)
            continue
        yield Case(name, service.repo, sys.executable, service.event, service.fix, KINDS.get(name, "function"))


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
    seconds = [line.seconds for line in lines if line.seconds] or [0.0]
    plain = [line for line in lines if line.plain is not None]
    agree = sum(line.plain == (1, 0) for line in plain)
    sizes = [line.inputs for line in good if line.inputs]
    told = [
        "",
        f"reproduced and passing on the fix   {rate(lines)}",
        f"reproduced                          {rate(lines, [line.before == 'REPRODUCED' for line in lines])}",
        f"through a public entry              {sum(line.public for line in good)} of {len(good)}",
    ]
    for title, key in (("by entry", "kind"), ("by fidelity", "fidelity")):
        for value in sorted({str(getattr(line, key)) for line in lines}):
            told.append(f"  {title} {value:20}  {rate([line for line in lines if getattr(line, key) == value])}")
    told.append(f"seconds: p50 {statistics.median(seconds):.1f}, p95 {percentile(seconds, 0.95):.1f}; load {load()}")
    if sizes:
        before, after = (statistics.median(item[at] for item in sizes) for at in (0, 1))
        told.append(f"characters of the call and its inputs, median: {before:.0f}, minimised {after:.0f}")
    if plain:
        told.append(f"plain pytest fails before and passes after: {agree} of {len(plain)}")
    return "\n".join(told)


def rate(lines: Sequence[Line], hits: Sequence[bool] | None = None) -> str:
    """`38 of 40 (95%, 95% interval 83% to 99%)`."""
    count = sum(hits if hits is not None else [line.good for line in lines])
    low, high = wilson(count, len(lines))
    return f"{count} of {len(lines)} ({count / max(len(lines), 1):.0%}, 95% interval {low:.0%} to {high:.0%})"


def load() -> str:
    return f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"


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


def main() -> int:
    """Returns 1 where there was nothing to measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--cases", type=Path, default=Path("/tmp/corpus"))
    parser.add_argument("--prepare", action="store_true")
    parser.add_argument("--services", action="store_true")
    parser.add_argument("--no-corpus", action="store_true")
    parser.add_argument("--budget", type=float, default=30.0)
    parser.add_argument("--stack-only", action="store_true")
    parser.add_argument("--capture", action="store_true")
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    lines: list[Line] = []
    with tempfile.TemporaryDirectory() as work:
        cases: list[Case] = []
        if not options.no_corpus:
            cases += corpus_cases(options.cases, options.names, options.prepare)
            cases = [hooked(case, Path(work)) for case in cases] if options.capture else cases
        if options.services or not cases:
            cases += service_cases(Path(work), options.names, options.capture)
        for case in cases:
            try:
                line = asyncio.run(run_case(case, options.budget, options.stack_only, options.out, options.plain))
            except TriageError as error:
                line = Line(case.name, case.entry, why=str(error))
            lines.append(line)
            print(line.text(), flush=True)
    print(report(lines))
    return 0 if lines else 1


if __name__ == "__main__":
    sys.exit(main())
