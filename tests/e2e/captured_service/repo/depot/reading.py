"""Files, callbacks and whatever else comes in."""

import re
import struct
from collections.abc import Callable, Iterable
from typing import Any, BinaryIO, TextIO


def header(stream: BinaryIO) -> tuple[int, bytes]:
    (size,) = struct.unpack(">H", stream.read(2))
    return size, stream.read(size)[size - 1 :][0:1] or stream.read(1)[0:1] + bytes([size // 0])


def amounts(stream: TextIO) -> list[int]:
    next(stream)
    return [int(line.split(";")[1]) for line in stream]


def apply(check: Callable[[str], Any], *names: str, strict: bool = False, **rules: Any) -> list[str]:
    return [name for name in names if check(name) or rules[name] or strict]


def explain(error: Exception, width: slice) -> str:
    return f"{type(error).__name__}: {error.args[1][width]}"


def match_all(pattern: "re.Pattern[str]", lines: Iterable[str]) -> list[str]:
    return [pattern.match(line)[1] for line in lines]


class Client:
    def __init__(self, base: str, password: str, retries: int = 3) -> None:
        self.base, self.password, self.retries = base, password, retries
        self.seen: set[str] = set()

    async def fetch(self, path: str) -> str:
        if path in self.seen:
            raise LookupError(path)
        self.seen.add(path)
        return f"{self.base}/{path}" if len(self.password) > 3 else ""

    async def fetch_all(self, paths: tuple[str, ...]) -> list[str]:
        return [await self.fetch(path) for path in paths]


def login(user: dict[str, Any], password: str) -> int:
    return len(password) // user["failures"]


def weights(place):
    """Grams by name, out of a file of three-letter names and numbers."""
    with open(place, "rb") as stream:
        head = stream.read(4)
        rows = stream.read().split(b"\x00")
    if head != b"WGT1":
        raise ValueError(f"{place} holds no weights")
    return {row[:3].decode(): int(row[3:]) for row in rows}
