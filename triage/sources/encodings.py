"""Undoing HTTP content encodings with a limit that holds while decompressing."""

import zlib
from collections.abc import Callable

from triage.errors import BadInput

STEP = 256 * 1024
ZSTD_WINDOW = 2**27
ZSTD_STEP = 512


class TooLarge(BadInput):
    """The body is larger than allowed once decompressed."""


class UnknownEncoding(BadInput):
    """The content encoding is none that we can undo."""


def decompress(wire: bytes, encoding: str, limit: int) -> bytes:
    """The body behind a Content-Encoding header's value, at most `limit` bytes.

    Never holds more than `limit` plus one step. Raises TooLarge, UnknownEncoding, and
    BadInput for data that is damaged or cut off.
    """
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if len(names) > 2:
        raise UnknownEncoding("too many content encodings", encoding[:80], "compress once")
    body = wire
    for name in reversed(names):
        undo = DECODERS.get(name)
        if undo is None:
            raise UnknownEncoding("unknown content encoding", name[:40], f"use one of {', '.join(DECODERS)}")
        body = undo(body, limit)
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _too_large(limit: int) -> TooLarge:
    return TooLarge("the body is too large", f"more than {limit} bytes decompressed", "send less at once")


def _damaged(name: str, detail: str = "") -> BadInput:
    return BadInput(f"damaged {name} data", detail[:200], "send it again")


def _gzip(wire: bytes, limit: int) -> bytes:
    """All members of a gzip stream."""
    parts: list[bytes] = []
    room = limit
    rest = wire
    while rest:
        part, rest = _inflate(rest, 31, room, "gzip")
        parts.append(part)
        room -= len(part)
        if not rest.startswith(b"\x1f\x8b"):
            break
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _deflate(wire: bytes, limit: int) -> bytes:
    """zlib as the standard says, else raw as many clients send."""
    try:
        return _inflate(wire, 15, limit, "deflate")[0]
    except TooLarge:
        raise
    except BadInput:
        return _inflate(wire, -15, limit, "deflate")[0]


def _inflate(wire: bytes, window: int, limit: int, name: str) -> tuple[bytes, bytes]:
    """The decompressed data and what follows it in `wire`."""
    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = 0
    try:
        pending = wire
        while not stream.eof:
            part = stream.decompress(pending, STEP)
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            pending = stream.unconsumed_tail
            if not (pending or part or stream.eof):
                raise _damaged(name, "it is cut off")
    except zlib.error as error:
        raise _damaged(name, str(error)) from error
    return b"".join(parts), stream.unused_data


def _brotli(wire: bytes, limit: int) -> bytes:
    try:
        import brotli  # type: ignore[import-untyped]
    except ImportError:
        raise UnknownEncoding("brotli is not installed", "", "pip install brotli") from None
    stream = brotli.Decompressor()
    parts: list[bytes] = []
    size = 0
    pending = wire
    try:
        while not stream.is_finished():
            part = stream.process(pending, output_buffer_limit=STEP)
            pending = b""
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
            if not part and stream.can_accept_more_data():
                if stream.is_finished():
                    break
                raise _damaged("brotli", "it is cut off")
    except brotli.error as error:
        raise _damaged("brotli", str(error)) from error
    return b"".join(parts)


def _zstd(wire: bytes, limit: int) -> bytes:
    """All frames. Fed in small steps: four bytes of zstd make at most one block of 128 KiB."""
    import zstandard

    parts: list[bytes] = []
    size = position = 0
    try:
        while position < len(wire):
            stream = zstandard.ZstdDecompressor(max_window_size=ZSTD_WINDOW).decompressobj()
            while not stream.eof:
                step = wire[position : position + ZSTD_STEP]
                if not step:
                    raise _damaged("zstd", "it is cut off")
                position += len(step)
                part = stream.decompress(step)
                size += len(part)
                if size > limit:
                    raise _too_large(limit)
                parts.append(part)
            position -= len(stream.unused_data)
    except zstandard.ZstdError as error:
        raise _damaged("zstd", str(error)) from error
    return b"".join(parts)


DECODERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gzip,
    "x-gzip": _gzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
