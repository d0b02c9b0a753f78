"""What every test gets: a home of its own, so that nothing of the developer's is read or written."""

import signal
from pathlib import Path

import pytest
from hypothesis import settings

# A busy machine is no bug: speed is measured in benchmarks/.
settings.register_profile("triage", deadline=None)
settings.load_profile("triage")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A suite that a script runs in its background: what the tests start is to be stopped all the same.
    signal.signal(signal.SIGINT, signal.default_int_handler)

SHARED = Path(__file__).resolve().parent.parent.parent / "shared"


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TRIAGE_HOME and git's global configuration in a fresh folder."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("TRIAGE_HOME", str(home / "triage"))
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(home / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in ("TRIAGE_STORE", "TRIAGE_PYTHON", "TRIAGE_REPO", "TRIAGE_THEME", "GH_TOKEN", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "VIRTUAL_ENV"):
        monkeypatch.delenv(name, raising=False)
    return home


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real samples; tests that need it skip where it is not there."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED
