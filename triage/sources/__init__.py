"""Where errors come from: three parsers, and what feeds them."""

from datetime import datetime

from triage.domain.event import Event
from triage.domain.incoming import Kind


def parse_event(raw: bytes, kind: Kind, *, occurred_at: datetime | None = None) -> Event:
    """The event in a stored payload. `occurred_at` stands in when the payload has no time.

    Raises BadInput, and nothing else, for anything that is not such a payload.
    """
    if kind is Kind.SDK:
        from triage.sources.sdk import parse_sdk

        return parse_sdk(raw, occurred_at)
    if kind is Kind.SENTRY_API:
        from triage.sources.sentry_api import parse_sentry_api

        return parse_sentry_api(raw, occurred_at)
    from triage.sources.log_record import parse_traceback

    return parse_traceback(raw, occurred_at)
