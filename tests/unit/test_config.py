"""Settings come in layers, and every mistake is named with what to write instead."""

from pathlib import Path

import pytest

from triage import paths
from triage.config import PathMap, load_config
from triage.errors import UsageError


def repo_with(tmp_path: Path, text: str) -> Path:
    (tmp_path / "triage.toml").write_text(text)
    return tmp_path


def test_flags_win_over_environment_over_repo_over_user(tmp_path: Path) -> None:
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text('python = "user"\ntheme = "user"\nstore = "user"\nfix = "user"\n')
    repo = repo_with(tmp_path, 'python = "repo"\ntheme = "repo"\nstore = "repo"\n')
    environment = {"TRIAGE_STORE": "environment", "TRIAGE_PYTHON": "environment"}
    config = load_config({"repo": str(repo), "store": "flag"}, environment)
    assert (config.store, config.python, config.theme, config.fix) == ("flag", "environment", "repo", "user")


def test_tables_of_two_files_are_merged(tmp_path: Path) -> None:
    paths.config_file().parent.mkdir(parents=True)
    paths.config_file().write_text("[run]\ntimeout = 5\nmemory = 100\n")
    repo = repo_with(tmp_path, "[run]\nmemory = 200\n")
    run = load_config({"repo": str(repo)}, {}).run
    assert (run.timeout, run.memory) == (5.0, 200)


def test_path_map_and_prices_are_read(tmp_path: Path) -> None:
    text = '[[path_map]]\nstack = "/srv/app/"\nsource = "src/"\n[claude.prices."m"]\ninput = 3\noutput = 15.5\n'
    config = load_config({"repo": str(repo_with(tmp_path, text))}, {})
    assert config.path_map == (PathMap("/srv/app/", "src/"),)
    assert config.claude.prices["m"].input == 3.0


@pytest.mark.parametrize(
    ("text", "says", "hint"),
    [
        ('pythn = "x"\n', "unknown setting pythn", "did you mean python?"),
        ("[run]\ntimeot = 1\n", "unknown setting run.timeot", "did you mean run.timeout?"),
        ("[run]\ntimeout = 'long'\n", "wrong value for run.timeout", "configuration.md"),
        ("[[path_map]]\nsource = 'x'\n", "incomplete setting path_map", "stack"),
        ("run = 3\n", "wrong value for run", "configuration.md"),
        ("not toml", "cannot read", "mend or remove"),
        ("[ingest]\nport = true\n", "wrong value for ingest.port", "configuration.md"),
    ],
)
def test_a_mistake_is_named_with_its_file(tmp_path: Path, text: str, says: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_config({"repo": str(repo_with(tmp_path, text))}, {})
    assert says in caught.value.title
    assert hint in str(caught.value)
    assert "triage.toml" in str(caught.value)


def test_the_repo_is_the_nearest_one_upward(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    inner = tmp_path / "a" / "b"
    inner.mkdir(parents=True)
    assert load_config({}, {}, start=inner).repo == tmp_path.resolve()
