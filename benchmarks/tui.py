"""The app on 1,000,000 issues, beside a bare Textual hello-world on the same machine.

    python -m benchmarks.tui [STORE.db] [RUNS]

Without STORE one is seeded in a temporary folder (half a minute). Budgets (design, section 7):
first rows 1.5 x hello, 50 MB at that moment, a key while scrolling p50 8 ms and p95 16 ms, the
jump to the end 20 ms, nothing written while idle, quit within 200 ms. Runs of both alternate;
figures are medians. The last run also stores 50 events a second into STORE for six
seconds, from another process. Wall times on a shared machine are noisy: look at the ratio and at `cpu`.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.table import Row, header, percentile
from benchmarks.tui_probe import Probe

ROOT = Path(__file__).resolve().parent.parent
HELLO = """
from textual.app import App
from textual.widgets import Static

class Hello(App):
    def compose(self):
        yield Static("hello world")

Hello().run()
"""
KEYS = 60
LIVE_KEYS = 100


def hello(folder: Path) -> list[str]:
    file = folder / "hello.py"
    file.write_text(HELLO)
    return [sys.executable, str(file)]


def app(store: Path, folder: Path) -> list[str]:
    start = (
        "import sys; from pathlib import Path; from triage.config import Config;"
        "from triage.services.workspace import Workspace; from triage.tui.app import TriageApp;"
        f"TriageApp(Workspace.open(Config(repo=Path({str(folder)!r}), store='sqlite:///{store}')),"
        "start_ingest=False).run()"
    )
    return [sys.executable, "-c", start]


def rows(store: Path | None = None, runs: int = 3) -> list[Row]:
    """The app's rows of the table; a store is seeded where none is given."""
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as temporary:
        folder = Path(temporary)
        if store is None:
            store = folder / "issues.db"
            # In a process of its own, so that this one stays small and quiet.
            subprocess.run([sys.executable, "-m", "benchmarks.seed", str(store), "1000000"], cwd=ROOT, check=True)
        environment = {**os.environ, "TRIAGE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        # As an installed program starts: with compiled modules. The warm-up run writes them.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        (folder / "home").mkdir()
        return measure(hello(folder), app(store, folder), environment, runs, store)


def main(arguments: Sequence[str]) -> int:
    store = Path(arguments[0]).resolve() if arguments else None
    found = rows(store, int(arguments[1]) if len(arguments) > 1 else 5)
    print("\n".join([header(), *(row.line() for row in found)]))
    return 0


def grouped(probe: Probe) -> float:
    """Seconds from the last key of "group by service" until the headings can be read."""
    probe.press(b"B")
    probe.press(b"serv")
    begun = time.perf_counter()
    os.write(probe.fd, b"\r")
    while "in 8 groups" not in probe.text() and time.perf_counter() - begun < 20:
        probe.pump(0.02)
    took = time.perf_counter() - begun
    probe.press(b"B")
    probe.press(b"none\r")
    probe.settle(0.5)
    return took


def arrivals(probe: Probe, store: Path, environment: Mapping[str, str]) -> tuple[int, float]:
    """How many of LIVE_KEYS keys did not arrive while another process stored 50 events a second,
    and how many events a second that were. The list is a snapshot: the same keys lead to the
    same row, with arrivals and without."""
    probe.press(b"g")
    begun = under_cursor(probe)
    rows = [begun]
    for _ in range(LIVE_KEYS):
        probe.press(b"j")
        rows.append(under_cursor(probe))
    probe.press(b"g")
    command = [sys.executable, str(ROOT / "tests/tui/writer.py"), f"sqlite:///{store}", "50", "6"]
    writer = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(environment))
    probe.settle(1.2)
    started = time.perf_counter()
    for _ in range(LIVE_KEYS):
        os.write(probe.fd, b"j")
        probe.pump(0.03)
    spent = time.perf_counter() - started
    said, _ = writer.communicate()
    probe.settle(0.6)
    here = under_cursor(probe)
    reached = max((at for at, row in enumerate(rows) if row == here), default=0)
    print(f"{LIVE_KEYS} keys in {spent:.1f} s beside {said.strip()}", file=sys.stderr)
    return LIVE_KEYS - reached, int(said.split()[1]) / 6


def under_cursor(probe: Probe) -> str:
    """The title of the row with the cursor."""
    return next((row[:60] for row in probe.text().splitlines() if row.startswith("▌")), "")


def measure(
    floor: list[str], ours: list[str], environment: dict[str, str], runs: int, store: Path | None = None
) -> list[Row]:
    paint: dict[str, list[float]] = {"hello": [], "triage": []}
    cpu: dict[str, list[float]] = {"hello": [], "triage": []}
    memory: dict[str, list[float]] = {"hello": [], "triage": []}
    keys: list[float] = []
    sizes: list[int] = []
    ends: list[float] = []
    quits: list[float] = []
    key_cpu: list[float] = []
    idle_bytes = 0
    idle_cpu: list[float] = []
    groups: list[float] = []
    live: tuple[int, float] | None = None
    for run in range(runs + 1):
        for name, command, pattern in (("hello", floor, "hello world"), ("triage", ours, "▌")):
            probe = Probe(command, 120, 36, environment)
            useful = probe.until(pattern)
            if run:  # the first warms the disk
                paint[name].append(useful * 1e3)
                cpu[name].append(probe.processor() * 1e3)
                memory[name].append(probe.memory())
            probe.settle(0.5)
            if name == "triage" and run:
                probe.press(b"j" * 30)
                spent = probe.processor()
                for _ in range(KEYS):
                    took, size = probe.press(b"j")
                    keys.append(took * 1e3)
                    sizes.append(size)
                key_cpu.append((probe.processor() - spent) / KEYS * 1e3)
                probe.settle(0.5)
                ends.append(probe.press(b"G")[0] * 1e3)
                probe.settle(0.5)
                before, used, begun = probe.bytes, probe.processor(), time.perf_counter()
                while time.perf_counter() - begun < 2:
                    probe.pump(0.1)
                idle_bytes += probe.bytes - before
                idle_cpu.append((probe.processor() - used) / 2 * 100)
                groups.append(grouped(probe) * 1e3)
                if run == runs and store is not None:
                    live = arrivals(probe, store, environment)
            left = probe.leave(b"\x11")
            if name == "triage" and run:
                quits.append(left * 1e3)
    middle = statistics.median
    ratio = middle(paint["triage"]) / middle(paint["hello"])
    work = middle(cpu["triage"]) / middle(cpu["hello"])
    rows_ms, hello_ms = middle(paint["triage"]), middle(paint["hello"])
    p50, p95, end = middle(keys), percentile(keys, 0.95), middle(ends)
    weight = middle(memory["triage"])
    return [
        Row(
            "first rows on screen",
            f"{rows_ms:.0f} ms",
            f"hello Textual {hello_ms:.0f} ms",
            ratio,
            "1.50 x",
            ratio <= 1.5,
            cpu_met=work <= 1.5,
        ),
        Row(
            "  processor time until then",
            f"{middle(cpu['triage']):.0f} ms",
            f"hello Textual {middle(cpu['hello']):.0f} ms",
            work,
        ),
        Row(
            "memory at that moment",
            f"{weight:.1f} MB",
            f"hello Textual {middle(memory['hello']):.1f} MB",
            weight / middle(memory["hello"]),
            "50 MB",
            weight <= 50,
        ),
        Row("key to repaint, scrolling, p50", f"{p50:.1f} ms", f"{len(keys)} keys", None, "8 ms", p50 <= 8),
        Row("key to repaint, scrolling, p95", f"{p95:.1f} ms", f"max {max(keys):.1f} ms", None, "16 ms", p95 <= 16),
        Row("  processor time a key", f"{middle(key_cpu):.1f} ms"),
        Row("bytes a key", f"{middle(sizes):.0f}", f"max {max(sizes)}", None, "6000", middle(sizes) <= 6_000),
        Row("jump to the end", f"{end:.1f} ms", "", None, "20 ms", end <= 20),
        Row("group by service, key to headings", f"{middle(groups):.0f} ms", "1,000,000 issues"),
        *(
            [
                Row(
                    f"keys lost of {LIVE_KEYS}, events arriving",
                    str(live[0]),
                    f"{live[1]:.0f} events/s stored",
                    None,
                    "0 at 50/s",
                    live[0] == 0,
                )
            ]
            if live is not None
            else []
        ),
        Row("idle, 2 s", f"{idle_bytes} bytes", f"cpu {middle(idle_cpu):.2f} %", None, "0 bytes", idle_bytes == 0),
        Row("quit", f"{middle(quits):.0f} ms", f"max {max(quits):.0f} ms", None, "200 ms", middle(quits) <= 200),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
