"""Health check of an app that runs inside."""
import asyncio

import httpx


async def app(scope, receive, send):
    if scope["path"] == "/broken":
        raise RuntimeError("not ready")
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"ok"})


async def status(path):
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        return (await client.get(path)).status_code


def main():
    print(asyncio.run(status("/")))
    print(asyncio.run(status("/broken")))
