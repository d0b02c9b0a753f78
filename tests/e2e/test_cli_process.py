"""The command as a process: pipes that close, signals, taken ports, two at once, a forge that refuses."""

import json
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.cli_ground import COMMAND, crash, environment, git, make_repo, saved, triage
from triage.demo.forge_server import Fault, ForgeServer


def shell(line: str) -> subprocess.CompletedProcess[str]:
    """A line of bash in which `$T` is the command."""
    return subprocess.run(
        ["bash", "-c", line],
        env=environment(T=" ".join(COMMAND)),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("$T ls --json | head -c 1; exit ${PIPESTATUS[0]}", {0, 141}),
        ("$T ls --json > /dev/full", {1}),
        ("$T ls >&-", {0}),
        ("$T ls <&- 2>&-", {0}),
        ("$T show 99 >&- 2>&-", {1}),
        ("$T <&-", {2}),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 TERM=dumb NO_COLOR=1 $T ls", {0}),
    ],
)
def test_odd_streams_end_without_a_traceback(tmp_path: Path, line: str, code: set[int]) -> None:
    triage("import", saved(tmp_path, {**crash(), "message": "日本"}))
    done = shell(line)
    assert done.returncode in code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@contextmanager
def serving() -> Iterator[tuple["subprocess.Popen[str]", str]]:
    with subprocess.Popen(
        [*COMMAND, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())["dsn"]
        finally:
            process.kill()


def send(dsn: str, number: int) -> None:
    key, _, address = dsn.removeprefix("http://").partition("@")
    place, _, project = address.partition("/")
    body = json.dumps({**crash(), "event_id": f"{number:032x}"}).encode()
    request = urllib.request.Request(f"http://{place}/api/{project}/store/?sentry_key={key}", body, method="POST")
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def test_two_servers_and_a_reader_share_one_store_through_kill_9() -> None:
    with serving() as (first, one), serving() as (second, two), ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: send((one, two)[number % 2], number), range(40)))
        first.send_signal(signal.SIGKILL)
        send(two, 40)
        assert triage("ls", "--json").json[0]["count"] == 41
        second.send_signal(signal.SIGTERM)
        assert second.wait(10) in (0, 143)
    assert triage("ls", "--json").json[0]["count"] == 41, "what was acknowledged is there"


def test_a_taken_port_says_so() -> None:
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        said = triage("serve", "--port", holder.getsockname()[1], "--json")
    assert said.code == 1
    assert "choose another port" in said.json["error"]["hint"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_stopped_command_leaves_no_folder_behind(
    tmp_path: Path, own_home: Path, number: signal.Signals, code: int
) -> None:
    repo, event = make_repo(tmp_path / "repo"), saved(tmp_path, crash())
    words = ("reproduce", "--event", str(event), "--repo", str(repo))
    with subprocess.Popen([*COMMAND, *words], stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "trying candidates" in line:
                process.send_signal(number)
                break
        rest = process.stderr.read()
        assert process.wait(20) == code
    assert "Traceback" not in rest
    assert not list((own_home / "triage/scratch/runs").iterdir())


BACKGROUND = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); os.execv(sys.argv[1], sys.argv[1:])"
"""As a shell script starts `command &`."""


def test_a_command_in_the_background_of_a_script_ends_when_told_to(tmp_path: Path, own_home: Path) -> None:
    repo, event = make_repo(tmp_path / "repo"), saved(tmp_path, crash())
    words = [sys.executable, "-c", BACKGROUND, *COMMAND, "reproduce", "--event", str(event), "--repo", str(repo)]
    with subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=environment()) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "checking out" in line:
                process.send_signal(signal.SIGINT)  # not for it: the script's
            if "trying candidates" in line:
                process.send_signal(signal.SIGTERM)
                break
        rest = process.stderr.read()
        assert process.wait(20) == 143
    assert "Traceback" not in rest
    assert not list((own_home / "triage/scratch/runs").iterdir())


def test_a_forge_that_refuses_is_one_line_and_the_next_press_goes_on(tmp_path: Path) -> None:
    repo, forge = make_repo(tmp_path / "repo"), ForgeServer(tmp_path / "forge", "tok")
    forge.start()
    try:
        forge.create_repo("acme", "shop")
        settings = {"user.name": "Ada", "user.email": "ada@example.com", **forge.credential_settings()}
        for name, value in settings.items():
            git(repo, "config", name, value)
        git(repo, "remote", "add", "origin", forge.clone_url("acme", "shop"))
        git(repo, "push", "-q", "origin", "main")
        (repo / "triage.toml").write_text(f'[forge]\nkind = "github"\napi = {json.dumps(forge.api)}\n')
        triage("import", saved(tmp_path, crash()))
        assert triage("draft", "1", "--repo", repo, "--python", sys.executable).code == 0
        words = ("publish", "1", "--pr", "--repo", repo, "--json")
        env = environment(GH_TOKEN="tok")
        for status in (401, 403, 404, 422, 429, 500):
            forge.faults[:] = [Fault(status, method="POST", path="/pulls", times=20)]
            refused = triage(*words, env=env)
            assert forge.faults[0].times < 20, refused
            assert (refused.code, refused.err.count("\n")) == (1, 1), refused
            assert refused.json["error"]["hint"], refused
        forge.faults.clear()
        assert triage(*words, env=env).json["publication"]["number"] == 1, "the branch that was pushed is found"
        assert triage("publish", "--undo", "1", "--repo", repo, env=env).code == 0
        assert "triage/" not in git(repo, "ls-remote", "--heads", "origin")
    finally:
        forge.stop()
