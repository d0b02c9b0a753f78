"""Ask which ref has the fix of an issue, and remember it while the app runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.tui.screens.base import TriageScreen


def choose_fix(screen: TriageScreen, issue_id: int, then: Callable[[str], object]) -> None:
    """`then` is called with the ref ("" for none) unless the user leaves it."""
    from triage.tui.screens.fix import FixScreen

    fixes = screen.triage.fixes

    def chosen(ref: str | None) -> None:
        if ref is not None:
            fixes[issue_id] = ref
            then(ref)

    screen.app.push_screen(FixScreen(issue_id, fixes.get(issue_id)), chosen)
