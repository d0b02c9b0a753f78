"""Check everything that triage needs, and name the fix for what is missing."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from triage.config import Config
from triage.errors import TriageError


@dataclass(frozen=True, slots=True)
class Check:
    """One finding. `ok` None: works, but less than it could; `fix` says what to do."""

    name: str
    ok: bool | None
    detail: str
    fix: str = ""


LEAST_FREE = 50_000_000
"""Bytes that a few worktrees and the store's log need."""

BUILDS_ON = {"repo": "git", "interpreter": "repo", "pytest": "interpreter", "forge token": "repo"}
"""Checks that say nothing new where the other one failed."""


async def examine(config: Config) -> list[Check]:
    """All checks, in the order in which a newcomer should mend them. Never raises.

    A trouble that several checks meet is told once; the others say which one to mend first.
    """
    checks: tuple[tuple[str, Callable[[Config], Awaitable[Check]]], ...] = (
        ("git", _git),
        ("repo", _repo),
        ("interpreter", _interpreter),
        ("pytest", _pytest),
        ("sandbox", _sandbox),
        ("store", _store),
        ("data folder", _folder),
        ("ingest port", _port),
        ("forge token", _forge),
        ("model key", _model),
        ("terminal", _terminal),
    )
    found = []
    told: dict[str, str] = {}
    for name, check in checks:
        first = told.get(BUILDS_ON.get(name, ""))
        if first:
            told[name] = first
            found.append(Check(name, None, f"not checked: mend {first} first"))
            continue
        try:
            done = await check(config)
            if done.ok is False:
                told[name] = name
            found.append(done)
        except TriageError as error:
            told[name] = name
            found.append(Check(name, False, ": ".join(filter(None, (error.title, error.detail))), error.hint))
        except Exception as error:
            found.append(Check(name, False, f"{type(error).__name__}: {error}", "please report this"))
    return found


async def _git(config: Config) -> Check:
    from triage.execution.process import collect

    where = shutil.which("git")
    if where is None:
        return Check("git", False, "not on PATH", "install git 2.25 or newer")
    done = await collect([where, "--version"], cwd=None, env=None, timeout=10)
    return Check("git", True, done.stdout.decode("utf-8", "replace").strip())


async def _repo(config: Config) -> Check:
    from triage.codebase.git import Git

    git = Git(config.repo)
    await git.toplevel()
    head = await git.head()
    return Check("repo", True, f"{config.repo} at {head[:8]}")


async def _interpreter(config: Config) -> Check:
    from triage.codebase.interpreter import find_interpreter

    found = await find_interpreter(config.repo, config.python, need_pytest=False)
    version = ".".join(map(str, found.version))
    return Check("interpreter", True, f"{found.path} (Python {version}, {found.how})")


async def _pytest(config: Config) -> Check:
    from triage.codebase.interpreter import find_interpreter

    found = await find_interpreter(config.repo, config.python)
    if found.pytest_version is None:
        return Check("pytest", False, f"{found.path} cannot import it", f"{found.path} -m pip install pytest")
    return Check("pytest", True, found.pytest_version)


async def _sandbox(config: Config) -> Check:
    from triage.domain.verdict import Isolation
    from triage.execution.sandbox import available_tiers, best_tier

    best = await asyncio.to_thread(best_tier)
    reasons = [f"{tier}: {why}" for tier, why in await asyncio.to_thread(available_tiers) if why]
    detail = f"{best}" + (f" ({'; '.join(reasons)})" if reasons else "")
    if best is Isolation.BUBBLEWRAP:
        return Check("sandbox", True, detail)
    ok = None if best is Isolation.NAMESPACES else False
    return Check("sandbox", ok, detail, "install bubblewrap (apt install bubblewrap, dnf install bubblewrap)")


async def _store(config: Config) -> Check:
    from triage.store import open_store

    shown = re.sub(r"(://[^:@/]*):[^@/]*@", r"\1:***@", config.store_url)
    store = await asyncio.to_thread(open_store, config.store_url)
    try:
        from triage.domain.issue import IssueQuery

        count = await asyncio.to_thread(store.count, IssueQuery(status=None))
    finally:
        store.close()
    if store.database.read_only:
        return Check("store", False, f"{shown}, read-only", "make file and folder writable, or --store elsewhere")
    return Check("store", True, f"{shown}, {count} issues")


async def _folder(config: Config) -> Check:
    import tempfile

    from triage import paths

    folder = paths.data_dir()
    fix = "make it writable, or name another place with TRIAGE_HOME"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"x" * 4096)
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Check("data folder", False, f"{folder}: {error.strerror}", fix)
    if free < LEAST_FREE:
        return Check("data folder", False, f"{folder}: {free / 1e6:.0f} MB free", "free disk space")
    return Check("data folder", True, f"{folder}, {free / 1e9:.1f} GB free")


async def _port(config: Config) -> Check:
    host, port = config.ingest.host, config.ingest.port
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            fix = "another triage may be serving there already; else set ingest.port, or triage serve --port 0"
            return Check("ingest port", None, f"{host}:{port}: {error.strerror}", fix)
    return Check("ingest port", True, f"{host}:{port} is free")


async def _forge(config: Config) -> Check:
    from triage.codebase.git import Git
    from triage.forge.detect import detect

    remotes = (await Git(config.repo).run("remote")).split()
    if config.forge.remote not in remotes:
        fix = f"git remote add {config.forge.remote} URL, or set forge.remote"
        return Check("forge token", None, f"no remote {config.forge.remote!r}", fix)
    forge = await detect(config.repo, config.forge.remote, config.forge)
    if forge.kind != "github":
        return Check("forge token", None, "the remote's forge is not one we know", "p pushes; the PR is yours to open")
    if forge.token is None:
        return Check("forge token", None, "none found", "set GH_TOKEN, or gh auth login; needed to open pull requests")
    return Check("forge token", True, "found")


async def _model(config: Config) -> Check:
    from triage.drafting.claude import unavailable_reason

    if why := unavailable_reason(os.environ):
        return Check("model key", None, why, "set ANTHROPIC_API_KEY to draft with Claude; replay needs none")
    return Check("model key", True, f"{config.claude.model}")


async def _terminal(config: Config) -> Check:
    size = shutil.get_terminal_size()
    term = os.environ.get("TERM", "")
    encoding = (sys.stdout.encoding or "").lower()
    detail = f"{term or 'unknown'}, {size.columns}x{size.lines}, {encoding or 'no encoding'}"
    if term in ("", "dumb"):
        fix = "the app needs a real terminal: set TERM (xterm-256color); the commands do without"
        return Check("terminal", None, detail, fix)
    if "utf" not in encoding:
        return Check("terminal", None, detail, "set LANG=C.UTF-8 for line drawing; ASCII is used until then")
    if size.columns < 60 or size.lines < 15:
        return Check("terminal", None, detail, "60x15 is the least that shows everything")
    if os.environ.get("TMUX") and (prefix := await _tmux_prefix()) and (taken := _own_key(config, prefix)):
        return Check("terminal", None, detail, f"tmux keeps {prefix} for itself: give {taken} another key in [keys]")
    return Check("terminal", True, detail)


async def _tmux_prefix() -> str:
    """tmux's prefix in Textual's spelling; "" when it cannot be told."""
    from triage.execution.process import collect

    where = shutil.which("tmux")
    if where is None:
        return ""
    done = await collect([where, "show-options", "-gv", "prefix"], cwd=None, env=dict(os.environ), timeout=2)
    said = done.stdout.decode("utf-8", "replace").strip()
    return f"ctrl+{said[2:].lower()}" if re.fullmatch(r"C-\S", said) else ""


def _own_key(config: Config, key: str) -> str:
    """The configured action on this key; "" when there is none."""
    return next((name for name, keys in config.keys.items() if key in keys.replace(" ", "").split(",")), "")
