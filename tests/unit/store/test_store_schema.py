"""Models, migrations and the schema for new files say the same."""

import re
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlmodel import SQLModel

import triage.store.tables  # noqa: F401
from triage.domain.issue import IssueQuery
from triage.store import migrate, open_store
from triage.store.revisions import HEAD, REVISIONS


def objects(path: Path) -> dict[str, str]:
    with sqlite3.connect(path) as connection:
        rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    connection.close()
    return {name: re.sub(r"\s+", " ", sql).strip() for name, sql in rows}


def test_a_new_file_is_what_the_migrations_make(tmp_path: Path) -> None:
    open_store(str(tmp_path / "new.db")).close()
    migrate.migrate_file(tmp_path / "migrated.db")
    assert objects(tmp_path / "new.db") == objects(tmp_path / "migrated.db")
    for table in ("revision", "alembic_version"):
        rows = []
        for name in ("new.db", "migrated.db"):
            with sqlite3.connect(tmp_path / name) as connection:
                rows.append(connection.execute(f"SELECT * FROM {table}").fetchall())
            connection.close()
        assert rows[0] == rows[1]


def test_the_stored_schema_is_up_to_date(tmp_path: Path) -> None:
    """`python -m triage.store.migrate` writes it."""
    migrate.migrate_file(tmp_path / "migrated.db")
    assert migrate.dump_schema(tmp_path / "migrated.db") == migrate.SCHEMA.read_text(encoding="utf-8")


def test_the_models_are_what_the_migrations_make(tmp_path: Path) -> None:
    migrate.migrate_file(tmp_path / "migrated.db")
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'migrated.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _: not (kind == "table" and str(name).startswith("issue_text"))},
        )
        assert compare_metadata(context, SQLModel.metadata) == []
    engine.dispose()


def test_the_named_revisions_are_the_scripts(tmp_path: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.MIGRATIONS))
    scripts = ScriptDirectory.from_config(config)
    assert tuple(script.revision for script in reversed(list(scripts.walk_revisions()))) == REVISIONS
    assert scripts.get_current_head() == HEAD


LATER = '''
"""A later revision."""
import sqlalchemy as sa
from alembic import op
revision = "9002"
down_revision = "{head}"

def upgrade() -> None:
    op.execute("CREATE TABLE more (id INTEGER)")
    op.execute("INSERT INTO more SELECT id FROM issue")
    {then}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that is one revision ahead; out comes the place of the revision's script."""
    folder = tmp_path / "migrations"
    shutil.copytree(migrate.MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(migrate, "MIGRATIONS", folder)
    monkeypatch.setattr(migrate, "REVISIONS", (*REVISIONS, "9002"))
    monkeypatch.setattr(migrate, "HEAD", "9002")
    return folder / "versions" / "9002_later.py"


def test_an_older_store_is_migrated_once_by_whoever_comes_first(tmp_path: Path, later: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "store.db"
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", HEAD)
        open_store(str(path)).close()
    later.write_text(LATER.format(head=HEAD, then=""))
    failures: list[BaseException] = []

    def start() -> None:
        try:
            store = open_store(str(path))
            store.count(IssueQuery())
            store.close()
        except BaseException as error:
            failures.append(error)

    starters = [threading.Thread(target=start) for _ in range(4)]
    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join()
    assert failures == []
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("9002",)]
        assert connection.execute("SELECT count(*) FROM more").fetchall() == [(0,)]
    connection.close()


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path, later: Path, monkeypatch) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "store.db"
    with monkeypatch.context() as before:
        before.setattr(migrate, "HEAD", HEAD)
        open_store(str(path)).close()
    was = objects(path)
    later.write_text(LATER.format(head=HEAD, then='op.execute("INSERT INTO nowhere VALUES (1)")'))
    with pytest.raises(Exception, match="nowhere"):
        open_store(str(path))
    assert objects(path) == was
    with sqlite3.connect(path) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
    connection.close()
