"""Commands stream their output and leave nothing behind."""

import asyncio
import sys
import time
from pathlib import Path

import pytest

from triage.errors import Unavailable
from triage.execution.process import Exited, Line, LineSplitter, collect, stream


async def run(code: str, **options: object) -> tuple[list[str], Exited]:
    lines: list[str] = []
    async for item in stream([sys.executable, "-c", code], **options):  # type: ignore[arg-type]
        if isinstance(item, Line):
            lines.append(item.text)
        else:
            return lines, item
    raise AssertionError("no exit seen")


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


async def wait_gone(pid: int) -> None:
    async with asyncio.timeout(5):
        while alive(pid):  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_lines_and_exit_code() -> None:
    lines, exited = await run("import sys; print('a'); print('b', file=sys.stderr); sys.exit(3)")
    assert sorted(lines) == ["a", "b"]
    assert exited == Exited(3)


async def test_input_and_bad_bytes() -> None:
    lines, _ = await run("import sys; sys.stdout.buffer.write(sys.stdin.buffer.read() + b'\\xff\\n')", input=b"x")
    assert lines == ["x\ufffd"]


async def test_output_arrives_before_the_end() -> None:
    items = stream([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(60)"])
    async for item in items:
        assert item == Line("1")
        break
    await items.aclose()  # type: ignore[attr-defined]


async def test_timeout_kills_the_whole_group() -> None:
    started = time.monotonic()
    lines, exited = await run(
        "import subprocess, sys, time\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(p.pid, flush=True); time.sleep(60)",
        timeout=1.0,
    )
    assert exited.timed_out
    assert time.monotonic() - started < 10
    await wait_gone(int(lines[0]))


async def test_child_that_outlives_its_parent_is_killed() -> None:
    lines, exited = await run(
        "import subprocess, sys\n"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(p.pid, flush=True)",
        timeout=30,
    )
    assert exited.code == 0
    assert not exited.timed_out
    await wait_gone(int(lines[0]))


async def test_cancel_kills_at_once() -> None:
    found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def job() -> None:
        async for item in stream(
            [sys.executable, "-c", "import os,time; print(os.getpid(), flush=True); time.sleep(60)"]
        ):
            if isinstance(item, Line):
                found.set_result(int(item.text))

    task = asyncio.create_task(job())
    pid = await found
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await wait_gone(pid)


async def test_flood_is_stopped() -> None:
    _, exited = await run("while True: print('x' * 1000)", output_cap=1_000_000, timeout=30)
    assert exited.flooded


async def test_unknown_program_is_told() -> None:
    with pytest.raises(Unavailable, match="cannot start"):
        await collect(["/nonexistent/program"])


async def test_collect_keeps_streams_apart_and_environment_empty() -> None:
    done = await collect(
        [sys.executable, "-c", "import os,sys; print(sorted(os.environ)); print('e', file=sys.stderr)"]
    )
    assert "HOME" not in done.text
    assert done.errors == "e\n"
    assert (await collect([sys.executable, "-c", "import time; time.sleep(60)"], timeout=0.3)).timed_out


def test_long_lines_are_cut() -> None:
    splitter = LineSplitter(10)
    assert splitter.feed(b"a" * 8) == []
    assert splitter.feed(b"a" * 8 + b"\nnext\r\ntail") == ["a" * 10 + " … (cut)", "next"]
    assert splitter.rest() == ["tail"]
    assert splitter.rest() == []
