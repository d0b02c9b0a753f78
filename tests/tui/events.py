"""Events like those of the SDK, and a way to store them."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from triage.domain.incoming import IncomingEvent, Kind
from triage.services.workspace import Workspace
from triage.sources import parse_event
from triage.sources.incoming import incoming

Exceptions = Sequence[dict[str, object]]


def frame(path: str, function: str, line: int, text: str, own: bool = True, **values: object) -> dict[str, object]:
    """One frame as the SDK sends it."""
    return {
        "filename": path,
        "function": function,
        "lineno": line,
        "in_app": own,
        "context_line": text,
        "pre_context": ["    total = 0", "    for item in items:"],
        "post_context": ["    return total"],
        "vars": values,
    }


CRASH = frame(
    "shop/cart.py",
    "total",
    8,
    '        total += prices[item["sku"]] * item["count"]',
    items=[{"sku": "'A-1'", "count": "2"}, {"count": "1"}],
    item={"count": "1"},
    prices={"'A-1'": "12.5"},
    total="25.0",
)
LIBRARY = [
    frame(f"starlette/middleware/m{at}.py", "__call__", at + 9, "    await self.app(scope)", own=False)
    for at in range(3)
]
CALLER = frame("shop/cart.py", "checkout", 13, "    return total(cart, user)", user="User(id=17)")


def exception(kind: str, value: str, frames: Sequence[object], **more: object) -> dict[str, object]:
    """One exception as the SDK sends it."""
    return {"type": kind, "value": value, "stacktrace": {"frames": list(frames)}, **more}


def sdk_event(number: int, exceptions: Exceptions | None = None, **more: object) -> dict[str, object]:
    """An event, `number` minutes old."""
    when = datetime.now(UTC) - timedelta(minutes=number)
    return {
        "event_id": f"{number:032x}",
        "timestamp": when.isoformat(),
        "level": "error",
        "platform": "python",
        "release": "1.4.1",
        "exception": {"values": list(exceptions or [exception("KeyError", "'sku'", [*LIBRARY, CALLER, CRASH])])},
        "request": {
            "method": "POST",
            "url": "http://shop.local/cart/17/checkout",
            "headers": [["Content-Type", "application/json"]],
            "data": {"items": [{"sku": "A-1", "count": 2}]},
        },
        "breadcrumbs": {"values": [{"message": "SELECT * FROM cart", "category": "query"}]},
        "tags": {"server": "web-1"},
        **more,
    }


def add(workspace: Workspace, *events: dict[str, object], title: str | None = None) -> list[int]:
    """Store events; each gets an issue of its own by its message unless it says otherwise."""
    batch = []
    for event in events:
        raw = json.dumps(event).encode("utf-8", "surrogatepass")
        item = incoming(parse_event(raw, Kind.SDK), raw, Kind.SDK)
        own = {name: getattr(item, name) for name in IncomingEvent.__annotations__}
        own |= {"fingerprint": f"{item.fingerprint}-{event['event_id']}", "title": title or item.title}
        batch.append(IncomingEvent(**own))
    return [number for number in workspace.store.add_events(batch) if number is not None]
