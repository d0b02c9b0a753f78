"""The app on 1,000,000 issues, beside a bare Textual hello-world on the same machine.

    python -m benchmarks.tui [STORE.db] [RUNS]

Without STORE one is seeded in a temporary folder (half a minute). Budgets (design, section 7):
first rows 1.5 x hello, 50 MB at that moment, a key while scrolling p50 8 ms and p95 16 ms, the
jump to the end 20 ms, nothing written while idle, quit within 200 ms. Runs of both alternate;
figures are medians. Wall times on a shared machine are noisy: look at the ratio and at `cpu`.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

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


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def main(arguments: Sequence[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="triage-bench-") as temporary:
        folder = Path(temporary)
        if arguments:
            store = Path(arguments[0]).resolve()
        else:
            from benchmarks.seed import seed

            store = folder / "issues.db"
            seed(store, 1_000_000)
        runs = int(arguments[1]) if len(arguments) > 1 else 5
        environment = {**os.environ, "TRIAGE_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
        # As an installed program starts: with compiled modules. The warm-up run writes them.
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "compiled")
        (folder / "home").mkdir()
        measure(hello(folder), app(store, folder), environment, runs)
    return 0


def measure(floor: list[str], ours: list[str], environment: dict[str, str], runs: int) -> None:
    paint: dict[str, list[float]] = {"hello": [], "triage": []}
    cpu: dict[str, list[float]] = {"hello": [], "triage": []}
    memory: dict[str, list[float]] = {"hello": [], "triage": []}
    keys: list[float] = []
    sizes: list[int] = []
    ends: list[float] = []
    quits: list[float] = []
    idle_bytes = 0
    idle_cpu: list[float] = []
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
                for _ in range(KEYS):
                    took, size = probe.press(b"j")
                    keys.append(took * 1e3)
                    sizes.append(size)
                probe.settle(0.5)
                ends.append(probe.press(b"G")[0] * 1e3)
                probe.settle(0.5)
                before, used, begun = probe.bytes, probe.processor(), time.perf_counter()
                while time.perf_counter() - begun < 3:
                    probe.pump(0.1)
                idle_bytes += probe.bytes - before
                idle_cpu.append((probe.processor() - used) / 3 * 100)
            left = probe.leave(b"\x11")
            if name == "triage" and run:
                quits.append(left * 1e3)
    middle = statistics.median
    ratio = middle(paint["triage"]) / middle(paint["hello"])
    work = middle(cpu["triage"]) / middle(cpu["hello"])
    rows = [
        (
            "first rows",
            f"{middle(paint['triage']):.0f} ms",
            f"hello {middle(paint['hello']):.0f} ms",
            f"{ratio:.2f} x",
            "1.5 x",
        ),
        (
            "  cpu until then",
            f"{middle(cpu['triage']):.0f} ms",
            f"hello {middle(cpu['hello']):.0f} ms",
            f"{work:.2f} x",
            "",
        ),
        ("memory then", f"{middle(memory['triage']):.1f} MB", f"hello {middle(memory['hello']):.1f} MB", "", "50 MB"),
        ("key, scrolling p50", f"{middle(keys):.1f} ms", f"{len(keys)} keys", "", "8 ms"),
        ("key, scrolling p95", f"{percentile(keys, 0.95):.1f} ms", f"max {max(keys):.1f} ms", "", "16 ms"),
        ("bytes a key", f"{middle(sizes):.0f}", "", "", ""),
        ("to the end", f"{middle(ends):.1f} ms", "", "", "20 ms"),
        ("idle", f"{idle_bytes} bytes", f"cpu {middle(idle_cpu):.2f} %", "", "0 bytes"),
        ("quit", f"{middle(quits):.0f} ms", f"max {max(quits):.0f} ms", "", "200 ms"),
    ]
    print(f"{'':22}{'triage':>12}  {'beside':<18}{'ratio':>8}  budget")
    for what, value, beside, times, budget in rows:
        print(f"{what:22}{value:>12}  {beside:<18}{times:>8}  {budget}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
