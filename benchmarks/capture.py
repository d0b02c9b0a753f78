"""What the capture hook costs a service per error, beside what sentry-sdk itself spends on the event.

    python -m benchmarks.capture

Three errors: of a plain function, of an order with 200 rows in a stack of 12, and one whose
objects are far larger than the budget. Times are processor time of the raising thread.
"""

import datetime
import gc
import importlib.util
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from types import ModuleType
from typing import Any

from benchmarks.table import Row, header, percentile

HOOK = Path(__file__).resolve().parent.parent / "triage" / "inside" / "capture_hook.py"
ROUNDS = 30


class Order:
    """An object of a service."""

    def __init__(self, rows: int) -> None:
        self.number = "A-1"
        self.placed = datetime.datetime(2024, 1, 1, tzinfo=datetime.UTC)
        self.rows = [{"sku": f"A{at}", "price": Decimal("1.50"), "tags": {"a", at}} for at in range(rows)]

    def total(self, depth: int) -> Decimal:
        """Fails below `depth` calls."""
        price = self.rows[0]["price"]
        assert isinstance(price, Decimal)
        return self.total(depth - 1) if depth else Decimal(depth // depth)


def plain(amount: int, rate: float) -> float:
    return amount / (rate - rate)


ERRORS: dict[str, Callable[[], object]] = {
    "a plain function": lambda: plain(3, 0.5),
    "200 rows, 12 frames": lambda: Order(200).total(12),
    "far over the budget": lambda: Order(60_000).total(3),
}


def load_hook() -> ModuleType:
    spec = importlib.util.spec_from_file_location("triage_capture", HOOK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module._SETTINGS["per_minute"] = 1_000_000
    return module


def caught(make: Callable[[], object]) -> ZeroDivisionError:
    """The error, raised through no other frame of ours."""
    try:
        make()
    except ZeroDivisionError as error:
        return error
    raise AssertionError("no error")


def spent(make: Callable[[], object], hook: ModuleType | None) -> tuple[list[float], int]:
    """Milliseconds per error for what builds the event, and the bytes of the capture."""
    import sentry_sdk
    from sentry_sdk.transport import Transport

    class Nowhere(Transport):
        def capture_envelope(self, envelope: Any) -> None:
            pass

    events: list[Any] = []

    def keep(event: Any, hint: Any) -> None:
        events.append(event)

    processors = [hook.process] if hook else []
    sentry_sdk.init(dsn="http://public@127.0.0.1:9/1", transport=Nowhere, default_integrations=False, before_send=keep)
    took = []
    for _ in range(ROUNDS):
        with sentry_sdk.new_scope() as scope:
            for processor in processors:
                scope.add_event_processor(processor)
            error = caught(make)
            gc.collect()  # what making the objects of the example owes is not the hook's
            started = time.thread_time()
            sentry_sdk.capture_exception(error)
            took.append(1000 * (time.thread_time() - started))
    pages = [item for name, item in events[-1]["contexts"].items() if name.split()[0] == "triage"]
    return took, len(json.dumps(pages)) if pages else 0


def rows() -> list[Row]:
    """The table's rows."""
    hook = load_hook()
    found: list[Row] = []
    for name, make in ERRORS.items():
        beside, _ = spent(make, None)
        took, size = spent(make, hook)
        extra = max(statistics.median(took) - statistics.median(beside), 0.0)
        worst = max(percentile(took, 0.95) - statistics.median(beside), 0.0)
        floor = statistics.median(beside)
        found.append(
            Row(
                f"capture hook: {name}",
                f"{extra:.1f} ms",
                f"sentry-sdk itself {floor:.1f} ms",
                extra / floor,
                "40 ms (p95)",
                worst <= 50,
            )
        )
        found.append(Row("  its bytes in the event", f"{size / 1000:.1f} kB", "", None, "120 kB", size <= 120_000))
    command = [sys.executable, "-X", "importtime", str(HOOK)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()
    started = time.perf_counter()
    load_hook()
    again = 1000 * (time.perf_counter() - started)
    found.append(Row("  while there is no error", "nothing runs", f"import once {again:.1f} ms, {len(lines)} modules"))
    return found


if __name__ == "__main__":
    print(header())
    for row in rows():
        print(row.line())
