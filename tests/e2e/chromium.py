"""A headless Chromium driven over its DevTools protocol, for tests of the app in a browser."""

# ruff: noqa: ASYNC220, ASYNC240 - a test's own short files and process

import asyncio
import base64
import json
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import aiohttp
import pyte

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZE = (1200, 760)


def found() -> str | None:
    """The browser on this machine, None when there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Page:
    """One page: what went over its websocket is read as a terminal would."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, object]]] = {}
        self.requests: list[str] = []
        self.troubles: list[str] = []
        self.sent: list[str] = []
        self.screen = pyte.Screen(200, 100)
        self._stream = pyte.ByteStream(self.screen)
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if "id" in said:
                self._waiting.pop(said["id"]).set_result(said.get("result") or {"error": said.get("error")})
                continue
            given = said.get("params", {})
            match said.get("method"):
                case "Network.requestWillBeSent":
                    self.requests.append(given["request"]["url"])
                case "Network.webSocketCreated":
                    self.requests.append(given["url"])
                case "Network.webSocketFrameReceived":
                    data = given["response"]["payloadData"]
                    raw = base64.b64decode(data) if given["response"]["opcode"] == 2 else b""
                    self._stream.feed(re.sub(rb"\x1b\[[<>=?][0-9;]*\$?[a-zA-Z]", b"", raw))
                case "Network.webSocketFrameSent":
                    self.sent.append(given["response"]["payloadData"])
                case "Runtime.exceptionThrown" | "Log.entryAdded" if given.get("entry", {}).get("level") != "warning":
                    self.troubles.append(json.dumps(given)[:400])

    async def ask(self, method: str, **given: object) -> dict[str, object]:
        """One command of the protocol."""
        number = next(self._ids)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": given})
        return await asyncio.wait_for(self._waiting[number], 20)

    async def open(self, url: str) -> None:
        """Go there and watch."""
        for domain in ("Network", "Page", "Runtime", "Log"):
            await self.ask(f"{domain}.enable")
        await self.ask("Page.navigate", url=url)

    async def value(self, expression: str) -> object:
        """What a JavaScript expression gives on the page."""
        found = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        result = found["result"]
        assert isinstance(result, dict)
        return result.get("value")

    async def press(self, key: str, code: int = 0) -> None:
        """A real key press: a character, or a name such as Enter with its code."""
        text = {"text": key if len(key) == 1 else "\r"} if len(key) == 1 or key == "Enter" else {}
        at = code or ord(key.upper())
        for kind in ("keyDown", "keyUp"):
            await self.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=at, **text)

    def text(self) -> str:
        """What the terminal in the page shows."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    async def sees(self, *texts: str, patience: float = 40.0) -> None:
        """Wait until all of these can be read."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + patience
        while not all(text in self.text() for text in texts):
            assert loop.time() < deadline, f"{texts} never came:\n{self.text()}\n{self.troubles}\n{self.requests}"
            await asyncio.sleep(0.05)

    async def picture(self, file: Path) -> bytes:
        """A PNG of the page."""
        shot = await self.ask("Page.captureScreenshot", format="png")
        data = base64.b64decode(str(shot["data"]))
        file.write_bytes(data)
        return data

    async def close(self) -> None:
        self._reader.cancel()
        await self._socket.close()


@asynccontextmanager
async def page(binary: str) -> AsyncIterator[Page]:
    """A fresh browser with one blank page; both gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="triage-chromium-", ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(binary, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
                *("--no-first-run", "--disable-background-networking", "--disable-component-update"),
                *(f"--window-size={SIZE[0]},{SIZE[1]}", "--remote-debugging-port=0", f"--user-data-dir={profile}"),
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": profile},
        )
        try:
            port = await _port(Path(profile) / "DevToolsActivePort", process)
            async with aiohttp.ClientSession() as session:
                listed = await (await session.get(f"http://127.0.0.1:{port}/json/list")).json()
                address = next(item["webSocketDebuggerUrl"] for item in listed if item["type"] == "page")
                async with session.ws_connect(address, max_msg_size=0) as socket:
                    opened = Page(socket)
                    yield opened
                    await opened.close()
        finally:
            process.kill()
            process.wait()


async def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    for _ in range(600):
        if file.is_file() and (lines := file.read_text().splitlines()):
            return int(lines[0])
        assert process.poll() is None, "chromium ended at once"
        await asyncio.sleep(0.05)
    raise AssertionError("chromium never opened its port")
