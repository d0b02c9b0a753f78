"""Reads what our production hook put into an event's contexts: hostile text to a bounded, checked Capture."""

import json
from collections.abc import Mapping, Sequence

from triage.domain.capture import Capture, CapturedFrame
from triage.domain.event import Json
from triage.sources import values

CONTEXT = "triage"
MAX_PAGES = 2_000
MAX_TEXT = 8_000_000
MAX_OBJECTS = 200_000
MAX_FRAMES = 500
MAX_NAMES = 5_000
MAX_DEPTH = 60


def read_capture(contexts: Mapping[str, Json], extra: Mapping[str, Json]) -> tuple[Capture | None, str]:
    """What the hook recorded, and what was wrong with it ("" when nothing is).

    (None, "") when the event has nothing of the hook; (None, why) when it cannot be read.
    """
    for place in (contexts, extra):
        if isinstance(first := place.get(CONTEXT), dict):
            break
    else:
        return None, ""
    if isinstance(failed := first.get("failed"), str):
        return Capture(failed=failed[:200]), f"the capture hook gave up: {failed[:100]}"
    text, why = _text(first, place)
    if why:
        return None, why
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):
        return None, "what the capture hook sent is no longer whole"
    if not isinstance(whole, dict) or _deeper(whole):
        return None, "what the capture hook sent is malformed"
    return _capture(whole), ""


def _text(first: Mapping[str, Json], place: Mapping[str, Json]) -> tuple[str, str]:
    """The pages put together."""
    count = values.whole(first.get("pages"))
    if not count or count > MAX_PAGES:
        return "", "what the capture hook sent has no pages"
    texts: list[str] = []
    size = 0
    for number in range(1, count + 1):
        page = first if number == 1 else place.get(f"{CONTEXT} {number}")
        pieces = page.get("data") if isinstance(page, dict) else None
        pieces = [pieces] if isinstance(pieces, str) else pieces
        if not isinstance(pieces, list) or not all(isinstance(piece, str) for piece in pieces):
            return "", f"page {number} of {count} of what the capture hook sent is missing"
        for piece in pieces:
            assert isinstance(piece, str)
            texts.append(piece)
            size += len(piece)
        if size > MAX_TEXT:
            return "", "what the capture hook sent is too large"
    return "".join(texts), ""


def _deeper(whole: Mapping[str, Json]) -> bool:
    level: list[Json] = [whole]
    for _ in range(MAX_DEPTH):
        below: list[Json] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(child for child in item.values() if isinstance(child, dict | list))
            elif isinstance(item, list):
                below.extend(child for child in item if isinstance(child, dict | list))
        if not below:
            return False
        level = below
    return True


def _capture(whole: Mapping[str, Json]) -> Capture:
    counts = values.mapping(whole.get("cut"))
    return Capture(
        frames=tuple(
            _frame(item) for item in values.sequence(whole.get("frames"))[:MAX_FRAMES] if isinstance(item, dict)
        ),
        objects=tuple(values.sequence(whole.get("objects"))[:MAX_OBJECTS]),
        errors=values.texts(values.sequence(whole.get("errors"))[:100]),
        left_out={name[:20]: number for name, item in counts.items() if (number := values.whole(item)) is not None},
        sources=_sources(values.mapping(whole.get("sources"))),
        recursion=values.whole(whole.get("recursion")) or 0,
    )


def _frame(item: Mapping[str, Json]) -> CapturedFrame:
    return CapturedFrame(
        error=values.whole(item.get("error")) or 0,
        at=values.whole(item.get("at")) or 0,
        of=values.whole(item.get("of")) or 0,
        file=values.string(item.get("file"))[:1_000],
        line=values.whole(item.get("line")) or 0,
        module=values.string(item.get("module"))[:500],
        function=values.string(item.get("function"))[:500],
        arguments=_named(item.get("args")),
        variables=_named(item.get("locals")),
        module_values=_named(item.get("globals")),
        rebound=_names(item.get("rebound")),
        mutated=_names(item.get("mutated")),
    )


def _sources(found: Mapping[str, Json]) -> Mapping[str, tuple[tuple[int, str], ...]]:
    sources: dict[str, tuple[tuple[int, str], ...]] = {}
    for file, parts in list(found.items())[:MAX_FRAMES]:
        pairs = [part for part in values.sequence(parts)[:MAX_FRAMES] if isinstance(part, list) and len(part) == 2]
        sources[file[:1_000]] = tuple((values.whole(first) or 0, values.string(text)) for first, text in pairs)
    return sources


def _named(found: Json) -> Mapping[str, Json]:
    pairs: Sequence[tuple[str, Json]] = list(values.mapping(found).items())[:MAX_NAMES]
    return {name: item for name, item in pairs if name.isidentifier()}


def _names(found: Json) -> tuple[str, ...]:
    return tuple(name for name in values.texts(values.sequence(found)[:MAX_NAMES]) if name.isidentifier())
