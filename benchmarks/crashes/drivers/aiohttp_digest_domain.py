"""Cameras: logs in with digest authentication."""
import asyncio

from aiohttp import ClientSession, DigestAuthMiddleware, web

REALM = 'Digest realm="cam", nonce="abc", qop="auth", algorithm=MD5%s'


def camera(domain):
    async def answer(request):
        if "Authorization" in request.headers:
            return web.Response(text="picture")
        return web.Response(status=401, headers={"WWW-Authenticate": REALM % domain})

    return answer


async def snapshot(url):
    login = DigestAuthMiddleware(login="root", password="camera")
    async with ClientSession(middlewares=(login,)) as session:
        for _ in range(2):
            async with session.get(url) as response:
                status = response.status
        return status


async def run():
    app = web.Application()
    app.router.add_get("/old", camera(""))
    app.router.add_get("/new", camera(', domain="\\"\\""'))
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    base = "http://127.0.0.1:%d" % site._server.sockets[0].getsockname()[1]
    try:
        print(await snapshot(base + "/old"))
        print(await snapshot(base + "/new"))
    finally:
        await runner.cleanup()


def main():
    asyncio.run(run())
