"""One line of the table of budgets, and how the table looks."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

WIDTHS = (34, 14, 32, 8, 12)


@dataclass(frozen=True, slots=True)
class Row:
    """`floor` names what was measured beside it in the same run; `met` is None where nothing is owed.

    `cpu_met` says that the processor time alone would meet a budget that wall time missed: what a
    machine shared with other work still can tell.
    """

    what: str
    measured: str
    floor: str = ""
    ratio: float | None = None
    budget: str = ""
    met: bool | None = None
    cpu_met: bool = False

    def line(self) -> str:
        verdict = {None: "", True: "yes", False: "cpu alone" if self.cpu_met else "NO"}[self.met]
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} x"
        return _line((self.what, self.measured, self.floor, ratio, self.budget), verdict)


def header() -> str:
    """The table's first line."""
    return _line(("", "triage", "beside", "ratio", "budget"), "met?")


def dump(rows: Iterable[Row]) -> str:
    """Rows as JSON, for the process that prints the table."""
    return json.dumps([asdict(row) for row in rows])


def load(text: str) -> list[Row]:
    """What `dump` wrote."""
    return [Row(**item) for item in json.loads(text)]


def machine() -> str:
    """What else to know about the figures."""
    return f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of the values lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def _line(cells: Sequence[str], verdict: str) -> str:
    padded = [f"{cell:<{width}}" for cell, width in zip(cells, WIDTHS, strict=True)]
    return " ".join([*padded, verdict]).rstrip()
