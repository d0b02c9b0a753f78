"""Real git repos and events for the tests of the codebase package."""

import datetime
import os
import subprocess
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.domain.event import Event, Frame, Raised

GIT_ENV = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_AUTHOR_NAME": "ana",
    "GIT_AUTHOR_EMAIL": "ana@example.org",
    "GIT_COMMITTER_NAME": "ana",
    "GIT_COMMITTER_EMAIL": "ana@example.org",
}


class Repo:
    """A git repo that a test fills."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments: str, **env: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.path, env={**os.environ, **GIT_ENV, **env}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            place = self.path / name
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")

    def commit(
        self, files: dict[str, str], message: str = "change", *, author: str = "ana", when: str = "2026-01-01T12:00:00Z"
    ) -> str:
        """Commit these files on top; returns the commit."""
        self.write(files)
        self.git("add", "-A")
        env = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": f"{author}@example.org", "GIT_AUTHOR_DATE": when}
        self.git("commit", "-q", "--allow-empty", "-m", message, GIT_COMMITTER_DATE=when, **env)
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return Repo(tmp_path / "repo")


@pytest.fixture
def make_repo(tmp_path: Path) -> Callable[[str], Repo]:
    return lambda name: Repo(tmp_path / name)


def frame(path: str, function: str, lineno: int | None = None, line: str | None = None, **more: object) -> Frame:
    return Frame(path, function, lineno, context_line=line, **more)  # type: ignore[arg-type]


def event(*frames: Frame, release: str | None = None, type: str = "KeyError", **more: object) -> Event:
    when = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    return Event("e1", "test", when, exceptions=(Raised(type, "boom", frames=frames),), release=release, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with pytest and nothing else: no plugins to load, no coverage."""
    folder = tmp_path_factory.mktemp("bare")
    venv.create(folder, with_pip=False, symlinks=True)
    ours = Path(pytest.__file__).parent.parent
    target = next(folder.glob("lib/python*/site-packages"))
    for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "py.py"):
        (target / name).symlink_to(ours / name)
    for metadata in ours.glob("pytest-[0-9]*.dist-info"):
        (target / metadata.name).symlink_to(metadata)
    return folder / "bin/python"


@pytest.fixture
def make_frame() -> Callable[..., Frame]:
    return frame


@pytest.fixture
def make_event() -> Callable[..., Event]:
    return event
