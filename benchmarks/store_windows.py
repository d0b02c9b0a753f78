"""How long the inbox's queries take at 1,000,000 issues: pages, last pages, filters, search, counts.

    python -m benchmarks.store_windows [ISSUES | PATH]

Without PATH a store is seeded in a temporary folder first. Times are in milliseconds: the median
and the slowest of the repetitions, each with a cold statement but a warm page cache. The last line
is the memory of this process and what it imported.
"""

import gc
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

PAGE = 50
ROOT = Path(__file__).resolve().parent.parent


def timed(run: Callable[[], object], repeat: int = 7) -> tuple[float, float]:
    spent = []
    for _ in range(repeat):
        started = time.perf_counter()
        run()
        spent.append((time.perf_counter() - started) * 1_000)
    return statistics.median(spent), max(spent)


def show(path: Path) -> None:
    from triage.domain.issue import SORTS, IssueQuery, Status
    from triage.store import Store, open_store

    started = time.perf_counter()
    store = open_store(f"sqlite:///{path}")
    store.page(IssueQuery(), PAGE)
    print(f"{'open and first page':58} {(time.perf_counter() - started) * 1_000:8.2f}")
    cold = rss()

    def fresh() -> Store:
        store.forget()
        return store

    def line(name: str, run: Callable[[], object]) -> None:
        median, worst = timed(run)
        print(f"{name:58} {median:8.2f} {worst:8.2f}")

    everything = IssueQuery(status=None)
    for sort in SORTS:
        for status in (Status.UNRESOLVED, None):
            query = IssueQuery(sort=sort, status=status)
            first = store.page(query, PAGE)
            name = f"{sort}, {status or 'any status'}"
            line(f"page, {name}", lambda q=query: fresh().page(q, PAGE))  # type: ignore[misc]
            line(f"next page, {name}", lambda q=query, at=first[-1]: fresh().page(q, PAGE, after=at))  # type: ignore[misc]
            line(f"last page, {name}", lambda q=query: fresh().last_page(q, PAGE))  # type: ignore[misc]
    query = IssueQuery()
    total = store.count(query)
    middle = store.page_at(query, total // 2, 1)[0]
    line("offset, middle", lambda: fresh().page_at(query, total // 2, PAGE))
    line("offset, near the end", lambda: fresh().page_at(query, total - 2 * PAGE, PAGE))
    line("position, middle", lambda: fresh().position(query, middle))
    line("count, unresolved", lambda: fresh().count(query))
    line("count, all", lambda: fresh().count(everything))
    filters = {
        "level=fatal": IssueQuery(level="fatal"),
        "service": IssueQuery(service="payments"),
        "assignee": IssueQuery(assignee="ana"),
        "nobody's": IssueQuery(assignee="nobody"),
        "regressed": IssueQuery(regressed=True),
        "uncovered": IssueQuery(covered=False),
        "has draft": IssueQuery(has_draft=True),
        "no draft": IssueQuery(has_draft=False),
        "newest release": IssueQuery(release="shop@1.12.0"),
        "oldest release": IssueQuery(release="shop@1.0.0"),
        "unknown release": IssueQuery(release="nope"),
        "assignee and regressed": IssueQuery(assignee="ana", regressed=True),
        "regressed, fatal, has draft": IssueQuery(regressed=True, level="fatal", has_draft=True),
        "text, one hit": IssueQuery(text="99999 quote refund outofstock"),
        "text, one number": IssueQuery(text="4711"),
        "text, two words": IssueQuery(text="keyerror checkout"),
        "text, broad word": IssueQuery(text="checkout"),
        "text, one letter": IssueQuery(text="c"),
        "text, nothing found": IssueQuery(text="zzzyx"),
    }
    for sort in ("last_seen", "first_seen", "count"):
        for name, chosen in filters.items():
            sorted_by = IssueQuery(**{slot: getattr(chosen, slot) for slot in chosen.__slots__} | {"sort": sort})
            line(f"page, {sort}, {name}", lambda q=sorted_by: fresh().page(q, PAGE))  # type: ignore[misc]
            line(f"last page, {sort}, {name}", lambda q=sorted_by: fresh().last_page(q, PAGE))  # type: ignore[misc]
            if sort == "last_seen":
                line(f"count, {name}", lambda q=sorted_by: fresh().count(q))  # type: ignore[misc]
    line("issue by short id", lambda: store.issue("T-4711"))
    line("change token", store.change_token)

    def snooze_and_undo() -> None:
        store.snooze([4711], datetime.now(UTC) + timedelta(days=1))
        store.undo()

    line("snooze and undo", snooze_and_undo)
    gc.collect()
    heavy = [name for name in ("sqlmodel", "sqlalchemy", "alembic", "pydantic", "zstandard") if name in sys.modules]
    print(
        f"memory after the first page {cold:.0f} MB, after all of this {rss():.0f} MB; heavy imports: {heavy or 'none'}"
    )
    store.close()


def rss() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def main() -> None:
    given = sys.argv[1] if len(sys.argv) > 1 else "1000000"
    if not given.isdigit():
        show(Path(given))
        return
    import subprocess

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "seeded.db")
        # Seeding imports the compressor; in a process of its own it does not count here.
        subprocess.run([sys.executable, "-m", "benchmarks.seed", str(path), given], cwd=ROOT, check=True)
        show(path)


if __name__ == "__main__":
    main()
