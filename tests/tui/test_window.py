"""The window over a store: right rows, little memory, places kept while events arrive."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tui.events import add, exception, sdk_event
from triage.config import Config
from triage.domain.issue import IssueQuery
from triage.services.workspace import Workspace
from triage.tui.window import KEPT, PAGE, IssueWindow

NUMBER = 700


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("window")
    workspace = Workspace.open(Config(repo=folder, store=f"sqlite:///{folder / 'x.db'}"))
    add(workspace, *(sdk_event(at, [exception("KeyError", str(at), [])]) for at in range(1, NUMBER + 1)))
    return workspace


def numbers(window: IssueWindow, first: int, last: int) -> list[str]:
    window.need(first, last)
    rows = [window.row(at) for at in range(first, min(last, len(window)))]
    return [row.title.partition(": ")[2] if row else "missing" for row in rows]


steps = st.lists(st.one_of(st.integers(0, NUMBER), st.sampled_from([-3, -40, 3, 40, 99, -99])), min_size=1, max_size=40)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=steps, counted=st.booleans())
def test_wherever_one_goes_the_rows_are_those_of_the_list(full: Workspace, steps: list[int], counted: bool) -> None:
    window = IssueWindow(full.store, IssueQuery())
    if counted:
        window.set_total(window.count())
    at = 0
    for step in steps:
        at = at + step if step < 0 or step in (3, 40, 99) else step
        at = max(0, min(at, len(window) - 1))
        shown = numbers(window, at, at + 30)
        assert shown == [str(number + 1) for number in range(at, min(at + 30, len(window)))]
        assert len(window.rows) <= KEPT + PAGE
    assert len(window) <= NUMBER


def test_the_end_is_reached_at_once(full: Workspace) -> None:
    window = IssueWindow(full.store, IssueQuery())
    window.end()
    assert len(window) == NUMBER
    assert numbers(window, NUMBER - 2, NUMBER) == ["699", "700"]
    assert len(window.rows) <= KEPT


def test_new_events_are_counted_and_move_nothing(workspace: Workspace) -> None:
    add(workspace, *(sdk_event(at, [exception("KeyError", str(at), [])]) for at in range(1, 301)))
    window = IssueWindow(workspace.store, IssueQuery())
    window.set_total(window.count())
    assert window.arrived() == 0
    before = numbers(window, 0, 50)
    add(workspace, sdk_event(0, [exception("KeyError", "new", [])]))
    assert window.arrived() == 1
    assert numbers(window, 0, 50) == before
    assert numbers(window, 100, 250) == [str(at) for at in range(101, 251)]
    assert "missing" not in numbers(window, 0, 300)


def test_rows_that_moved_up_are_not_shown_twice(workspace: Workspace) -> None:
    ids = add(workspace, *(sdk_event(at, [exception("KeyError", str(at), [])]) for at in range(1, 301)))
    window = IssueWindow(workspace.store, IssueQuery())
    window.set_total(window.count())
    workspace.store.resolve(ids[150:160])
    shown = [row.id for at in range(len(window)) if window.need(at, at + 1) or True if (row := window.row(at))]
    assert len(shown) == len(set(shown))


def test_an_empty_list_has_no_rows(tmp_path: Path) -> None:
    empty = Workspace.open(Config(repo=tmp_path, store=f"sqlite:///{tmp_path / 'x.db'}"))
    window = IssueWindow(empty.store, IssueQuery())
    window.end()
    assert len(window) == 0
    assert window.row(0) is None
    assert not window.need(0, 10)
