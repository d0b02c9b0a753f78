"""The capture hook under the real sentry-sdk, sent to a running ingest server, read out of the store."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.contract.test_ingest_real_sdk import Running, server  # noqa: F401
from triage.domain.event import Event
from triage.domain.fidelity import Fidelity, grade
from triage.drafting.replay.captured.text import text_of

ROOT = Path(__file__).resolve().parents[2]
SERVICE = """
import datetime, os, sys
import sentry_sdk
import triage_capture
BEFORE = sys.argv[1] == "before"
if BEFORE:
    triage_capture.install()
more = {"before_send": triage_capture.before_send} if sys.argv[1] == "by hand" else {}
sentry_sdk.init(dsn=os.environ["DSN"], auto_enabling_integrations=False, release="shop@1", **more)
if sys.argv[1] in ("after", "cut"):
    triage_capture.install()
if sys.argv[1] == "cut":
    sentry_sdk.get_client().options["max_value_length"] = 300
class Cart:
    def __init__(self, rows):
        self.rows = rows
    def total(self, when, password, *, factor=1):
        return sum(row["price"] * factor for row in self.rows if row["until"] > when)
until = datetime.datetime(2024, 5, 6, tzinfo=datetime.timezone.utc)
rows = [{"price": number, "until": until, ("a", number): {number}, "text": "x" * 200} for number in range(40)]
rows.append({"until": until})
if sys.argv[1] == "unhandled":
    triage_capture.install()
    Cart(rows).total(until - datetime.timedelta(1), "hunter2hunter2")
try:
    Cart(rows).total(until - datetime.timedelta(1), "hunter2hunter2")
except KeyError:
    sentry_sdk.capture_exception()
    sentry_sdk.flush(10)
"""


def sent(running: Running, folder: Path, how: str) -> Event:
    """The event of the service, switched on that way, as the store has it."""
    subprocess.run(
        [sys.executable, "-m", "triage", "capture", "--write", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    (folder / "service.py").write_text(SERVICE)
    environment = {**os.environ, "DSN": running.dsn}
    subprocess.run(
        [sys.executable, str(folder / "service.py"), how], env=environment, capture_output=True, timeout=60, check=False
    )
    [event] = running.events()
    return event


@pytest.mark.parametrize("how", ["before", "after", "by hand", "unhandled", "cut"])
def test_whole_values_arrive_however_the_hook_is_switched_on(
    server: Running,  # noqa: F811
    tmp_path: Path,
    how: str,
) -> None:
    event = sent(server, tmp_path, how)
    assert event.capture is not None, event.warnings
    fidelity, missing = grade(event)
    assert fidelity is Fidelity.TRIMMED  # the password
    assert missing == ("total: password (a secret, left out)",)
    frame = next(item for item in event.capture.frames if item.function == "total")
    assert list(frame.arguments) == ["self", "when", "password", "factor"]
    assert text_of(event.capture, frame.arguments["when"]) == (
        "datetime.datetime(2024, 5, 5, 0, 0, 0, 0, tzinfo=datetime.timezone.utc)"
    )
    cart = event.capture.node(frame.arguments["self"])
    assert isinstance(cart, list)
    state = cart[3]
    assert isinstance(state, dict)
    rows = text_of(event.capture, state["rows"])
    assert rows.count("'price'") == 40
    assert "('a', 39): {39}" in rows
    assert "hunter2" not in str(event.capture)
    assert not any(name.startswith("triage") for name in event.contexts)


def test_without_the_hook_nothing_is_recorded(server: Running, tmp_path: Path) -> None:  # noqa: F811
    shutil.copy(ROOT / "triage/inside/capture_hook.py", tmp_path / "triage_capture.py")
    event = sent(server, tmp_path, "none")
    assert event.capture is None
    assert grade(event)[0] is Fidelity.REPR_ONLY
