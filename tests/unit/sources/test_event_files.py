"""Files of every kind, and what happens when they are damaged, huge or nothing of the sort."""

import gzip
import json
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from triage.domain.incoming import IncomingEvent, Kind
from triage.errors import BadInput
from triage.sources import logs, parse_event
from triage.sources.files import read_event, read_file
from triage.sources.incoming import incoming

ONE = """Traceback (most recent call last):
  File "/srv/app/shop/{name}.py", line 10, in {name}
    raise KeyError(key)
KeyError: '{value}'
"""
RECORD = "2026-11-21 09:45:{second:02d},804 ERROR shop.orders order {second} failed\n"
NOISE = "2026-11-21 09:46:00,000 INFO shop.web GET / 200\n"


def rows(path: Path, content: bytes | str) -> tuple[list[IncomingEvent], list[str]]:
    """What is read, after checking that each row is what its stored payload is parsed back to."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    warnings: list[str] = []
    found = list(read_file(path, warnings.append))
    for row in found:
        event = parse_event(row.raw, row.kind, occurred_at=row.occurred_at)
        again = incoming(event, row.raw, row.kind, event_id=row.event_id, source=row.source)
        assert again == row
    assert len({row.event_id for row in found}) == len(found)
    return found, warnings


def all_shapes(shared: Path) -> str:
    return (shared / "samples/logs/tb_3.13.txt").read_text()


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_a_log_with_every_shape_gives_twelve_events(shared: Path, tmp_path: Path, version: str) -> None:
    found, warnings = rows(tmp_path / "app.log", (shared / f"samples/logs/tb_{version}.txt").read_bytes())
    assert len(found) == 12
    assert not warnings
    assert found[-1].title == "ValueError: line1"
    titles = Counter(
        row.title for row in rows(tmp_path / "j.log", (shared / "samples/logs/jsonlogs.txt").read_bytes())[0]
    )
    assert titles == {"ValueError: unknown sku B2": 5}


def test_whatever_stands_before_each_line_two_processes_stay_apart(shared: Path, tmp_path: Path) -> None:
    lines = all_shapes(shared).splitlines()
    wrappings: dict[str, Callable[[str, int], str]] = {
        "compose": lambda line, n: f"web-1  | {line}\nworker-1  | INFO beat {n}\n",
        "both fail": lambda line, n: f"web-1  | {line}\nworker-1  | {line}\n",
        "syslog": lambda line, n: f"Nov 21 09:{n // 60:02d}:{n % 60:02d} host app[123]: {line}\n",
        "kubernetes": lambda line, n: f"2026-11-21T09:45:37.{n:09d}Z stderr F {line}\n",
        "docker": lambda line, n: (
            json.dumps({"log": line + "\n", "stream": "stderr", "time": f"2026-11-21T09:45:37.{n}Z"}) + "\n"
        ),
        "journald": lambda line, n: (
            json.dumps({"MESSAGE": line, "_PID": "7"}) + "\n" + json.dumps({"MESSAGE": "beat", "_PID": "8"}) + "\n"
        ),
    }
    for name, make in wrappings.items():
        found, warnings = rows(tmp_path / "x.log", "".join(make(line, n) for n, line in enumerate(lines)))
        assert (name, len(found)) == (name, 24 if name == "both fail" else 12)
        assert not warnings


def test_times_levels_and_ids_come_from_the_record_line(tmp_path: Path) -> None:
    text = "".join(NOISE + RECORD.format(second=n) + ONE.format(name="load", value="x") for n in range(50)) + NOISE
    found, _ = rows(tmp_path / "a.log", text)
    assert [row.occurred_at.second for row in found] == list(range(50))
    assert len({row.fingerprint for row in found}) == 1
    assert found[3].search.endswith("order 3 failed")
    assert [row.event_id for row in rows(tmp_path / "a.log", text)[0]] == [row.event_id for row in found]
    same_text, _ = rows(tmp_path / "b.log", ONE.format(name="a", value="x") * 3)
    assert len(same_text) == 3, "the same text at another place is another event"


@pytest.mark.parametrize("chunk", [700, 1_501, 64_000])
def test_it_does_not_matter_where_the_windows_end(
    shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    parts = [NOISE * 3 + RECORD.format(second=n % 60) + ONE.format(name=f"f{n % 7}", value=n % 5) for n in range(150)]
    text = (
        "".join(parts) + all_shapes(shared) + (shared / "samples/logs/jsonlogs.txt").read_text() + "".join(parts[:20])
    )
    whole, _ = rows(tmp_path / "a.log", text)
    monkeypatch.setattr(logs, "CHUNK", chunk)
    assert list(read_file(tmp_path / "a.log")) == whole
    assert len(whole) == 150 + 12 + 5 + 20


def test_encodings_and_compression(shared: Path, tmp_path: Path) -> None:
    text = all_shapes(shared)
    for content in (
        text.replace("\n", "\r\n").encode(),
        text.encode("utf-16"),
        b"\xef\xbb\xbf" + text.encode(),
        gzip.compress(text.encode()),
        gzip.compress(text[:5_000].encode()) + gzip.compress(text[5_000:].encode()),
    ):
        assert len(rows(tmp_path / "x", content)[0]) == 12
    found, warnings = rows(tmp_path / "x", gzip.compress(text.encode())[:-900])
    assert found
    assert "damaged" in warnings[0]


def test_event_json_lists_streams_and_envelopes(shared: Path, tmp_path: Path) -> None:
    events = [file.read_bytes() for file in sorted((shared / "samples/sdk-events").glob("[a-z]*.json"))]
    values = [json.loads(raw) for raw in events]
    for content in (
        json.dumps(values, indent=1),
        "\n".join(json.dumps(value) for value in values),
        "\n".join(json.dumps(value, indent=2) for value in values),
    ):
        found, warnings = rows(tmp_path / "x.json", content)
        assert [row.event_id for row in found] == [value["event_id"] for value in values]
        assert not warnings
    single, _ = rows(tmp_path / "x.json", events[0])
    assert single[0].raw == events[0].strip()
    for file in (shared / "samples/envelopes").glob("*.envelope"):
        if file.stem not in ("client_report", "sessions"):
            assert len(rows(tmp_path / "e", file.read_bytes())[0]) == 1
    api, _ = rows(tmp_path / "x.json", (shared / "samples/sentry-api/event.json").read_bytes())
    assert (api[0].kind, api[0].title) == (
        Kind.SENTRY_API,
        "ForbiddenError: GET /organizations/hellboy-meowmeow/users/ 403",
    )
    webhook, _ = rows(tmp_path / "x.json", json.dumps({"action": "triggered", "data": {"event": values[0]}}))
    assert webhook[0].event_id == values[0]["event_id"]
    assert read_event(shared / "samples/sdk-events/flask.json").title == "KeyError: 'B2'"


def test_the_good_part_of_a_damaged_list_is_kept(shared: Path, tmp_path: Path) -> None:
    values = [json.loads(file.read_bytes()) for file in sorted((shared / "samples/sdk-events").glob("[a-z]*.json"))]
    found, warnings = rows(tmp_path / "x.json", json.dumps(values)[:-3_000])
    assert len(found) == len(values) - 1
    assert "cut off" in warnings[0]
    found, warnings = rows(tmp_path / "x.json", json.dumps([values[0], {"no": "event"}, 7, values[1]]))
    assert len(found) == 2
    assert len(warnings) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b"\x00\x01\x02" * 1_000, "no traceback and no event"),
        (b"all is well\n" * 100, "no traceback and no event"),
        (b'{"event_id": "', "cut off"),
        (b'{"exception": {"values": [\n{"type": "Key', "cut off"),
        (b"[{]", "not valid JSON"),
        (b'{"shortId": "A-1", "culprit": "x", "title": "t"}', "an issue, not an event"),
        (b'{}\n{"type":"client_report"}\n{}\n', "no event item"),
        (b"\x1f\x8b" + b"nonsense", "damaged"),
    ],
)
def test_files_without_events_are_refused_in_words(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        rows(tmp_path / "x", content)
    assert words in str(caught.value)
    assert "Traceback" not in caught.value.title


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "missing", tmp_path):
        with pytest.raises(BadInput, match="cannot read"):
            list(read_file(path))


def test_memory_stays_flat_and_a_line_without_end_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "big.log"
    block = NOISE * 4_000 + RECORD.format(second=1) + ONE.format(name="load", value="x")
    with path.open("w") as stream:
        for _ in range(150):
            stream.write(block)
        for _ in range(30):
            stream.write("x" * 1_000_000)
        stream.write('{"exception": "Traceback (most recent call last):' + "y" * 20_000_000 + '"}\n')
        stream.write(block)
    tracemalloc.start()
    warnings: list[str] = []
    count = sum(1 for _ in read_file(path, warnings.append))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 151
    assert len(warnings) < 10
    assert peak < 60_000_000, f"{peak / 1e6:.0f} MB for a file of {path.stat().st_size / 1e6:.0f} MB"
