"""Small rules of the store: words, releases, trends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.store.releases import is_older
from triage.store.rows import BUCKET, TREND_BUCKETS, add_trend, clean, read_trend, to_micros, to_time
from triage.store.words import MAX_WORDS, index_words, words


@pytest.mark.parametrize(
    ("release", "than", "older"),
    [
        ("1.9.0", "1.10.0", True),
        ("1.10.0", "1.9.0", False),
        ("shop@1.4.0", "shop@1.4.1", True),
        ("shop@1.4.0", "mail@1.4.1", False),
        ("v1.4", "1.4.1", True),
        ("1.4", "1.4.0", False),
        ("a1b2c3d", "1.4.0", False),
        ("1.4.0", None, False),
        (None, None, False),
        ("1." + "9" * 5_000, "2.0", False),
    ],
)
def test_releases_are_compared_only_when_their_names_say_so(release: str, than: str, older: bool) -> None:
    assert is_older(release, than) is older


@given(st.text(), st.text())
def test_any_release_can_be_compared(release: str, than: str) -> None:
    assert not (is_older(release, than) and is_older(than, release))


@given(st.text(max_size=200))
def test_the_words_of_a_text_are_found_by_themselves(text: str) -> None:
    stored = f" {index_words(text)}"
    assert len(stored.split()) <= MAX_WORDS
    assert all(f" {word}" in stored for word in words(text))


def test_camel_case_is_found_by_its_parts() -> None:
    assert index_words("HTTPReadTimeout: db/pool_x.py") == "httpreadtimeout db pool x py http read timeout"


@given(st.text(max_size=50), st.integers(0, 60))
def test_cleaned_text_can_be_stored(text: str, limit: int) -> None:
    cleaned = clean(text + "\x00\ud800", limit)
    cleaned.encode()
    assert "\x00" not in cleaned
    assert len(cleaned) <= limit


@given(st.datetimes(min_value=to_time(-(10**15)).replace(tzinfo=None)))
def test_times_survive(when: object) -> None:
    micros = to_micros(when)  # type: ignore[arg-type]
    assert to_micros(to_time(micros)) == micros


@given(st.lists(st.lists(st.integers(0, 40), min_size=1, max_size=5), max_size=8), st.integers(0, 60))
def test_a_trend_counts_what_fell_into_its_window(batches: list[list[int]], current: int) -> None:
    end, text = 0, ""
    for batch in batches:
        end, text = add_trend(end, text, {bucket: batch.count(bucket) for bucket in batch})
    everything = [bucket for batch in batches for bucket in batch]
    newest = max(everything, default=0)
    counts = read_trend(end, text, current)
    assert len(counts) == TREND_BUCKETS
    # What was older than the window when it was last moved is forgotten, nothing else.
    expected = [0] * TREND_BUCKETS
    for bucket in everything:
        index = TREND_BUCKETS - 1 - max(0, current - bucket)
        if index >= 0 and bucket > newest - TREND_BUCKETS:
            expected[index] += 1
    assert list(counts) == expected
    assert BUCKET * TREND_BUCKETS == 24 * 3_600_000_000
