import sqlite3
import tempfile

import sentry_sdk

from audit.log import AuditLog, record

path = tempfile.mkdtemp() + "/audit.db"
holder = sqlite3.connect(path)
holder.execute("create table log (actor, action)")
holder.commit()
holder.execute("begin exclusive")
try:
    record(AuditLog(path), "bob", "delete")
except Exception:
    sentry_sdk.capture_exception()
