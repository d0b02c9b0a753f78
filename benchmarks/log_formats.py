"""Logs as services of every common kind write them, made up line by line."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

RECORDS_PER_TRACEBACK = 70
GROUPS = 300


@dataclass(frozen=True, slots=True)
class Said:
    """One log record: what a format lays out."""

    tick: int
    level: str
    logger: str
    text: str

    @property
    def clock(self) -> str:
        return f"{self.tick // 3600 % 24:02d}:{self.tick // 60 % 60:02d}:{self.tick % 60:02d}"

    @property
    def at(self) -> str:
        return f"2026-11-21 {self.clock}"

    @property
    def ms(self) -> str:
        return f"{self.tick % 1000:03d}"


def _usual(said: Said) -> str:
    return f"{said.at},{said.ms} {said.level} {said.logger} {said.text}"


RECORDS: Mapping[str, Callable[[Said], str]] = MappingProxyType(
    {
        "plain": _usual,
        "basicConfig": lambda said: f"{said.level}:{said.logger}:{said.text}",
        "dashes": lambda said: f"{said.at},{said.ms} - {said.logger} - {said.level} - {said.text}",
        "ISO with Z": lambda said: f"2026-11-21T{said.clock}.{said.ms}Z {said.level} [{said.logger}] {said.text}",
        "gunicorn": lambda said: f"[{said.at} +0000] [17] [{said.level}] {said.text}",
        "uvicorn": lambda said: f"{said.level + ':':<9} {said.text}",
        "celery": lambda said: (
            f"[{said.at},{said.ms}: {said.level}/MainProcess] Task {said.logger}[{said.tick}] {said.text}"
        ),
        "Flask": lambda said: (
            f"[{said.at},{said.ms}] ERROR in app: {said.text}"
            if said.level == "ERROR"
            else f'10.0.0.7 - - [21/Nov/2026 {said.clock}] "GET /orders/{said.tick} HTTP/1.1" 200 -'
        ),
        "Django": lambda said: (
            f"Internal Server Error: /orders/{said.tick}"
            if said.level == "ERROR"
            else f'[21/Nov/2026 {said.clock}] "GET /orders/{said.tick} HTTP/1.1" 200 1234'
        ),
    }
)
"""How a record's own line looks; the traceback follows below, bare."""

PREFIXES: Mapping[str, Callable[[Said], str]] = MappingProxyType(
    {
        "docker compose": lambda said: "web-1  | ",
        "Kubernetes": lambda said: f"2026-11-21T{said.clock}.{said.tick % 1000:03d}456789Z stderr F ",
        "journalctl": lambda said: f"Nov 21 {said.clock} shop-1 shop[812]: ",
        "syslog": lambda said: f"<11>1 2026-11-21T{said.clock}.{said.ms}Z shop-1 shop 812 - - ",
    }
)
"""What stands before every line; behind it a record looks as in `plain`."""

SHAPES = ("bare stderr", "chained", "groups")
"""Logs whose records are plain and whose tracebacks are not."""

FORMATS = (*RECORDS, *PREFIXES, *SHAPES)


def traceback_text(group: int, message: str) -> str:
    frames = []
    for depth in range(4 + group % 12):
        name = f"step_{group}_{depth}"
        frames.append(
            f'  File "/srv/app/shop/{name}.py", line {10 + depth}, in {name}\n    return call_{depth}(order, {group})\n'
        )
    return f"Traceback (most recent call last):\n{''.join(frames)}shop.errors.Error{group}: {message}\n"


def _chained(group: int, message: str) -> str:
    middle = "\nThe above exception was the direct cause of the following exception:\n\n"
    return traceback_text(group, "the first") + middle + traceback_text(group, message)


def _grouped(group: int, message: str) -> str:
    member = "".join("    | " + line for line in traceback_text(group, message).splitlines(True))
    return (
        "  + Exception Group Traceback (most recent call last):\n"
        f'  |   File "/srv/app/shop/all.py", line {group}, in gather\n  |     await everything()\n'
        "  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)\n"
        f"  +-+---------------- 1 ----------------\n{member}    +------------------------------------\n"
    )


def lines(name: str, rng: random.Random, *, distinct: bool = False) -> Iterator[str]:
    """The log called `name`, without end, a record at a time; every message differs if `distinct`."""
    record = RECORDS.get(name, _usual)
    prefix = PREFIXES.get(name)
    shaped = {"chained": _chained, "groups": _grouped}.get(name, traceback_text)
    tick = 0
    while True:
        tick += 1
        if tick % RECORDS_PER_TRACEBACK == 0:
            group = rng.randrange(GROUPS)
            said = Said(tick, "ERROR", "shop.orders", f"order {tick} failed")
            above = "" if name == "bare stderr" else record(said) + "\n"
            text = above + shaped(group, f"no price for {tick if distinct else group}")
        else:
            said = Said(
                tick, "INFO", "shop.web", f"GET /orders/{tick} 200 in {tick % 97} ms, cache hit, user {tick % 5000}"
            )
            text = record(said) + "\n"
        yield "".join(prefix(said) + line for line in text.splitlines(True)) if prefix else text
