"""`triage list`: views, groups, orders and filters from the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.e2e.cli_ground import Said, environment, triage
from triage.domain.incoming import IncomingEvent, Kind
from triage.store import open_store


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with settings and a store with issues of two services, three releases and an owner."""
    folder = tmp_path_factory.mktemp("list")
    (folder / "triage.toml").write_text(
        f'store = "sqlite:///{folder / "l.db"}"\n'
        '[views]\n"fire" = "level:fatal service:check"\n"grouped" = "is:any group:release"\n'
    )
    store = open_store(f"sqlite:///{folder / 'l.db'}")
    now = datetime.now(UTC)
    ids = store.add_events(
        [
            IncomingEvent(
                f"e{at}", f"f{at}", Kind.SDK, b"{}", f"KeyError: {at}", "shop/cart.py in total",
                "fatal" if at % 2 else "error", now - timedelta(minutes=at), service="checkout" if at < 4 else "mailer",
                release=("shop@1.9.0", "shop@1.10.0", None)[at % 3],
            )
            for at in range(6)
        ]
    )  # fmt: skip
    store.assign([number for number in ids if number in (1, 2)], "ana")
    store.resolve([6])
    store.close()
    return folder


def listed(folder: Path, *words: str) -> Said:
    return triage("list", *words, "--repo", str(folder), env=environment(TRIAGE_HOME=str(folder / "home")))


def titles(said: Said) -> list[str]:
    assert said.code == 0, said.err
    return [issue["title"].removeprefix("KeyError: ") for issue in said.json]


def test_a_view_of_the_configuration(folder: Path) -> None:
    assert titles(listed(folder, "--view", "fire", "--json")) == ["1", "3"]
    assert titles(listed(folder, "--view", "Fire", "release:1.10", "--json")) == ["1"]
    assert "fire" in listed(folder, "--views").out
    wrong = listed(folder, "--view", "fires", "--json")
    assert (wrong.code, wrong.json["error"]["hint"]) == (1, "did you mean 'fire'?")


def test_every_order(folder: Path) -> None:
    assert titles(listed(folder, "--sort", "title", "--json")) == ["0", "1", "2", "3", "4"]
    assert titles(listed(folder, "--sort", "level", "--json")) == ["1", "3", "0", "2", "4"]
    assert titles(listed(folder, "--sort", "release", "--json")) == ["1", "4", "0", "3", "2"]
    assert titles(listed(folder, "sort:owner", "--json")) == ["0", "1", "2", "3", "4"]
    assert titles(listed(folder, "--sort", "level", "--limit", "3", "--json")) == ["1", "3", "0"]


def test_groups_with_counts(folder: Path) -> None:
    said = listed(folder, "--group-by", "service", "--limit", "1")
    assert [text for text in said.out.splitlines() if not text.startswith(" ")] == [
        "checkout: 4 issues",
        "mailer: 1 issue",
    ]
    assert "... 3 more" in said.out
    groups = listed(folder, "--view", "grouped", "--json").json
    assert [(group["group"], group["count"]) for group in groups] == [("shop@1.10.0", 2), ("shop@1.9.0", 2), (None, 2)]
    assert json.dumps(groups[0]["issues"][0]["title"]) == '"KeyError: 1"'


def test_a_word_that_is_no_filter_is_named_and_one_that_fits_nothing_is_a_note(folder: Path) -> None:
    wrong = listed(folder, "is:regresed")
    assert (wrong.code, wrong.out) == (2, "")
    assert "did you mean regressed?" in wrong.last
    nobody = listed(folder, "assigned:zoe", "--json")
    assert titles(nobody) == []
    assert "no issue has assigned:zoe" in nobody.err
    assert titles(listed(folder, "assigned:none", "!level:fatal", "--json")) == ["2", "4"]


def test_a_wrong_view_is_one_line_that_names_word_and_place(folder: Path, tmp_path: Path) -> None:
    for line, said in (
        ('"x" = "levl:error"', "view 'x' is wrong at 'levl:error': levl: is not a filter"),
        ('"x" = "is:unresolvd"', "is:unresolvd is not known: did you mean unresolved?"),
        ('"x" = 3', "views.x"),
        ('"\\u001b[2J" = "is:any"', "cannot be the name of a view"),
    ):
        (tmp_path / "triage.toml").write_text(f"[views]\n{line}\n")
        wrong = listed(tmp_path)
        assert wrong.code == 2, line
        assert said in wrong.last, wrong.last
        assert "\x1b" not in wrong.err
    (tmp_path / "triage.toml").write_text('[notify]\ndesktop = "osc99"\n')
    assert "one of" in listed(tmp_path).last
