"""Fills a new store with any number of synthetic but lifelike issues, fast.

    python -m benchmarks.seed PATH COUNT

Rows go in without indexes, which are then built in one go: 1,000,000 issues take about half a
minute. The same `random_seed` gives the same issues, relative to now. Payloads are shared
between issues (500 distinct ones), so that the file holds the list's weight, not the events'.
"""

import json
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from zstandard import ZstdCompressor

from triage.store import open_store
from triage.store.rows import BUCKET, TREND_BUCKETS
from triage.store.words import index_words

ERRORS = (
    "KeyError", "ValueError", "TypeError", "AttributeError", "IndexError", "ZeroDivisionError", "UnicodeDecodeError",
    "RuntimeError", "TimeoutError", "ConnectionResetError", "OperationalError", "IntegrityError", "ValidationError",
    "OutOfStock", "PaymentDeclined", "RateLimited", "ReadTimeout", "JSONDecodeError", "PermissionError",
)  # fmt: skip
AREAS = (
    "cart", "checkout", "invoice", "stock", "pricing", "customer", "mailer", "search", "export", "webhook", "report",
    "session", "shipping", "refund", "catalog", "import_job", "scheduler", "auth", "billing", "notify",
)  # fmt: skip
VERBS = (
    "add",
    "apply",
    "build",
    "check",
    "compute",
    "fetch",
    "load",
    "merge",
    "parse",
    "render",
    "save",
    "send",
    "sync",
)
NOUNS = ("item", "items", "total", "rate", "row", "page", "address", "token", "line", "batch", "quote", "slot", "label")
SERVICES = ("shop-web", "shop-worker", "shop-admin", "payments", "search-api", "mailer", "reports", "gateway")
PEOPLE = ("ana", "bo", "chidi", "dora", "emre")
LEVELS = (("error", 82), ("warning", 12), ("fatal", 3), ("info", 3))
VERDICTS = ("REPRODUCED", "PASSES", "PASSED", "WRONG_TYPE", "NEW")
DAYS = 90
TEMPLATES = 500

INSERT = (
    "INSERT INTO issue (id, fingerprint, title, culprit, level, status, count, users, first_seen, last_seen,"
    " first_release, last_release, service, assignee, snoozed_until, resolved_at, resolved_release, regressed, seen,"
    " covered, draft, publication, trend_end, trend, best_event, best_rank, best_at, search) VALUES ("
    + ", ".join("?" * 28)
    + ")"
)


def seed(path: Path, issues: int, random_seed: int = 1) -> None:
    """Create the store at `path`, which must not exist, with `issues` issues in it."""
    if path.exists():
        raise FileExistsError(path)
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path, isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("PRAGMA cache_size=-200000")
        later = connection.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = 'issue' AND type IN ('index', 'trigger')"
            " AND sql IS NOT NULL"
        ).fetchall()
        connection.execute("BEGIN")
        for kind, name, _ in later:
            connection.execute(f"DROP {kind} {name}")
        now = int(time.time() * 1_000_000)
        choose = random.Random(random_seed)
        connection.executemany(INSERT, _issues(issues, now, choose))
        connection.execute(
            "INSERT INTO issue_release (release, issue_id, count, first_seen, last_seen)"
            " SELECT last_release, id, count, first_seen, last_seen FROM issue ORDER BY last_release, id"
        )
        connection.execute(
            "INSERT OR IGNORE INTO issue_release (release, issue_id, count, first_seen, last_seen)"
            " SELECT first_release, id, 1, first_seen, first_seen FROM issue ORDER BY first_release, id"
        )
        _templates(connection, min(TEMPLATES, issues), now, choose)
        connection.execute(
            "INSERT INTO tally SELECT status, level, regressed, ifnull(covered, -1), draft IS NOT NULL, count(*)"
            " FROM issue GROUP BY 1, 2, 3, 4, 5"
        )
        connection.execute("INSERT INTO issue_text (issue_text) VALUES ('rebuild')")
        for _, _, sql in later:
            connection.execute(sql)
        connection.execute("UPDATE revision SET value = value + 1")
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()


def _issues(number: int, now: int, choose: random.Random) -> Iterator[tuple[object, ...]]:
    levels = [name for name, weight in LEVELS for _ in range(weight)]
    named = {name: index_words(name) for name in (*ERRORS, *AREAS, *SERVICES)}
    span = DAYS * 86_400_000_000
    for issue in range(1, number + 1):
        error, area = choose.choice(ERRORS), choose.choice(AREAS)
        verb, noun = choose.choice(VERBS), choose.choice(NOUNS)
        # Arrivals grow with the id, as they do in life; most issues were seen last soon after.
        first = now - span + span * issue // (number + 1)
        last = first + int((now - first) * choose.random() ** 4)
        count = int(choose.paretovariate(0.9)) if last > first else 1
        count = min(count, 5_000_000)
        first_release, last_release = _release(first, now), _release(last, now)
        resolved, snoozed = choose.random() < 0.25, choose.random() < 0.04
        status = "resolved" if resolved else "snoozed" if snoozed else "unresolved"
        number_in_title = choose.randrange(100_000)
        title = f"{error}: {noun} {number_in_title} of {area}"
        culprit = f"shop/{area}/{verb}.py in {verb}_{noun}"
        service = choose.choice(SERVICES)
        fraction = choose.random()
        drafted = choose.random() < 0.01
        published = drafted and choose.random() < 0.5
        yield (
            issue, f"{choose.getrandbits(128):032x}", title, culprit, choose.choice(levels), status, count,
            min(count, int(choose.paretovariate(1.1))), first, last, first_release, last_release, service,
            choose.choice(PEOPLE) if choose.random() < 0.05 else None,
            now + choose.randrange(span) + 3_600_000_000 if status == "snoozed" else None,
            last + 1 if status == "resolved" else None, last_release if status == "resolved" else None,
            int(status == "unresolved" and choose.random() < 0.02), int(choose.random() < 0.3),
            None if fraction < 0.6 else int(fraction < 0.75),
            choose.choice(VERDICTS) if drafted else None,
            f"PR #{issue}" if published else None,
            last // BUCKET, _trend(count, choose), issue % TEMPLATES + 1, 2, last,
            f"{named[error]} {noun} {number_in_title} of {named[area]} shop {verb} py in {named[service]}",
        )  # fmt: skip


def _release(at: int, now: int) -> str:
    week = 12 - min(12, (now - at) // (7 * 86_400_000_000))
    return f"shop@1.{week}.{at // 86_400_000_000 % 3}"


def _trend(count: int, choose: random.Random) -> str:
    if count < 3:
        return str(count)
    recent = min(count, 2_000)
    return ",".join(str(choose.randrange(recent)) for _ in range(min(TREND_BUCKETS, count)))


def _templates(connection: sqlite3.Connection, number: int, now: int, choose: random.Random) -> None:
    pack = ZstdCompressor(level=1)
    for row in range(1, number + 1):
        raw = json.dumps(event(choose, f"{choose.getrandbits(128):032x}", now)).encode()
        found = connection.execute("SELECT last_seen, last_release FROM issue WHERE id = ?", (row,)).fetchone()
        connection.execute(
            "INSERT INTO event (id, event_id, issue_id, kind, occurred_at, release, environment, source)"
            " VALUES (?, ?, ?, 'sdk', ?, ?, 'production', 'ingest')",
            (row, json.loads(raw)["event_id"], row, *found),
        )
        connection.execute("INSERT INTO payload (id, raw) VALUES (?, ?)", (row, pack.compress(raw)))


def event(choose: random.Random, event_id: str, now: int, frames: int = 12) -> dict[str, object]:
    """An SDK event of about ten kilobytes, as sentry-sdk sends it."""
    area, verb, noun = choose.choice(AREAS), choose.choice(VERBS), choose.choice(NOUNS)
    stack = []
    for depth in range(frames):
        stack.append(
            {
                "filename": f"shop/{area}/{verb}.py",
                "abs_path": f"/srv/app/shop/{area}/{verb}.py",
                "function": f"{verb}_{noun}",
                "module": f"shop.{area}.{verb}",
                "lineno": choose.randrange(10, 400),
                "pre_context": [f"    # step {depth}", f"    {noun} = {verb}({area}, {depth})", "    if not rows:"] * 2,
                "context_line": f"    return {verb}_{noun}({noun}, rows[{depth}])",
                "post_context": ["", f"def {verb}_{noun}_{depth}(request):", f'    """{verb} the {noun}."""'],
                "vars": {
                    noun: {"id": str(choose.randrange(10_000)), "sku": f"'{choose.getrandbits(40):x}'"},
                    "rows": [str(choose.random()) for _ in range(6)],
                    "request": f"<Request {choose.getrandbits(48):x}>",
                },
                "in_app": True,
            }
        )
    return {
        "event_id": event_id,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now / 1_000_000)),
        "platform": "python",
        "level": "error",
        "release": "shop@1.12.0",
        "exception": {
            "values": [{"type": choose.choice(ERRORS), "value": f"{noun} of {area}", "stacktrace": {"frames": stack}}]
        },
        "request": {"url": f"http://shop.example/{area}/{verb}", "method": "POST", "data": {"n": choose.random()}},
        "breadcrumbs": {"values": [{"message": f"SELECT {noun} {n}", "category": "query"} for n in range(20)]},
    }


if __name__ == "__main__":
    started = time.perf_counter()
    seed(Path(sys.argv[1]), int(sys.argv[2]))
    print(f"{int(sys.argv[2]):,} issues in {time.perf_counter() - started:.1f} s", file=sys.stderr)
