"""What is particular to a store in PostgreSQL: its server, its schema, several starters."""

import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from psycopg import sql
from sqlmodel import SQLModel

import triage.store.tables  # noqa: F401
from triage.domain.incoming import IncomingEvent
from triage.domain.issue import IssueQuery
from triage.errors import Refused, TriageError, Unavailable, UsageError
from triage.store import open_store

Arrival = Callable[..., IncomingEvent]


@pytest.fixture
def empty_database(postgres_server: str) -> Iterator[str]:
    """URL of a database without tables."""
    with psycopg.connect(postgres_server % "postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE empty")
    yield postgres_server % "empty"
    with psycopg.connect(postgres_server % "postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE empty WITH (FORCE)")


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(sql.SQL(statement))


def test_starters_at_the_same_time_make_one_store(empty_database: str, arrival: Arrival) -> None:
    batches = [[arrival(f"f{number}") for number in range(20)] for _ in range(4)]
    failures: list[BaseException] = []

    def start(batch: list[IncomingEvent]) -> None:
        try:
            store = open_store(empty_database)
            store.add_events(batch)
            # The same events from everybody: each is stored once.
            store.add_events(batches[0])
            store.close()
        except BaseException as error:
            failures.append(error)

    starters = [threading.Thread(target=start, args=(batch,)) for batch in batches]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []
    store = open_store(empty_database)
    issues = store.page(IssueQuery(), 50)
    assert [issue.count for issue in issues] == [4] * 20
    store.close()


def test_the_models_are_what_the_migrations_make(postgres_url: str) -> None:
    engine = sa.create_engine(sa.make_url(postgres_url).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), SQLModel.metadata)
    engine.dispose()
    # The index over the words of `search` is an expression that no model names; that of titles is SQLite's only.
    ours = ("issue_search", "issue_title")
    assert [entry for entry in differences if getattr(entry[1], "name", "") not in ours] == []


def test_a_newer_store_is_refused(empty_database: str) -> None:
    open_store(empty_database).close()
    execute(empty_database, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="newer"):
        open_store(empty_database)


def test_other_tables_are_refused(empty_database: str) -> None:
    execute(empty_database, "CREATE TABLE event (id int)")
    with pytest.raises(Refused, match="not a triage store"):
        open_store(empty_database)


def test_a_server_that_goes_away_and_comes_back(empty_database: str, arrival: Arrival) -> None:
    store = open_store(empty_database)
    store.add_events([arrival()])
    execute(
        empty_database,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'empty' AND pid <> pg_backend_pid()",
    )
    assert store.add_events([arrival()]) == [1]
    assert store.issue(1).count == 2
    store.close()


def test_a_role_that_may_not_write(empty_database: str, arrival: Arrival) -> None:
    store = open_store(empty_database)
    store.add_events([arrival()])
    execute(empty_database, "ALTER DATABASE empty SET default_transaction_read_only = on")
    reader = open_store(empty_database)
    assert reader.count(IssueQuery()) == 1
    with pytest.raises(Unavailable, match="read-only"):
        reader.resolve([1])
    reader.close()
    store.close()


def test_no_server_is_one_clear_error_without_the_password() -> None:
    with pytest.raises(TriageError) as caught:
        open_store("postgresql://ana:hunter2@127.0.0.1:1/triage")
    assert "hunter2" not in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("url", ["postgresql://host:port/x", "postgres://[::1"])
def test_a_url_that_is_none(url: str) -> None:
    with pytest.raises(UsageError):
        open_store(url)
