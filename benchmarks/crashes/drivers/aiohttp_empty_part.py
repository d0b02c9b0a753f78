"""Mail gateway: reads the parts of a message in small pieces."""
import asyncio

from aiohttp import MultipartReader, StreamReader
from aiohttp.base_protocol import BaseProtocol


async def sizes(body, boundary):
    loop = asyncio.get_running_loop()
    content = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    content.feed_data(body)
    content.feed_eof()
    reader = MultipartReader({"Content-Type": "multipart/mixed; boundary=" + boundary}, content)
    found = []
    async for part in reader:
        size = 0
        while chunk := await part.read_chunk(8):
            size += len(chunk)
        found.append(size)
    return found


def message(*texts):
    parts = ["--the-limit-of-parts\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(text), text) for text in texts]
    return "".join([*parts, "--the-limit-of-parts--\r\n"]).encode()


def main():
    print(asyncio.run(sizes(message("hello", "you"), "the-limit-of-parts")))
    print(asyncio.run(sizes(message("hello", ""), "the-limit-of-parts")))
