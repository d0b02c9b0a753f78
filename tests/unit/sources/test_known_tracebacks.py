"""A traceback that was seen before gives the row that the full parser gives, wherever it stands."""

from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from triage.domain.incoming import IncomingEvent, Kind
from triage.sources import logs
from triage.sources.incoming import incoming
from triage.sources.log_plain import PlainTracebacks
from triage.sources.log_record import parse_traceback
from triage.sources.logs import LogReader

NOW = datetime(2026, 11, 21, tzinfo=UTC)
BODIES = [
    f'Traceback (most recent call last):\n  File "/srv/shop/{name}.py", line {line}, in {name}\n    return {name}(x)\n'
    for name, line in (("price", 3), ("price", 4), ("cart", 9))
]
MESSAGES = st.sampled_from(["no price for 7", "", "é [b]x[/b] \x1b[31m", "x" * 5_000, "a: b: c", "tab\there", "ends\r"])
RECORDS = st.sampled_from(
    [
        "2026-11-21 09:45:03,123 ERROR shop.orders order 7 failed\n",
        "2026-11-21T09:45:03 WARNING no logger here\n",
        "2026-11-21 09:45:03.123456 CRITICAL [shop.web:12] odd\n",
        "2026-11-21 09:45:03,1 ERROR x.y z\n",
        "2026-13-41 99:45:03,123 ERROR shop.orders impossible\n",
        "[2026-11-21 09:45:03] ERROR in app: oops\n",
        "09:45 something else\n",
        "\n",
        "",
    ]
)
QUIET = st.sampled_from(["", "2026-11-21 09:45:04,000 INFO shop.web ok\n", "noise without a time\n", "INFO: started\n"])
BLOCK = st.tuples(RECORDS, st.sampled_from(BODIES), st.sampled_from(["KeyError", "shop.errors.Bad"]), MESSAGES, QUIET)


def rows(log: bytes) -> list[IncomingEvent]:
    return list(LogReader(BytesIO(log), NOW, lambda _: None).events())


@pytest.mark.parametrize("chunk", [300, 2_000_000])
@settings(deadline=None)
@given(blocks=st.lists(BLOCK, min_size=1, max_size=12))
def test_the_quick_way_and_the_full_parser_agree(chunk: int, blocks: list[tuple[str, str, str, str, str]]) -> None:
    text = "".join(
        f"{record}{body}{kind}{': ' if message else ''}{message}\n{quiet}"
        for record, body, kind, message, quiet in blocks
    )
    log = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "CHUNK", chunk)
        quick = rows(log)
        patch.setattr(PlainTracebacks, "match", lambda *_: None)
        patch.setattr(PlainTracebacks, "known_rows", lambda *_: iter(()))
        slow = rows(log)
    assert [row._replace(event_id="") for row in quick] == [row._replace(event_id="") for row in slow]
    for row in quick:
        again = incoming(parse_traceback(row.raw, NOW), row.raw, Kind.TRACEBACK, event_id=row.event_id)
        assert (row.title, row.fingerprint, row.level) == (again.title, again.fingerprint, again.level)
