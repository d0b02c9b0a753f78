from collections import Counter, deque

from depot.stock import next_batch


def test_next_batch() -> None:
    assert next_batch(deque(["a", "b"]), Counter(), 2) == ["a", "b"]
