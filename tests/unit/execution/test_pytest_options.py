"""The repo's own pytest options, without those that would spoil a single run."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.execution.pytest_options import Settings, harmless, has_plugins, installed, read_settings, wanted_plugins


@pytest.mark.parametrize(
    ("given_options", "kept"),
    [
        ("-n auto --cov=pkg --cov-report term -x -vv", []),
        ("-ra --strict-markers --durations 10 tests", []),
        (
            "--import-mode=importlib -p pkg.testing -W error",
            ["--import-mode=importlib", "-p", "pkg.testing", "-W", "error"],
        ),
        ("--ds=shop.settings --reuse-db", ["--ds=shop.settings", "--reuse-db"]),
        ("-p no:warnings -p xdist -ppkg.plugin", ["-p", "pkg.plugin"]),
        ("--my-option value -k slow", ["--my-option", "value"]),
        ("-o addopts=-x -o asyncio_mode=auto", ["-o", "asyncio_mode=auto"]),
        ("--junitxml out.xml --asyncio-mode=strict", ["--asyncio-mode=strict"]),
    ],
)
def test_what_stays(given_options: str, kept: list[str]) -> None:
    assert harmless(given_options.split()) == kept


@given(st.lists(st.sampled_from(["-n", "4", "--cov", "x", "-p", "-W", "--foo", "-x", "--", "-", ""]), max_size=8))
def test_any_options_are_survived(words: list[str]) -> None:
    kept = harmless(words)
    assert "-n" not in kept
    assert not any(word.startswith("--cov") for word in kept)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.ini", "[pytest]\naddopts = -x --ds=a\nasyncio_mode = auto\n"),
        ("pyproject.toml", "[tool.pytest.ini_options]\naddopts = ['-x', '--ds=a']\nasyncio_mode = 'auto'\n"),
        ("tox.ini", "[tox]\nenvlist = py\n[pytest]\naddopts = -x\n  --ds=a\nasyncio_mode = auto\n"),
        ("setup.cfg", "[tool:pytest]\naddopts = -x --ds=a\nasyncio_mode = auto\n"),
    ],
)
def test_settings_are_found_where_pytest_finds_them(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "tests" / "unit").mkdir(parents=True)
    settings = read_settings(tmp_path, "tests/unit/test_a.py")
    assert settings.addopts == ("-x", "--ds=a")
    assert settings.others["asyncio_mode"] == "auto"
    assert "pytest_asyncio.plugin" in wanted_plugins(tmp_path, "tests/unit/test_a.py", "", settings)


@pytest.mark.parametrize("text", ["[tool.pytest", "\0\0", "[tool]\npytest = 3\n", "addopts = 'unclosed"])
def test_broken_settings_count_as_none(tmp_path: Path, text: str) -> None:
    for name in ("pyproject.toml", "tox.ini", "setup.cfg"):
        (tmp_path / name).write_text(text)
    assert read_settings(tmp_path, "test_a.py") == Settings(others={})


def test_plugins_are_wanted_by_draft_and_conftest(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text("def pytest_configure(config): ...\ndef app(mocker): ...\n")
    source = "import pytest\n@pytest.mark.anyio\nasync def test_a(): ...\n"
    found = wanted_plugins(tmp_path, "tests/test_a.py", source, Settings(others={}))
    assert found == ["anyio.pytest_plugin", "pytest_mock"]
    assert wanted_plugins(tmp_path, "test_b.py", "def test_b(): ...", Settings(others={})) == []


def test_only_what_is_installed_is_loaded(tmp_path: Path) -> None:
    packages = tmp_path / "venv" / "lib" / "python3.11" / "site-packages"
    (packages / "anyio").mkdir(parents=True)
    (packages / "pytest_mock.py").write_text("")
    wanted = ["anyio.pytest_plugin", "pytest_mock", "pytest_asyncio.plugin"]
    assert installed(wanted, [tmp_path / "venv", tmp_path / "elsewhere"]) == wanted[:2]
    assert installed(wanted, [tmp_path / "elsewhere"]) == wanted


def test_whether_there_is_more_to_load(tmp_path: Path) -> None:
    about = tmp_path / "lib" / "python3.11" / "site-packages" / "anyio-4.dist-info"
    about.mkdir(parents=True)
    assert not has_plugins([tmp_path])
    (about / "entry_points.txt").write_text("[pytest11]\nanyio = anyio.pytest_plugin\n")
    assert has_plugins([tmp_path])
    assert has_plugins([])


def test_no_network_is_what_the_sandbox_has_anyway() -> None:
    assert harmless(["--disable-socket", "--allow-hosts", "localhost", "--own"]) == ["--own"]
