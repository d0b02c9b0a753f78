"""Quitting at once: nothing that we started outlives us, and nobody waits for it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Collection
from typing import NoReturn

SWEEPING = 0.05


def end_children(spare: Collection[int] = ()) -> None:
    """Kill every process below this one but those in `spare` (direct children)."""
    from triage.execution import children

    children.end_children(spare)


def children() -> frozenset[int]:
    """The direct children of this process."""
    from triage.execution.children import children as now

    return frozenset(now())


def clear_leftovers() -> None:
    """Remove the scratch folders of processes that are gone."""
    from triage import paths
    from triage.execution.scratch import clear_stale

    runs = paths.scratch_dir() / "runs"
    if runs.is_dir():
        clear_stale(runs)


def leave(code: int) -> NoReturn:
    """End this process now. Python would take a tenth of a second to tidy up what goes with the
    process anyway; what our own exit functions do not finish within SWEEPING seconds (folders
    of runs), the next start does. The last thing to call: stdout and stderr are flushed."""
    import atexit

    sweeping = threading.Thread(target=atexit._run_exitfuncs, daemon=True)
    sweeping.start()
    sweeping.join(SWEEPING)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue
    os._exit(code)
