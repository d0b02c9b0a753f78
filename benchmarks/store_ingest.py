"""Events a second into a SQLite store, batched, compressed and synced to the disk.

    python -m benchmarks.store_ingest [EVENTS]

Prints a table: batch size, events/s, beside the same bytes inserted raw by the standard library
(one transaction a batch, no upsert, no compression), which is the floor.
Budget (design, section 7): 15,000/s of about 10 kB in batches of 1,000.
"""

import json
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.seed import event
from benchmarks.table import Row
from triage.domain.incoming import IncomingEvent, Kind
from triage.store import open_store

BUDGET = 15_000


def arrivals(number: int, groups: int, frames: int) -> list[IncomingEvent]:
    """`number` events of `groups` issues; every payload differs from every other."""
    choose = random.Random(7)
    now = datetime.now(UTC)
    bodies = [json.dumps(event(choose, "@" * 32, 0, frames)) for _ in range(groups)]
    found = []
    for index in range(number):
        event_id = f"{choose.getrandbits(128):032x}"
        group = choose.randrange(groups)
        found.append(
            IncomingEvent(
                event_id=event_id,
                fingerprint=f"{group:032x}",
                kind=Kind.SDK,
                raw=bodies[group].replace("@" * 32, event_id).encode(),
                title=f"KeyError: item {group}",
                culprit="shop/cart.py in add_item",
                level="error",
                occurred_at=now - timedelta(seconds=number - index),
                service="shop-web",
                release=f"shop@1.4.{group % 3}",
                user=f"user-{choose.randrange(5_000)}",
                search="checkout POST /cart",
            )
        )
    return found


def rate(
    store: Callable[[Sequence[IncomingEvent]], object], events: list[IncomingEvent], batch: int
) -> tuple[float, float]:
    """Events a second, and events for each second of CPU (which other work moves less)."""
    started, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(events), batch):
        store(events[start : start + batch])
    return len(events) / (time.perf_counter() - started), len(events) / (time.process_time() - cpu)


def measure(events: list[IncomingEvent], batch: int) -> tuple[float, float, float, float]:
    """Events/s and events/CPU-s of the store, events/s of the floor, the store's bytes an event."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "store.db")
        store = open_store(str(path))
        ours, cpu = rate(store.add_events, events, batch)
        size = path.stat().st_size / len(events)
        store.close()
        with sqlite3.connect(Path(folder, "floor.db"), isolation_level=None) as floor:
            floor.execute("PRAGMA journal_mode=WAL")
            floor.execute("PRAGMA synchronous=NORMAL")
            floor.execute("CREATE TABLE event (id INTEGER PRIMARY KEY, event_id TEXT, raw BLOB)")

            def insert(some: Sequence[IncomingEvent]) -> None:
                floor.execute("BEGIN")
                floor.executemany(
                    "INSERT INTO event (event_id, raw) VALUES (?, ?)", [(e.event_id, e.raw) for e in some]
                )
                floor.execute("COMMIT")

            bare, _ = rate(insert, events, batch)
        floor.close()
    return ours, cpu, bare, size


def one_by_one(events: Sequence[IncomingEvent]) -> float:
    """Events a second through an ORM, a session and a commit for each: the peer named in the design."""
    from sqlmodel import Field, Session, SQLModel, create_engine

    class Stored(SQLModel, table=True):
        id: int | None = Field(default=None, primary_key=True)
        event_id: str
        title: str
        raw: bytes

    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/orm.db")
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        SQLModel.metadata.create_all(engine, tables=[Stored.__table__])  # type: ignore[attr-defined]  # SQLModel adds it
        started = time.perf_counter()
        for item in events:
            with Session(engine) as session:
                session.add(Stored(event_id=item.event_id, title=item.title, raw=item.raw))
                session.commit()
        spent = time.perf_counter() - started
        engine.dispose()
    return len(events) / spent


def rows(number: int = 20_000) -> list[Row]:
    """The rows of the table: batches of 1,000 beside the ORM and beside bare inserts."""
    events = arrivals(number, 300, 12)
    ours, cpu, bare, size = measure(events, 1_000)
    orm = one_by_one(events[:1_000])
    return [
        Row(
            "events into SQLite, batched",
            f"{ours:,.0f} /s",
            f"ORM one by one {orm:,.0f} /s",
            ours / orm,
            f"{BUDGET:,} /s",
            ours >= BUDGET,
            cpu_met=cpu >= BUDGET,
        ),
        Row("  for each second of processor", f"{cpu:,.0f} /s", f"bare inserts {bare:,.0f} /s", ours / bare),
        Row("  on disk", f"{size:,.0f} B/event", f"of {sum(len(e.raw) for e in events) // number:,} B"),
    ]


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    print("payload  batch   issues  events/s  events/CPU-s   floor/s  ratio  bytes/event on disk")
    for frames, groups, batch in (
        (12, 300, 1_000),
        (12, 300, 100),
        (12, 300, 10),
        (40, 300, 1_000),
        (12, 20_000, 1_000),
    ):
        events = arrivals(number, min(groups, number), frames)
        ours, cpu, bare, size = measure(events, batch)
        kilobytes = sum(len(item.raw) for item in events) / len(events) / 1_000
        print(
            f"{kilobytes:5.1f}kB {batch:7} {groups:8} {ours:9,.0f} {cpu:13,.0f} {bare:9,.0f} {ours / bare:6.2f}"
            f" {size:8,.0f}"
        )


if __name__ == "__main__":
    main()
