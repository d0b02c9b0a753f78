"""Sequences and documents with pieces taken away."""

import json
from collections.abc import Iterator
from typing import TypeVar

from triage.domain.event import Json

Item = TypeVar("Item")
MOST_DOCUMENT = 20_000


def chunks_removed(items: list[Item]) -> Iterator[list[Item]]:
    """`items` without one chunk: halves, quarters, ... single ones."""
    size = max(len(items) // 2, 1)
    while size >= 1:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        if size == 1:
            return
        size = size // 2


def smaller_json(text: str) -> Iterator[str]:
    """A JSON document without some of its items, those of the outermost containers first; nothing for other texts."""
    if not 2 < len(text) <= MOST_DOCUMENT or text.lstrip()[:1] not in ("{", "["):
        return
    try:
        whole: Json = json.loads(text)
    except (ValueError, RecursionError):
        return
    ended = "\n" if text.endswith("\n") else ""
    for smaller in _fewer(whole, 0):
        yield json.dumps(smaller, ensure_ascii=False) + ended


def _fewer(value: Json, depth: int) -> Iterator[Json]:
    if depth > 12:
        return
    if isinstance(value, list):
        yield from chunks_removed(value)
        for at, item in enumerate(value):
            yield from ([*value[:at], smaller, *value[at + 1 :]] for smaller in _fewer(item, depth + 1))
    elif isinstance(value, dict):
        yield from (dict(pairs) for pairs in chunks_removed(list(value.items())))
        for key, item in value.items():
            yield from ({**value, key: smaller} for smaller in _fewer(item, depth + 1))
