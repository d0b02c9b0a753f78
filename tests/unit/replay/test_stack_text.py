"""The printed traceback of an event, read back by the log reader."""

import json
from pathlib import Path

import pytest

from benchmarks.reproduce import read_case
from benchmarks.stack_text import traceback_text

FRAME = {
    "function": "Shop.total",
    "abs_path": "/srv/shop.py",
    "lineno": 3,
    "context_line": "    return 1 / n",
    "vars": {"n": "0"},
}


def payload(*frames: dict[str, object]) -> dict[str, object]:
    return {
        "exception": {
            "values": [
                {"type": "Odd", "module": "shop.errors", "value": "by zero", "stacktrace": {"frames": list(frames)}}
            ]
        }
    }


def test_it_reads_as_python_prints_it() -> None:
    assert traceback_text(payload(FRAME)) == (
        "Traceback (most recent call last):\n"
        '  File "/srv/shop.py", line 3, in total\n'
        "    return 1 / n\n"
        "shop.errors.Odd: by zero\n"
    )


def test_recursion_is_folded() -> None:
    assert "[Previous line repeated 4 more times]" in traceback_text(payload(*[FRAME] * 7))


@pytest.mark.parametrize("count", [1, 7])
def test_the_log_reader_gives_it_back_without_values(tmp_path: Path, count: int) -> None:
    file = tmp_path / "event.json"
    file.write_text(json.dumps(payload(*[FRAME] * count)))
    event = read_case(file, stack_only=True)
    crash = event.crash
    assert crash is not None
    assert (crash.type, crash.module, crash.value) == ("Odd", "shop.errors", "by zero")
    assert crash.frames[-1].function == "total"
    assert not crash.frames[-1].variables
