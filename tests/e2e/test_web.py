"""`triage web`: the app in a real browser, and nobody without the token anywhere."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import psutil
import pytest

from tests.e2e import chromium
from tests.tui.events import add, sdk_event
from triage.config import Config
from triage.services.workspace import Workspace
from triage.tui.web_server import WebServer, is_own_name, serve

ROOT = Path(__file__).parents[2]


@dataclass
class Web:
    """A running `triage web`."""

    process: subprocess.Popen[str]
    url: str

    @property
    def base(self) -> str:
        return f"http://{urlsplit(self.url).netloc}"


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """The command over a store with two issues."""
    subprocess.run(["git", "init", "-q", str(tmp_path / "repo")], check=True)
    store = f"sqlite:///{tmp_path / 'x.db'}"
    workspace = Workspace.open(Config(repo=tmp_path / "repo", store=store))
    add(workspace, sdk_event(1), sdk_event(2))
    workspace.close()
    command = ["-m", "triage", "--repo", str(tmp_path / "repo"), "--store", store, "--json"]
    process = subprocess.Popen(
        [sys.executable, *command, "web", "--port", "0", "--no-ingest"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TRIAGE_HOME": str(tmp_path / "home")},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line, process.stderr.read() if process.stderr else ""
        yield Web(process, json.loads(line)["url"])
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def served(token: str = "right") -> AsyncIterator[str]:
    """A server over a command that is never started, at its address."""
    address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    task = asyncio.create_task(serve(WebServer(["false"], token), "127.0.0.1", 0, address.set_result))
    try:
        yield await address
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(
    "path", ["/", "/page.css", "/static/js/textual.js", "/static/", "/ws", "/nothing", "/?token=wrong"]
)
async def test_nothing_is_served_without_the_token(path: str) -> None:
    async with served() as address, aiohttp.ClientSession() as session:
        base = f"http://{urlsplit(address).netloc}"
        async with session.get(base + path) as answer:
            assert answer.status == 403
            assert "textual" not in (await answer.text()).lower()
        async with session.get(base + path, cookies={f"triage-{urlsplit(address).port}": "wröng"}) as answer:
            assert answer.status == 403


async def test_the_token_becomes_a_cookie_and_leaves_the_address() -> None:
    async with served() as address, aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as session:
        async with session.get(address, allow_redirects=False) as answer:
            assert answer.status == 303
            assert answer.headers["Location"] == "/"
            cookie = answer.headers["Set-Cookie"]
            assert "HttpOnly" in cookie
            assert "SameSite=Strict" in cookie
        async with session.get(f"http://{urlsplit(address).netloc}/") as answer:
            assert answer.status == 200
            assert "right" not in await answer.text()
            assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        async with session.get(f"http://{urlsplit(address).netloc}/static/../../../etc/passwd") as answer:
            assert answer.status in (403, 404)


async def test_other_names_and_other_sites_are_turned_away() -> None:
    async with served() as address, aiohttp.ClientSession() as session:
        split = urlsplit(address)
        base, cookies = f"http://{split.netloc}", {f"triage-{split.port}": "right"}
        for path in ("/", "/ws", "/?token=right"):
            async with session.get(
                base + path, cookies=cookies, headers={"Host": f"evil.example:{split.port}"}
            ) as answer:
                assert answer.status == 403
        for origin in ("http://evil.example", "null", f"http://localhost:{(split.port or 0) + 1}"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await session.ws_connect(
                    base + "/ws", headers={"Origin": origin, "Cookie": next(iter(cookies)) + "=right"}
                )
            assert caught.value.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(base + "/ws", headers={"Cookie": next(iter(cookies)) + "=right"})


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1:8766", True),
        ("localhost", True),
        ("[::1]:8766", True),
        ("10.1.2.3:80", True),
        ("evil.example:8766", False),
        ("127.0.0.1.evil.example", False),
        ("localhost.evil.example", False),
        ("", False),
        ("[", False),
    ],
)
def test_only_names_that_nobody_else_can_point_here_are_own(host: str, own: bool) -> None:
    assert is_own_name(host) is own


@pytest.mark.skipif(chromium.found() is None, reason="no Chromium here")
async def test_the_app_works_in_a_real_browser_and_asks_nobody_else(web: Web, tmp_path: Path) -> None:
    binary = chromium.found()
    assert binary is not None
    async with chromium.page(binary) as page:
        await page.open(web.url)
        await page.sees("2 issues", "enter", "open")
        assert await page.value("location.search") == ""
        assert await page.value("document.cookie") == ""
        await page.press("j")
        await page.press("?")
        await page.sees("Keys that work here")
        await page.press("Escape", 27)
        await page.press("x")
        await page.sees("resolved T-", "1 issue")
        data = await page.picture(tmp_path / "page.png")
        assert len(data) > 8_000  # a blank page is smaller
        hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
        assert hosts == {urlsplit(web.url).netloc}
        assert not page.troubles
        (app,) = psutil.Process(web.process.pid).children()
        web.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(web.process.wait, 10) == 143
        assert not psutil.pid_exists(app.pid)


@pytest.mark.skipif(chromium.found() is None, reason="no Chromium here")
async def test_q_ends_the_session_and_says_so(web: Web) -> None:
    binary = chromium.found()
    assert binary is not None
    async with chromium.page(binary) as page:
        await page.open(web.url)
        await page.sees("2 issues")
        await page.press("q")
        for _ in range(200):
            if await page.value("document.body.classList.contains('-closed')"):
                break
            await asyncio.sleep(0.05)
        assert "has ended" in str(await page.value("document.body.innerText"))
