import asyncio

from aiohttp.test_utils import TestClient, TestServer

from rooms.web import make_app


async def go():
    async with TestClient(TestServer(make_app())) as client:
        await client.post("/rooms/red/book", json={"hour": 10})


asyncio.run(go())
