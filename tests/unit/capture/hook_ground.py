"""What the tests of the capture hook share: a crash with given values, and what was recorded of it."""

import ast
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from triage.domain.capture import Capture, CapturedFrame
from triage.domain.event import Json
from triage.drafting.replay.captured.text import text_of
from triage.sources.captured import read_capture

ROOT = Path(__file__).resolve().parents[3]


def hook() -> ModuleType:
    """The hook as a service imports it: by a plain name."""
    import importlib.util

    if "triage_capture" not in sys.modules:
        spec = importlib.util.spec_from_file_location("triage_capture", ROOT / "triage/inside/capture_hook.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules["triage_capture"] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules["triage_capture"])
    return sys.modules["triage_capture"]


def crashing(**given: object) -> BaseException:
    """The error of a function that was called with these values as `given`."""

    def crash(given: Mapping[str, object]) -> float:
        return len(given) / 0

    try:
        crash(given)
    except ZeroDivisionError as error:
        return error
    raise AssertionError("no crash")


def sent(error: BaseException, **settings: Any) -> dict[str, Any]:
    """The event after the hook saw it, through JSON as over a wire."""
    module = hook()
    module._SETTINGS.update({"max_bytes": 96_000, "max_ms": 5_000.0, "per_minute": 100_000, **settings})
    event: dict[str, Any] = {"exception": {"values": []}}
    assert module.process(event, {"exc_info": (type(error), error, error.__traceback__)}) is event
    done: dict[str, Any] = json.loads(json.dumps(event))
    return done


def read(event: Mapping[str, Any]) -> Capture:
    """What triage reads out of such an event."""
    capture, why = read_capture(event.get("contexts", {}), {})
    assert capture is not None, why
    return capture


def recorded(error: BaseException, **settings: Any) -> tuple[Capture, CapturedFrame]:
    """The capture, and the frame that crashed."""
    capture = read(sent(error, **settings))
    return capture, capture.frames[-1]


def given_of(error: BaseException, **settings: Any) -> tuple[Capture, dict[str, Json]]:
    """The capture, and the values that `crashing` was given, by name."""
    capture, frame = recorded(error, **settings)
    node = capture.node(frame.arguments["given"])
    assert isinstance(node, list)
    assert node[0] == "dict"
    pairs = node[1]
    assert isinstance(pairs, list)
    return capture, {str(pair[0]): pair[1] for pair in pairs if isinstance(pair, list)}


def back(value: object) -> object:
    """A plain value that went through the hook and came out of the text that replay reads."""
    capture, given = given_of(crashing(value=value))
    text = text_of(capture, given["value"])
    import datetime
    import zoneinfo
    from collections import Counter, OrderedDict, defaultdict, deque
    from decimal import Decimal
    from fractions import Fraction
    from pathlib import PosixPath, PurePosixPath
    from uuid import UUID

    ast.parse(text, mode="eval")
    known = {
        "Counter": Counter, "OrderedDict": OrderedDict, "defaultdict": defaultdict, "deque": deque, "Decimal": Decimal,
        "Fraction": Fraction, "PosixPath": PosixPath, "PurePosixPath": PurePosixPath, "UUID": UUID,
        "datetime": datetime, "zoneinfo": zoneinfo, "nan": float("nan"), "inf": float("inf"),
    }  # fmt: skip
    return eval(text, known)
