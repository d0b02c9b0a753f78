import sqlite3

from audit.log import AuditLog, record


def test_record(tmp_path):
    path = tmp_path / "a.db"
    sqlite3.connect(path).execute("create table log (actor, action)")
    assert record(AuditLog(str(path)), "ann", "login")
