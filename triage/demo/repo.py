"""Makes the sample service: repo with history and bare origin, interpreter, deployed releases."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from triage.demo import borrow
from triage.demo.history import COMMITS, FIXES, STAGING, TAGS, Commit
from triage.demo.render import render_tree, template_files
from triage.errors import Refused, Unavailable

MARKER = ".triage-demo"
OWNER = "larder"
NAME = "larder"
DEPLOYED = ("v1.3.0", "v1.4.0")
PACKAGES = ("coverage", "httpx", "pytest", "sentry-sdk", "starlette", "tzdata", "uvicorn")
COMMAND = """\
import sys

from larder.cli import main

if __name__ == "__main__":
    sys.exit(main())
"""


@dataclass(frozen=True, slots=True)
class DemoPaths:
    """Where everything of a demo lies.

    `repo` is the on-call engineer's checkout, `origin` the bare repo behind the forge,
    `forge_root` the folder that holds `<owner>/<repo>.git`, `python` the sample's
    interpreter, `deployed` the code of each running release, `home` the demo's TRIAGE_HOME.
    """

    root: Path
    repo: Path
    forge_root: Path
    origin: Path
    python: Path
    deployed: Mapping[str, Path]
    home: Path

    @property
    def command(self) -> Path:
        """The sample's `larder` command."""
        return self.python.parent / "larder"

    @property
    def database(self) -> Path:
        """The running service's own SQLite file."""
        return self.root / "larder.db"


def build(folder: Path) -> DemoPaths:
    """Make the sample in `folder`, afresh when an earlier demo is in it. Needs git, no network.

    Raises Refused when the folder holds anything else, Unavailable when git does not work.
    """
    root = folder.expanduser().resolve()
    clear(root)
    paths = DemoPaths(
        root=root,
        repo=root / NAME,
        forge_root=root / "forge",
        origin=root / "forge" / OWNER / f"{NAME}.git",
        python=root / NAME / ".venv" / "bin" / "python",
        deployed={tag: root / "deployed" / tag for tag in DEPLOYED},
        home=root / "home",
    )
    paths.home.mkdir()
    files = template_files()
    git(root, "init", "-q", "--bare", "-b", "main", str(paths.origin))
    git(paths.origin, "fast-import", "--quiet", stream=b"".join(_import_stream(files)))
    git(root, "clone", "-q", str(paths.origin), str(paths.repo))
    for branch in FIXES:
        git(paths.repo, "branch", "-q", "--track", branch, f"origin/{branch}")
    git(paths.repo, "config", "user.name", "Demo On-call")
    git(paths.repo, "config", "user.email", "oncall@larder.example")
    for tag, place in paths.deployed.items():
        _write(place, render_tree(TAGS[tag], files=files))
    _make_interpreter(paths)
    return paths


def clear(root: Path) -> None:
    """Make `root` an empty demo folder. Raises Refused when it holds something that is not a demo."""
    marker = root / MARKER
    if root.exists() and not marker.exists() and (not root.is_dir() or any(root.iterdir())):
        raise Refused(
            "that folder is not empty",
            f"{root} holds something that is not a triage demo",
            "name a new or empty folder: triage demo FOLDER",
        )
    root.mkdir(parents=True, exist_ok=True)
    marker.touch()
    for entry in root.iterdir():
        if entry == marker:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def git(folder: Path, *args: str, stream: bytes | None = None) -> str:
    """Run git in `folder`, without the user's own settings, hooks or prompts; what it printed."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
    }
    command = ["git", "-c", "core.hooksPath=/dev/null", *args]
    try:
        done = subprocess.run(command, cwd=folder, input=stream, env=environment, capture_output=True, check=False)
    except FileNotFoundError as error:
        raise Unavailable("git is not installed", "the demo makes a git repo", "install git and try again") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise Unavailable(f"git {args[0]} failed", said[-500:], "is there room on the disk, and is git 2.20 or newer?")
    return done.stdout.decode(errors="replace")


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")


def _import_stream(files: Mapping[str, str]) -> Iterator[bytes]:
    """The history for `git fast-import`; each commit states its whole tree."""
    for number, commit in enumerate(COMMITS, start=1):
        yield from _commit("refs/heads/main", number, number - 1, commit, render_tree(commit.key, files=files))
        if commit.tag:
            yield f"tag {commit.tag}\nfrom :{number}\ntagger {commit.author} {commit.timestamp} +0000\n".encode()
            yield _data(f"larder {commit.tag[1:]}\n")
    last = len(COMMITS)
    for number, (branch, commit) in enumerate(FIXES.items(), start=last + 1):
        tree = render_tree(COMMITS[-1].key, (branch,), files)
        yield from _commit(f"refs/heads/{branch}", number, last, commit, tree)
    merged = range(last + 2, last + len(FIXES) + 1)
    tree = render_tree(COMMITS[-1].key, tuple(FIXES), files)
    yield from _commit(f"refs/heads/{STAGING.key}", merged.stop, last + 1, STAGING, tree, merged)


def _commit(
    ref: str, mark: int, parent: int, commit: Commit, tree: Mapping[str, str], merged: Iterable[int] = ()
) -> Iterator[bytes]:
    who = f"{commit.author} {commit.timestamp} +0000"
    yield f"commit {ref}\nmark :{mark}\nauthor {who}\ncommitter {who}\n".encode()
    yield _data(commit.message + "\n")
    if parent:
        yield f"from :{parent}\n".encode()
    for other in merged:
        yield f"merge :{other}\n".encode()
    yield b"deleteall\n"
    for path, text in tree.items():
        yield f"M 100644 inline {path}\n".encode()
        yield _data(text)
    yield b"\n"


def _data(text: str) -> bytes:
    content = text.encode()
    return b"data %d\n%s\n" % (len(content), content)


def _make_interpreter(paths: DemoPaths) -> None:
    """A venv of the sample's own, with its packages, its command, and itself as `pip install -e .` does it."""
    folder = paths.python.parents[1]
    venv.EnvBuilder(symlinks=True, with_pip=False).create(folder)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    site = folder / "lib" / version / "site-packages"
    borrow.install(PACKAGES, site, paths.python)
    (site / "_larder.pth").write_text(f"{paths.repo / 'src'}\n", encoding="utf-8")
    paths.command.write_text(f"#!{paths.python}\n{COMMAND}", encoding="utf-8")
    paths.command.chmod(0o755)
