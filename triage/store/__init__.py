"""Tables, queries and migrations of the local database."""

from pathlib import Path

from triage.errors import UsageError
from triage.store.rows import Activity, Clock, RawEvent
from triage.store.store import Store, system_clock

__all__ = ["Activity", "RawEvent", "Store", "open_store"]


def open_store(url: str, clock: Clock = system_clock, who: str = "") -> Store:
    """The store at `url`: `sqlite:///path`, a plain path, or `postgresql://...`.

    Created when it is not there, migrated when it is older than the program. Raises Refused
    when it is newer or not ours, Unavailable when it cannot be opened, UsageError for a URL
    of another kind.
    """
    scheme, separator, rest = url.partition("://")
    if separator and scheme.split("+")[0] in ("postgresql", "postgres"):
        from triage.store.postgres import open_postgres

        return Store(open_postgres(url), clock, who)
    if separator and scheme != "sqlite":
        raise UsageError(f"no store of kind {scheme}", url, "use sqlite:///path or postgresql://user@host/name")
    path = Path(rest.removeprefix("/") if separator else url).expanduser()
    if not path.name or str(path) == ":memory:":
        raise UsageError("a SQLite store is a file", url, "use sqlite:///path")
    from triage.store.migrate import open_sqlite

    return Store(open_sqlite(path), clock, who)
