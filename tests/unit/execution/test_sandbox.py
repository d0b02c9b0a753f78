"""The tiers are tried, never lowered, and serve programs that live long."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from triage.domain.verdict import Isolation
from triage.errors import Refused, Unavailable
from triage.execution import sandbox
from triage.execution.process import collect, spawned
from triage.execution.sandbox import available_tiers, best_tier, require, why_not, wrap
from triage.execution.view import interpreter_folders, view

PYTHON = (Path(sys.prefix), Path(sys.base_prefix))


@pytest.fixture(params=list(Isolation))
def tier(request: pytest.FixtureRequest) -> Isolation:
    if why := why_not(request.param):
        pytest.skip(why)
    return Isolation(request.param)


def argv(tier: Isolation, *command: str, cwd: Path, writable: tuple[Path, ...] = (), **more: object) -> list[str]:
    folders = interpreter_folders(PYTHON, Path(sys.executable), (Path.home(),))
    return wrap(tier, command, read_only=folders, writable=writable, cwd=cwd, env={"WORD": "hi"}, **more)  # type: ignore[arg-type]


async def test_streams_stay_open_for_a_server(tier: Isolation, tmp_path: Path) -> None:
    serve = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)"
    async with spawned(argv(tier, sys.executable, "-c", serve, cwd=tmp_path, writable=(tmp_path,))) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for word in (b"abc\n", b"xyz\n"):
            process.stdin.write(word)
            assert (await asyncio.wait_for(process.stdout.readline(), 20)) == word.strip()[::-1] + b"\n"
    assert process.returncode is not None


async def test_environment_limits_and_exit_codes(tier: Isolation, tmp_path: Path) -> None:
    look = (
        "import os, resource as r; print(sorted(os.environ), r.getrlimit(r.RLIMIT_CORE), r.getrlimit(r.RLIMIT_AS)[0])"
    )
    command = argv(tier, sys.executable, "-c", look, cwd=tmp_path, writable=(tmp_path,), memory_mb=512)
    done = await collect(command, timeout=30)
    assert all(name in done.text for name in ("HOME", "WORD", "TMPDIR"))
    assert "TRIAGE_HOME" not in done.text
    assert "(0, 0)" in done.text
    assert str(512 * 1024 * 1024) in done.text
    assert (
        await collect(argv(tier, "/bin/sh", "-c", "exit 7", cwd=tmp_path, writable=(tmp_path,)), timeout=30)
    ).code == 7


async def test_what_is_writable(tier: Isolation, tmp_path: Path) -> None:
    if tier is Isolation.NONE:
        pytest.skip("nothing is held back without a sandbox")
    shown, given = tmp_path / "shown", tmp_path / "given"
    for folder in (shown, given):
        (folder / ".git").mkdir(parents=True)
        (folder / ".git" / "config").write_text("secret")
    script = "ls .git ../shown/.git; touch a && touch ../shown/b; touch /tmp/c && echo tmp; ls /tmp"
    command = wrap(tier, ["/bin/sh", "-c", script], read_only=(shown,), writable=(given,), cwd=given, env={})
    done = await collect(command, timeout=30)
    assert (given / "a").exists()
    assert not (shown / "b").exists()
    assert "Read-only" in done.errors
    assert "config" not in done.text
    assert "tmp" in done.text
    assert "c" not in os.listdir("/tmp")


def test_a_view_never_holds_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    home = tmp_path / "user"
    (home / "envs" / "bin").mkdir(parents=True)
    (home / "envs" / "lib").mkdir()
    monkeypatch.setenv("HOME", str(home))
    for path in (Path("/"), Path("/etc"), tmp_path, home):
        with pytest.raises(Refused):
            view([path], [])
    folders = interpreter_folders([tmp_path], home / "envs" / "bin" / "python", [home])
    assert tmp_path not in folders
    assert {item.target for item in view([home / "envs"], [])} >= {str(home / "envs")}


def test_an_environment_in_the_repo_shows_only_itself(tmp_path: Path) -> None:
    for name in ("bin", "lib", "src", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "pyvenv.cfg").write_text("")
    folders = interpreter_folders([tmp_path], tmp_path / "bin" / "python", [tmp_path])
    assert {folder.name for folder in folders} == {"bin", "lib", "pyvenv.cfg"}


def test_a_tier_is_never_lowered(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [tier for tier, _ in available_tiers()] == list(Isolation)
    monkeypatch.setattr(sandbox, "why_not", lambda tier: "" if tier is Isolation.NONE else "broken here")
    assert best_tier() is Isolation.NONE
    with pytest.raises(Unavailable, match="bubblewrap"):
        require(Isolation.BUBBLEWRAP)


def test_ubuntus_refusal_is_explained(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Ubuntu 24.04: bubblewrap is there and may not make a user namespace."""
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    fake.chmod(0o755)
    flag = tmp_path / "flag"
    flag.write_text("1\n")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sandbox, "_APPARMOR", flag)
    monkeypatch.setattr(sandbox, "why_not", sandbox.why_not.__wrapped__)
    why = sandbox.why_not(Isolation.BUBBLEWRAP)
    assert "AppArmor" in why
    assert "userns," in why
    assert "apparmor_parser -r" in why


def test_a_mac_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert "Darwin" in sandbox.why_not.__wrapped__(Isolation.NAMESPACES)
