"""Groups, orders and views of the inbox, as somebody on call uses them."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tui.events import add, exception, sdk_event
from tests.tui.stories import no_longer_sees, opened, screen_text, sees, until
from triage.commands.listing import listed
from triage.config import Config
from triage.domain.issue import GROUPS, IssueQuery, field_of, within
from triage.services.workspace import Workspace
from triage.tui.app import TriageApp
from triage.tui.grouped_window import GroupedWindow, open_window
from triage.tui.screens.inbox import InboxScreen
from triage.tui.window import IssueWindow

RELEASES = ("shop@1.9.0", "shop@1.10.0", None)


def varied(workspace: Workspace, number: int) -> list[int]:
    """Issues of three releases and two levels; every seventh is Ana's."""
    events = [
        sdk_event(
            at,
            [exception("KeyError", f"'sku-{at}'", [])],
            release=RELEASES[at % 3],
            level="warning" if at % 4 == 0 else "error",
        )
        for at in range(1, number + 1)
    ]
    ids = add(workspace, *events)
    workspace.store.assign(ids[::7], "ana")
    return ids


def inbox(app: TriageApp) -> InboxScreen:
    assert isinstance(app.screen, InboxScreen)
    return app.screen


async def test_issues_are_grouped_under_headings_with_counts(app: TriageApp, workspace: Workspace) -> None:
    varied(workspace, 12)
    async with opened(app) as pilot:
        await sees(pilot, "12 issues")
        await pilot.press("B", *"release", "enter")
        await sees(pilot, "shop@1.10.0  4 issues", "shop@1.9.0  4 issues", "no release  4 issues", "in 3 groups")
        headings = [text for text in screen_text(app).splitlines() if "4 issues" in text]
        assert ["1.10" in headings[0], "1.9" in headings[1], "no release" in headings[2]] == [True] * 3
        await pilot.press("right_curly_bracket")
        await sees(pilot, "folds or unfolds the group")
        await pilot.press("enter")
        await no_longer_sees(pilot, "'sku-3'")
        await pilot.press("F")
        await until(pilot, lambda: len(inbox(app).issues.window or ()) == 3)
        assert inbox(app).issues.group is not None
        await pilot.press("F", "g", "j")
        await sees(pilot, "'sku-1'")
        assert inbox(app).issues.issue is not None


async def test_keys_act_on_issues_and_say_so_on_headings(app: TriageApp, workspace: Workspace) -> None:
    varied(workspace, 9)
    async with opened(app) as pilot:
        await pilot.press("B", *"level", "enter")
        await sees(pilot, "in 2 groups")
        await pilot.press("x")
        await sees(pilot, "resolve: no issue here")
        await pilot.press("space")
        await sees(pilot, "7 marked")
        await pilot.press("x")
        await sees(pilot, "resolved 7 issues", "2 issues in 1 group")
        await pilot.press("z")
        await sees(pilot, "9 issues in 2 groups")
        await pilot.press("j", "x")
        await sees(pilot, "8 issues in 2 groups")


async def test_sorting_is_chosen_by_name(app: TriageApp, workspace: Workspace) -> None:
    varied(workspace, 6)
    async with opened(app) as pilot:
        await sees(pilot, "6 issues")
        await pilot.press("S", *"worst", "enter")
        await sees(pilot, "by level", "sorted by level")
        issues = inbox(app).issues
        assert issues.window is not None
        shown = [issues.window.row(at) for at in range(6)]
        assert [issue.level for issue in shown if issue] == ["error"] * 5 + ["warning"]
        await pilot.press("S", *"title", "enter")
        await sees(pilot, "by title")
        titles = [issue.title for at in range(6) if (issue := issues.window.row(at))]
        assert titles == sorted(titles)


async def test_views_of_the_configuration_are_on_brackets_in_the_palette_and_in_a_list(
    repo: Path, tmp_path: Path
) -> None:
    views = {"warnings by release": "level:warning group:release", "ana's": "assigned:an sort:count"}
    workspace = Workspace.open(Config(repo=repo, store=f"sqlite:///{tmp_path / 'v.db'}", views=views))
    varied(workspace, 12)
    app = TriageApp(workspace, start_ingest=False)
    async with opened(app, (160, 36)) as pilot:
        await sees(pilot, "12 issues", "ana's")
        await pilot.press("left_square_bracket")
        await sees(pilot, "2 issues by count")
        await pilot.press("left_square_bracket")
        await sees(pilot, "3 issues in 3 groups")
        await pilot.press("V", *"resolved", "enter")
        await sees(pilot, "12 issues")
        await pilot.press("colon", *"ana's", "enter")
        await sees(pilot, "2 issues by count")


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("groups")
    workspace = Workspace.open(Config(repo=folder, store=f"sqlite:///{folder / 'x.db'}"))
    varied(workspace, 400)
    return workspace


steps = st.lists(st.one_of(st.integers(0, 420), st.sampled_from([-3, 3, 40, -40])), min_size=1, max_size=25)
folds = st.lists(st.integers(0, 3), max_size=3)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(group=st.sampled_from(GROUPS), sort=st.sampled_from(("last_seen", "count", *GROUPS)), steps=steps, folds=folds)
def test_wherever_one_goes_rows_and_headings_are_those_of_the_groups(
    full: Workspace, group: str, sort: str, steps: list[int], folds: list[int]
) -> None:
    query = IssueQuery(status=None, group=group, sort=sort)
    window = open_window(full.store, query)
    assert isinstance(window, GroupedWindow)
    folded = {window.groups[at].value for at in folds if at < len(window.groups)}
    for item in window.groups:
        window.fold(item, item.value in folded)
    expected: list[str] = []
    for item in window.groups:
        expected.append(f"= {item.value}")
        if item.value not in folded:
            part = within(replace(query, group=""), group, item.value)
            expected += [issue.title for issue in listed(full, part, 500)]
    assert len(window) == len(expected)
    assert window.number == 400
    at = 0
    for step in steps:
        at = max(0, min(at + step if step in (-3, 3, 40, -40) else step, len(window) - 1))
        window.need(at, at + 25)
        shown = []
        for index in range(at, min(at + 25, len(window))):
            heading, row = window.heading(index), window.row(index)
            shown.append(f"= {heading.value}" if heading else row.title if row else "missing")
        assert shown == expected[at : at + 25]
        assert len(window.rows) <= 6 * 460


def test_an_issue_is_found_in_its_group(full: Workspace) -> None:
    for group in GROUPS:
        window = GroupedWindow(full.store, IssueQuery(status=None, group=group))
        for wanted in full.store.page(IssueQuery(status=None), 400)[::37]:
            index = window.position(wanted)
            window.need(index, index + 1)
            row = window.row(index)
            assert row is not None
            assert (row.id, getattr(row, field_of(group))) == (wanted.id, getattr(wanted, field_of(group)))


def test_arrivals_in_any_group_are_counted(workspace: Workspace) -> None:
    varied(workspace, 9)
    window = GroupedWindow(workspace.store, IssueQuery(group="release"))
    assert window.arrived() == 0
    add(workspace, sdk_event(0, [exception("OSError", "fresh", [])]))
    assert window.arrived() == 1
    assert isinstance(open_window(workspace.store, IssueQuery()), IssueWindow)


async def test_clicking_a_heading_sorts_by_its_column(app: TriageApp, workspace: Workspace) -> None:
    varied(workspace, 9)
    async with opened(app) as pilot:
        await sees(pilot, "9 issues")
        headings = screen_text(app).splitlines()[1]
        for name, said in (
            ("users", "by users"),
            ("release", "by release"),
            ("error", "by title"),
            ("seen", "last seen"),
            ("trend", "has no order"),
            ("marks", "filter by them"),
        ):
            await pilot.click("IssueHeading", offset=(headings.index(name) + 1, 0))
            await sees(pilot, said)


KEYS = [
    *"jjjkkgGxazsvSBVAZFnNRw?/ld",
    *("space", "enter", "escape", "tab", "down", "up", "left_square_bracket", "right_square_bracket", "plus"),
    *("right_curly_bracket", "left_curly_bracket", "ctrl+d", "ctrl+u", "underscore", "pagedown", "backspace", "1", "2"),
]


@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_two_hundred_random_keys_do_not_end_the_app(app: TriageApp, workspace: Workspace, seed: int) -> None:
    import random

    choose = random.Random(seed)
    varied(workspace, 60)
    async with opened(app, ((80, 24), (120, 36), (200, 60))[seed % 3]) as pilot:
        await sees(pilot, "60 issues")
        for _ in range(200):
            key = choose.choice(KEYS)
            await pilot.press({"?": "question_mark", "/": "slash"}.get(key, key))
            if key == "d" and app.jobs.running:
                for job in app.jobs.running:
                    app.jobs.cancel(job)
        await until(pilot, lambda: app.is_running)
