"""What the SDK sends for a body that it cannot show is no body."""

import json

from triage.domain.incoming import Kind as Wire
from triage.drafting.replay.entries import http
from triage.sources import parse_event


def body(sent: object) -> object:
    raw = {
        "event_id": "a",
        "exception": {"values": [{"type": "KeyError", "value": "'x'"}]},
        "request": {"method": "POST", "url": "http://svc/gate", "data": sent},
    }
    request = parse_event(json.dumps(raw).encode(), Wire.SDK).request
    assert request is not None
    return http.body_of(request)


def test_the_note_that_stands_for_a_body() -> None:
    assert body("[Can't show request body due to implementation details.]") is None
    assert body("plate=ek1") == "plate=ek1"
