"""Drafts that attack: none gets out, none leaves anything, none is taken for a reproduction."""
# ruff: noqa: E501 - a table of drafts reads best with one a line

import asyncio
import os
import sys
import time
from pathlib import Path

import pytest

from tests.e2e.execution_ground import REPRODUCING, before, git, make_shop, report, request
from triage.domain.verdict import Isolation, Verdict
from triage.execution.sandbox import why_not

TIERS = [Isolation.BUBBLEWRAP, Isolation.NAMESPACES]
NAME = "test_unknown_goods"
INTERPRETER = [sys.prefix, sys.base_prefix, os.path.realpath(sys.executable)]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_shop(tmp_path_factory.mktemp("hostile"))


@pytest.fixture(params=TIERS)
def tier(request: pytest.FixtureRequest) -> Isolation:
    if why := why_not(request.param):
        pytest.skip(why)
    return Isolation(request.param)


def draft(body: str) -> str:
    lines = body.strip().split("\n")
    return f"import os, sys, glob, signal, socket, subprocess\ndef {NAME}():\n    " + "\n    ".join(lines) + "\n"


LOOK_AROUND = """
seen = {}
for name in ("/root", "/home", "/work", "/etc/shadow", "/var/lib", "/sys", "/run", REPO, GIT, HOME, OUTSIDE):
    if os.path.exists(name):
        seen[name] = sorted(os.listdir(name)) if os.path.isdir(name) else "file"
environ = b""
for name in glob.glob("/proc/[0-9]*/environ"):
    try:
        environ += open(name, "rb").read()
    except OSError:
        pass
writable = []
for top in ("/", "/usr", "/etc", "/proc/sys", "/proc/sys/kernel/core_pattern", os.path.dirname(sys.executable), sys.prefix):
    if os.access(top, os.W_OK):
        writable.append(top)
for folder in sys.path:
    if "site-packages" in folder and os.access(folder, os.W_OK):
        writable.append(folder)
owned = open("/proc/self/status").read()
caps = [line.split()[1] for line in owned.split("\\n") if line.startswith("Cap")]
processes = [name for name in os.listdir("/proc") if name.isdigit()]
names = sorted(os.environ)
raise RuntimeError(repr((seen, b"SECRET_OF_THE_USER" in environ, writable, set(caps), len(processes), names)))
"""


async def test_what_a_draft_sees(shop: Path, tier: Isolation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "user"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_rsa").write_text("key")
    outside = tmp_path / "other"
    outside.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SECRET_OF_THE_USER", "SECRET_OF_THE_USER")
    values = f"REPO, GIT, HOME, OUTSIDE = {str(shop)!r}, {str(shop / '.git')!r}, {str(home)!r}, {str(outside)!r}\n"
    source = draft(values + LOOK_AROUND)
    seen = await report(request(shop, source, tier=tier))
    places, secret, writable, caps, processes, names = eval(seen.exceptions[0].message, {})  # our own repr
    way = {part for folder in [*sys.path, *INTERPRETER] for part in folder.split("/")}
    assert not set(places) & {"/etc/shadow", "/sys", "/run", "/var/lib", str(shop), str(shop / ".git"), str(outside)}
    for name, inside in places.items():
        assert set(inside) <= way, f"{name} shows more than the way to the interpreter: {inside}"
    assert not secret
    assert writable == []
    assert caps == {"0" * 16}
    assert processes <= 4
    assert not [name for name in names if "SECRET" in name or name.startswith(("TRIAGE", "GH_", "ANTHROPIC"))]


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        pytest.param("socket.create_connection(('1.1.1.1', 80), timeout=2)", Verdict.DENIED, "connect to 1.1.1.1", id="network"),
        pytest.param("try: socket.getaddrinfo('example.org', 80)\nexcept OSError: pass", Verdict.DENIED, "look up", id="dns"),
        pytest.param("open('GITDIR/HEAD').read()", Verdict.DENIED, "open", id="git"),
        pytest.param("open(os.path.join(REAL_HOME, '.ssh', 'id_rsa')).read()", Verdict.DENIED, "open", id="ssh"),
        pytest.param("open('/usr/lib/x', 'w')", Verdict.DENIED, "read-only", id="write"),
        pytest.param("open('conftest.py', 'w').write('x = 1')", Verdict.DENIED, "conftest.py", id="conftest"),
        pytest.param("open('src/sitecustomize.py', 'w').write('')", Verdict.DENIED, "sitecustomize", id="sitecustomize"),
        pytest.param("open('src/evil.pth', 'w').write('')", Verdict.DENIED, "evil.pth", id="pth"),
        pytest.param("os.makedirs('.git/hooks')\nopen('.git/hooks/pre-push', 'w')", Verdict.DENIED, ".git/hooks", id="hook"),
        pytest.param("os.symlink('/etc/passwd', 'tests/notes.log')", Verdict.DENIED, "notes.log", id="symlink"),
        pytest.param("import shop.prices as p\nopen(p.__file__, 'a').write('#')", Verdict.DENIED, "prices.py", id="code"),
        pytest.param("open(__file__, 'a').write('#')", Verdict.DENIED, "test_draft.py", id="itself"),
        pytest.param("os.remove('README.md')", Verdict.DENIED, "README.md", id="remove"),
        pytest.param("os.kill(os.getppid(), 9)\nos.kill(1, 9)", Verdict.DENIED, "kill process", id="parent"),
        pytest.param("os._exit(0)", Verdict.KILLED, "exit code 0", id="exit"),
        pytest.param("os.kill(os.getpid(), signal.SIGSEGV)", Verdict.KILLED, "signal 11", id="segfault"),
        pytest.param("import ctypes\nctypes.string_at(0)", Verdict.DENIED, "reads memory", id="memory"),
        pytest.param("while True: os.write(1, b'x' * 65536)", Verdict.KILLED, "32 MB", id="flood"),
        pytest.param(
            "for fd in range(3, 64):\n    try: os.write(fd, b'triage-probe 00 {}\\n')\n    except OSError: pass",
            Verdict.DENIED, "report channel", id="forged report",
        ),
    ],
)  # fmt: skip
async def test_attacks(shop: Path, body: str, verdict: Verdict, words: str) -> None:
    filled = body.replace("GITDIR", str(shop / ".git")).replace("REAL_HOME", repr(str(Path.home())))
    result = await before(request(shop, draft(filled), timeout=20))
    assert (result.verdict, result.why) == (verdict, result.why)
    assert words in result.why
    # The next draft finds the worktree as it should be.
    assert git(shop, "status", "--porcelain") == ""


async def test_the_worktree_is_clean_for_the_next_draft(shop: Path) -> None:
    spoiling = draft("open('conftest.py', 'w').write('raise SystemExit')\nopen('src/shop/prices.py', 'w').write('x')")
    assert (await before(request(shop, spoiling))).verdict is Verdict.DENIED
    assert (await before(request(shop))).verdict is Verdict.REPRODUCED


async def test_ignored_files_are_noted_and_gone(shop: Path) -> None:
    leaving = REPRODUCING.replace("    assert", "    open('run.log', 'w').write('x')\n    assert")
    result = await before(request(shop, leaving))
    assert result.verdict is Verdict.REPRODUCED
    assert any("run.log" in note for note in result.notes)
    looking = draft("assert os.path.exists('run.log')")
    assert (await before(request(shop, looking))).verdict is Verdict.ASSERT_ONLY


@pytest.mark.parametrize("body", ["while True: pass", "while True: os.fork()"], ids=["loop", "fork bomb"])
async def test_what_never_ends_is_stopped(shop: Path, body: str, tier: Isolation) -> None:
    started = time.monotonic()
    result = await before(request(shop, draft(body), timeout=3, tier=tier))
    assert result.verdict is Verdict.TIMEOUT
    assert time.monotonic() - started < 30
    await _no_strays(shop)


async def test_children_do_not_outlive_the_run(shop: Path, tier: Isolation) -> None:
    body = "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(600)\n    os._exit(0)"
    await before(request(shop, draft(body), tier=tier))
    await _no_strays(shop)


async def test_without_a_sandbox_strays_are_killed_too(shop: Path) -> None:
    body = "if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n        import time; time.sleep(600)\n    os._exit(0)"
    await before(request(shop, draft(body), tier=Isolation.NONE))
    await _no_strays(shop)


async def test_cancel_stops_the_run_at_once(shop: Path, tier: Isolation) -> None:
    running = asyncio.create_task(before(request(shop, draft("import time; time.sleep(600)"), tier=tier)))
    async with asyncio.timeout(20):
        while not _running(shop):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await _no_strays(shop)


def _running(_shop: Path) -> list[str]:
    """Processes of ours inside a worktree of this test session."""
    home = f"/scratch/runs/{os.getpid()}-".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if home in (folder / "cmdline").read_bytes() or home in os.readlink(folder / "cwd").encode():
                found.append(folder.name)
        except OSError:
            continue
    return [name for name in found if name != str(os.getpid())]


async def _no_strays(shop: Path) -> None:
    async with asyncio.timeout(10):
        while _running(shop):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
