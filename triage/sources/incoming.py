"""An event on its way into the store: the columns of the list, taken from the event."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from triage.domain.event import Event
from triage.domain.fingerprint import fingerprint
from triage.domain.incoming import IncomingEvent, Kind
from triage.domain.outside import ESCAPES

TITLE = 300
SEARCH = 2_000
AHEAD = timedelta(minutes=5)
_CONTROL = dict.fromkeys((*range(32), *range(127, 160), 8232, 8233), " ") | dict.fromkeys(
    (0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0xFEFF)
)
USER_KEYS = ("id", "email", "username", "ip_address")


def incoming(
    event: Event,
    raw: bytes,
    kind: Kind,
    *,
    event_id: str | None = None,
    received_at: datetime | None = None,
    source: str | None = None,
) -> IncomingEvent:
    """The row of `event`; `raw` is kept byte for byte.

    `event_id` overrides the payload's (an envelope's header wins). An event that claims to
    come from later than `received_at` counts as happening then: clocks of strangers are wrong.
    """
    title = one_line(event.title)
    culprit = one_line(event.culprit)
    return IncomingEvent(
        event_id=event_id or event.id,
        fingerprint=fingerprint(event),
        kind=kind,
        raw=raw,
        title=title,
        culprit=culprit,
        level=event.level.value,
        occurred_at=not_later(event.occurred_at, received_at),
        source=source or event.source,
        service=short(event.service),
        environment=short(event.environment),
        release=short(event.release),
        user=identity(event.user),
        search=search_text(title, culprit, event.transaction, event.message, event.tags),
    )


def not_later(occurred_at: datetime, received_at: datetime | None) -> datetime:
    """`occurred_at`, but not after `received_at` (with some allowance)."""
    return received_at if received_at is not None and occurred_at > received_at + AHEAD else occurred_at


def one_line(text: str, limit: int = TITLE) -> str:
    """`text` on one line without control or bidi characters, at most `limit` long."""
    text = text[: 4 * limit]
    if not (text.isascii() and text.isprintable()):
        text = ESCAPES.sub("", text).translate(_CONTROL).strip()
    return text if len(text) <= limit else text[: limit - 1] + "…"


def short(text: str | None) -> str | None:
    """A column's value: one line, or None when there is nothing."""
    return (one_line(text, 200) or None) if text else None


def identity(user: Mapping[str, str]) -> str | None:
    """What tells one affected user from another."""
    for key in USER_KEYS:
        if found := user.get(key):
            return short(found)
    return None


def search_text(title: str, culprit: str, transaction: str | None, message: str, tags: Mapping[str, str]) -> str:
    """What full-text search looks at."""
    parts = [
        title,
        culprit,
        transaction or "",
        message[:500],
        *(f"{name}:{value[:200]}" for name, value in tags.items()),
    ]
    return one_line(" ".join(part for part in parts if part), SEARCH)
