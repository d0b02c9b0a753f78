"""Poller: asks the same service over and over."""
import asyncio

from aiohttp import ClientSession, TCPConnector, web


async def answer(request):
    return web.Response(text="ok")


async def poll(url, times):
    seen = []
    async with ClientSession(connector=TCPConnector(keepalive_timeout=None)) as session:
        for _ in range(times):
            async with session.get(url) as response:
                seen.append(await response.text())
    return seen


async def run():
    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    url = "http://127.0.0.1:%d/" % site._server.sockets[0].getsockname()[1]
    try:
        print(await poll(url, 1))
        print(await poll(url, 2))
    finally:
        await runner.cleanup()


def main():
    asyncio.run(run())
