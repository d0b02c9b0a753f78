"""How commands speak: data on stdout, narration on stderr, JSON on request."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import math
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from enum import Enum
from pathlib import PurePath
from typing import TypeVar

from triage.commands.process import drop_stdout
from triage.domain.event import Json
from triage.domain.outside import one_line, printable
from triage.errors import TriageError
from triage.services.steps import Delta, Output, Step

Result = TypeVar("Result")

UNPRINTABLE = re.compile(
    "[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)
"""What JSON leaves as it is and a terminal must not see: C1 controls, bidi and invisible characters, surrogates."""


def to_json(value: object) -> Json:
    """Values of ours as JSON: dataclasses as objects, enums by value, times in ISO 8601."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no word for it
    if isinstance(value, str | int | float | bool) or value is None:
        return value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Sequence | set | frozenset) and not isinstance(value, bytes):
        return [to_json(item) for item in value]
    return str(value)


def print_json(value: object) -> None:
    """One JSON document on stdout; what a terminal would act on is escaped in it."""
    text = json.dumps(to_json(value), indent=2, ensure_ascii=not _speaks_utf8())
    print(UNPRINTABLE.sub(_escaped, text))


def say(text: str) -> None:
    """One narrated line on stderr; outside text in it is made plain."""
    print(one_line(text), file=sys.stderr, flush=True)


def show(text: str = "") -> None:
    """Data for people on stdout; outside text in it is made plain."""
    encoding = sys.stdout.encoding or "utf-8"
    print(printable(text, limit=200_000).encode(encoding, "replace").decode(encoding))


def print_error(error: TriageError, as_json: bool) -> None:
    """One clear line: what is wrong, what was seen, what to do next. Never raises."""
    if as_json:
        try:
            print_json({"error": {"title": error.title, "detail": error.detail, "hint": error.hint}})
            sys.stdout.flush()
        except (OSError, ValueError):
            drop_stdout()  # the line on stderr says it
    parts = [one_line(part, limit=600) for part in (error.title, error.detail) if part]
    line = "triage: " + ": ".join(parts)
    with contextlib.suppress(OSError, ValueError):
        print(f"{line} - {one_line(error.hint, limit=600)}" if error.hint else line, file=sys.stderr, flush=True)


async def follow(steps: AsyncIterator[object], result: type[Result], quiet: bool = False) -> Result:
    """Run a service to its end, narrating its steps; returns its result.

    Output of subprocesses goes to stderr as well, so that stdout holds data only.
    """
    found: Result | None = None
    async for item in steps:
        if isinstance(item, result):
            found = item
        elif quiet:
            continue
        elif isinstance(item, Step):
            counted = f" ({item.done}/{item.total})" if item.total else ""
            say(f"- {item.text}{counted}")
        elif isinstance(item, Output):
            print(f"  | {printable(item.text)}", file=sys.stderr)
        elif isinstance(item, Delta):
            print(printable(item.text), end="", file=sys.stderr, flush=True)
    if found is None:
        raise TriageError("the service ended without a result", hint="the log may say why")
    return found


def _escaped(found: re.Match[str]) -> str:
    """The character in JSON's own spelling."""
    return json.dumps(found[0])[1:-1]


def _speaks_utf8() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
