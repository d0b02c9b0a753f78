"""An event on its way into the store: what the list needs, and the untouched payload."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """Which parser reads the payload back."""

    SDK = "sdk"
    SENTRY_API = "sentry-api"
    TRACEBACK = "traceback"


class IncomingEvent(NamedTuple):
    """`event_id` makes storing idempotent. `raw` is uncompressed, byte for byte as it came.

    `user` is whatever identifies the affected user, for counting; `search` is the text that
    full-text search looks at (title, culprit, transaction, tags). A tuple, because thousands are
    made in a second.
    """

    event_id: str
    fingerprint: str
    kind: Kind
    raw: bytes
    title: str
    culprit: str
    level: str
    occurred_at: datetime
    source: str = "ingest"
    service: str | None = None
    environment: str | None = None
    release: str | None = None
    user: str | None = None
    search: str = ""
