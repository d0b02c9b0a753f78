"""What the hook sent is read from hostile contexts: never an error, always bounded."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.capture import Capture
from triage.domain.incoming import Kind
from triage.drafting.replay.captured.text import text_of
from triage.sources import parse_event
from triage.sources.captured import read_capture

FRAME = {"error": 0, "at": 0, "of": 1, "file": "a.py", "line": 3, "function": "f", "args": {"x": [0]}}


def pages(whole: object, size: int = 40) -> dict[str, Any]:
    text = json.dumps(whole)
    parts = [text[at : at + size] for at in range(0, len(text), size)] or [""]
    return {
        "triage" if number == 1 else f"triage {number}": {"v": 1, "page": number, "pages": len(parts), "data": [part]}
        for number, part in enumerate(parts, 1)
    }


def test_pages_are_put_together_in_order() -> None:
    found, why = read_capture(pages({"frames": [FRAME], "objects": [["list", [1, 2]]], "errors": ["m:E"]}), {})
    assert found is not None, why
    assert found.frames[0].arguments == {"x": [0]}
    assert found.node([0]) == ["list", [1, 2]]
    assert found.errors == ("m:E",)


def test_a_missing_page_loses_the_capture_and_says_so() -> None:
    sent = pages({"frames": [FRAME], "objects": []})
    del sent["triage 2"]
    assert read_capture(sent, {}) == (None, f"page 2 of {len(sent) + 1} of what the capture hook sent is missing")


@pytest.mark.parametrize(
    "context",
    [
        {}, {"pages": 0}, {"pages": 10**9, "data": []}, {"pages": 1, "data": 7}, {"pages": 1, "data": ["{"]},
        {"pages": 1, "data": ["[1]"]}, {"pages": 1, "data": ["[" * 50_000]},
        {"pages": 1, "data": ['{"a":' * 3_000 + "1" + "}" * 3_000]}, {"pages": True, "data": []},
        {"pages": 1, "data": [None]}, {"pages": 1, "data": ["x" * 9_000_000]},
    ],
    ids=lambda item: str(item)[:30],
)  # fmt: skip
def test_what_is_no_capture_is_no_error(context: dict[str, Any]) -> None:
    found, why = read_capture({"triage": context}, {})
    assert found is None
    assert why


def test_a_hook_that_gave_up_is_said() -> None:
    found, why = read_capture({"triage": {"v": 1, "failed": "MemoryError"}}, {})
    assert found == Capture(failed="MemoryError")
    assert why == "the capture hook gave up: MemoryError"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8) | st.just("__proto__"),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=20,
)
kinds = st.sampled_from((
    "list", "dict", "object", "sub", "error", "datetime", "text of", "int", "bytes", "enum", "file", "stream", "range",
    "defaultdict", "namedtuple", "cut", "no", "secret", "text", "pattern", "timezone", "partial", "iterator", "view",
))  # fmt: skip
nodes = st.tuples(kinds, anything, anything).map(list) | anything | st.lists(st.integers(-1, 9), max_size=1)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["frames", "objects", "cut", "errors", "sources"]), anything), st.lists(nodes))
def test_nothing_that_is_sent_breaks_the_reader(whole: dict[str, Any], objects: list[Any]) -> None:
    whole["objects"] = objects
    whole.setdefault("frames", [FRAME])
    event = {"exception": {"values": [{"type": "E"}]}, "contexts": pages(whole, 10_000)}
    capture = parse_event(json.dumps(event).encode(), Kind.SDK).capture
    assert capture is not None
    for at in range(len(capture.objects)):
        assert isinstance(text_of(capture, [at]), str)
        list(capture.lacking([at]))


def test_values_that_hold_themselves_have_a_text() -> None:
    capture = Capture(objects=(["list", [[0], [1]]], ["dict", [["a", [0]]]]))
    assert text_of(capture, [0]) == "[<circular>, {'a': <circular>}]"
