"""PostgreSQL behind the same store."""

from triage.errors import Unavailable
from triage.store.database import Database


def open_postgres(url: str) -> Database:
    """The store in a PostgreSQL database. Raises Unavailable."""
    raise Unavailable("PostgreSQL stores are not supported yet", url.rpartition("@")[2], "use sqlite:///path")
