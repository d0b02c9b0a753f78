"""A process of its own that stores events for the app under test: `python writer.py STORE RATE SECONDS`."""

import sys
import time
from datetime import UTC, datetime

from triage.domain.incoming import IncomingEvent, Kind
from triage.store import open_store


def main(store_url: str, rate: float, seconds: float) -> None:
    """Half of the events are of new issues, half of one that is known; `stored N` says when it is done."""
    store = open_store(store_url)
    begun = time.monotonic()
    number = 0
    while time.monotonic() - begun < seconds:
        number += 1
        fingerprint = "again" if number % 2 else f"live-{number}"
        text = "OSError: fresh" if number % 2 else f"OSError: fresh {number}"
        store.add_events(
            [
                IncomingEvent(
                    f"live-{number}", fingerprint, Kind.SDK, b"{}", text, "shop/cart.py in total", "error",
                    datetime.now(UTC), search=text,
                )
            ]
        )  # fmt: skip
        time.sleep(max(0.0, begun + number / rate - time.monotonic()))
    store.close()
    print(f"stored {number}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3]))
