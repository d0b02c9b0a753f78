"""Reading hostile JSON: bytes to plain values, and values to the types we expect, never raising but BadInput."""

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from triage.domain.event import Json, Level
from triage.errors import BadInput

MAX_DEPTH = 100
MAX_DIGITS = 1_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_TOKENS = re.compile(r'"(?>[^"\\]+|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile("[\ud800-\udfff]")
_LEVELS = {
    "critical": Level.FATAL,
    "emergency": Level.FATAL,
    "emerg": Level.FATAL,
    "alert": Level.FATAL,
    "crit": Level.FATAL,
    "panic": Level.FATAL,
    "err": Level.ERROR,
    "severe": Level.ERROR,
    "exception": Level.ERROR,
    "warn": Level.WARNING,
    "notice": Level.INFO,
    "log": Level.INFO,
    "information": Level.INFO,
    "trace": Level.DEBUG,
    "verbose": Level.DEBUG,
} | {level.value: level for level in Level}


def decode(raw: bytes) -> str:
    """Text of `raw` in UTF-8, UTF-16 or UTF-32 (by byte order mark or zeros); bad bytes become U+FFFD."""
    if raw.startswith(b"\xef\xbb\xbf"):
        return raw[3:].decode("utf-8", "replace")
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff") or 0 in raw[:4]:
        encoding = json.detect_encoding(raw)
        if encoding not in ("utf-8", "utf-8-sig"):
            return raw.decode(encoding, "replace")
    return raw.decode("utf-8", "replace")


def load_json(raw: bytes) -> Json:
    """The JSON value in `raw`.

    Nesting below MAX_DEPTH is cut, numbers no machine type holds stay text, lone surrogates
    become U+FFFD. Raises BadInput, saying where the text ends or breaks.
    """
    text = decode(raw)
    try:
        try:
            value = _loads(text)
        except RecursionError:
            value = _loads(_prune(text))
        tidy: Json = _tidy(value, "\\ud" in text or "\\uD" in text)
        return tidy
    except (ValueError, RecursionError) as error:
        position = getattr(error, "pos", -1)
        if position >= len(text.rstrip()) or "Unterminated string" in str(error):
            raise BadInput("the JSON is cut off", f"it ends after {len(text)} characters", "send it whole") from error
        raise BadInput("not valid JSON", str(error)[:200], "") from error


def _loads(text: str) -> Any:  # JSON: every caller checks what it takes out
    return json.loads(text, strict=False, parse_int=_integer, parse_float=_float, parse_constant=str)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= MAX_DIGITS else digits


def _float(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) else digits


def _prune(text: str) -> str:
    """The JSON text with everything nested deeper than MAX_DEPTH replaced by null; linear."""
    kept: list[str] = []
    depth = start = 0
    for token in _TOKENS.finditer(text):
        sign = token.group()
        if sign in "[{":
            depth += 1
            if depth == MAX_DEPTH:
                kept.append(text[start : token.start()] + "null")
        elif sign in "]}":
            if depth == MAX_DEPTH:
                start = token.end()
            depth -= 1
    if depth < MAX_DEPTH:
        kept.append(text[start:])
    return "".join(kept)


def _tidy(value: Any, surrogates: bool) -> Any:
    """`value` itself when it is shallow and clean (the usual case), else a tidied copy."""
    return _rebuild(value, 0) if surrogates or _deeper(value, MAX_DEPTH) else value


def _deeper(value: Any, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        below: list[Any] = []
        for item in level:
            if type(item) is dict:
                below.extend(child for child in item.values() if type(child) in (dict, list))
            elif type(item) is list:
                below.extend(child for child in item if type(child) in (dict, list))
        if not below:
            return False
        level = below
    return True


def _rebuild(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return None
        return {clean(key): _rebuild(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_rebuild(item, depth + 1) for item in value] if depth < MAX_DEPTH else None
    return value


def clean(text: str) -> str:
    """`text` with lone surrogates replaced, so that it can be encoded; pairs are joined."""
    if not _SURROGATE.search(text):
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def string(value: object) -> str:
    """Any JSON value as text: strings as they are, None as nothing, the rest as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def optional(value: object) -> str | None:
    """`string`, with None for what is absent or empty."""
    return string(value) or None


def whole(value: object) -> int | None:
    """A line number or count: a non-negative integer below 2**31, else None."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 11:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value < 2**31 else None


def truth(value: object) -> bool | None:
    """A boolean, or None when it is not one."""
    return value if isinstance(value, bool) else None


def mapping(value: object) -> Mapping[str, Json]:
    """An object, or an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> Sequence[Json]:
    """A list, or an empty one."""
    return value if isinstance(value, list) else ()


def pairs(value: object) -> tuple[tuple[str, str], ...]:
    """Names and values out of an object, `[[k, v]]` or `[{"key": k, "value": v}]`, in order."""
    return tuple(_pairs(value))


def _pairs(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            for single in item if isinstance(item, list) else [item]:
                yield name, string(single)
    elif isinstance(value, list):
        for item in value:
            if isinstance(item, list) and len(item) >= 2:
                yield string(item[0]), string(item[1])
            elif isinstance(item, dict) and "key" in item:
                yield string(item["key"]), string(item.get("value"))


def texts(value: object) -> tuple[str, ...]:
    """The items of a list as text."""
    return tuple(string(item) for item in sequence(value))


def level(value: object, default: Level = Level.ERROR) -> Level:
    """Sentry's level for any logging framework's word or number."""
    if isinstance(value, str):
        return _LEVELS.get(value.strip().lower(), default)
    if isinstance(value, int) and not isinstance(value, bool):
        if value >= 50:
            return Level.FATAL
        return {4: Level.ERROR, 3: Level.WARNING, 2: Level.INFO, 1: Level.DEBUG}.get(value // 10, default)
    return default


def moment(value: object) -> datetime | None:
    """A time in UTC from ISO 8601 text or from seconds, milli-, micro- or nanoseconds since 1970."""
    try:
        if isinstance(value, str):
            text = value.strip()[:64]
            if text.replace(".", "", 1).isdigit() and len(text) > 8:
                return moment(float(text))
            found = datetime.fromisoformat(text)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        seconds = float(value)
        for scale in (1e9, 1e6, 1e3):
            if abs(seconds) >= 1e8 * scale:
                seconds /= scale
                break
        return EPOCH + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
