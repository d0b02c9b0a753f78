"""Every event of the shared corpus lies where it crashed, however the paths were sent.

Needs the prepared corpus (see shared/corpus/README.md): CORPUS_PREPARED, else /tmp/corpus.
"""

import datetime
import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from triage.codebase.locate import locate_fast
from triage.domain.code_path import Match
from triage.domain.event import Event, Frame, Raised
from triage.domain.expected import expected_failure

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "corpus" / "cases"
PREPARED = Path(os.environ.get("CORPUS_PREPARED", "/tmp/corpus"))
CASES = sorted(
    place.parent.name for place in SHARED.glob("*/case.json") if (PREPARED / place.parent.name / "repo/.git").is_dir()
)
pytestmark = pytest.mark.skipif(not CASES, reason="the corpus is not prepared here")
INSTALLED = "/srv/app/lib/python3.11/site-packages"


def as_sent(frame: Frame) -> Frame:
    return frame


def as_text(frame: Frame) -> Frame:
    """What a log's traceback holds: the absolute path, the line, its number, the function."""
    return replace(
        frame, path=frame.abs_path or "", abs_path=None, module=None, in_app=None, pre_context=(), post_context=()
    )


def without_source(frame: Frame) -> Frame:
    return replace(as_text(frame), context_line=None)


def in_a_container(frame: Frame) -> Frame:
    return replace(frame, abs_path=(frame.abs_path or "").replace(INSTALLED, "/usr/src/app"))


def on_windows(frame: Frame) -> Frame:
    path = (frame.abs_path or "").replace(INSTALLED, "C:\\venv\\Lib\\site-packages").replace("/", "\\")
    return replace(frame, abs_path=path, path=frame.path.replace("/", "\\"))


def drifted(frame: Frame) -> Frame:
    return replace(frame, lineno=(frame.lineno or 0) + 7)


def read(name: str) -> tuple[dict[str, Any], Event]:
    case = json.loads((SHARED / name / "case.json").read_text())
    sent = json.loads((SHARED / name / "event.json").read_text())
    exceptions = tuple(
        Raised(
            item["type"],
            item.get("value") or "",
            item.get("module"),
            tuple(
                Frame(
                    frame["filename"],
                    frame["function"],
                    frame.get("lineno"),
                    frame.get("abs_path"),
                    frame.get("module"),
                    frame.get("in_app"),
                    tuple(frame.get("pre_context", ())),
                    frame.get("context_line"),
                    tuple(frame.get("post_context", ())),
                )
                for frame in item["stacktrace"]["frames"]
            ),
        )
        for item in sent["exception"]["values"]
    )
    when = datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)
    return case, Event(name, "corpus", when, exceptions=exceptions, release=sent.get("release"))


@pytest.mark.parametrize("change", [as_sent, as_text, without_source, in_a_container, on_windows, drifted])
async def test_all_cases(change: Callable[[Frame], Frame]) -> None:
    wrong: list[tuple[object, ...]] = []
    for name in CASES:
        case, event = read(name)
        assert event.crash is not None
        sent = event.crash.frames
        changed = tuple(replace(item, frames=tuple(map(change, item.frames))) for item in event.exceptions)
        event = replace(event, exceptions=changed)
        path = await locate_fast(PREPARED / name / "repo", event)
        for before, item in zip(sent, path.frames, strict=True):
            inside, _, tail = (before.abs_path or "").partition(f"{INSTALLED}/")
            package = case["import_name"].replace(".", "/")
            if not inside and tail.startswith(package) and "<" not in before.path:
                fits = item.path is not None and item.path.endswith(tail) and item.path.startswith(case["layout"])
                wanted = Match.EXACT if change is not drifted else item.match
                if not fits or item.match is not wanted or item.release_line != before.lineno:
                    wrong.append((name, before.path, before.lineno, item.path, item.match, item.note))
            elif item.in_checkout:
                wrong.append((name, "not of this repo", before.abs_path, item.path))
        expected = expected_failure(event, path)
        assert expected is not None
        assert expected.points[-1].path == case["sdist_crash_file"]
        assert expected.points[-1].qualname.rpartition(".")[2] == case["crash_function"]
        assert expected.type.rpartition(".")[2] == case["exception"]
    assert not wrong
