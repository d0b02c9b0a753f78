"""Downloads: a small file server."""
import asyncio
import os
import tempfile

from tornado.httpclient import AsyncHTTPClient
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port
from tornado.web import Application, StaticFileHandler


async def ask(folder, *dates):
    server = HTTPServer(Application([(r"/(.*)", StaticFileHandler, {"path": folder})]))
    socket, port = bind_unused_port()
    server.add_sockets([socket])
    seen = []
    for date in dates:
        found = await AsyncHTTPClient().fetch(
            "http://127.0.0.1:%d/a.txt" % port, headers={"If-Modified-Since": date}, raise_error=False
        )
        seen.append(found.code)
    server.stop()
    return seen


def main():
    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "a.txt"), "w") as fh:
            fh.write("hello")
        print(asyncio.run(ask(work, "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2050 00:00:00 GMT")))
        print(asyncio.run(ask(work, "yesterday")))
    if os.path.exists(os.environ["EVENT_OUT"]):
        raise SystemExit(1)
