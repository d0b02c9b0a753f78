import sqlite3


class AuditLog:
    def __init__(self, path):
        self.path = path

    def write(self, actor, action):
        db = sqlite3.connect(self.path, timeout=0.1)
        try:
            db.execute("insert into log (actor, action) values (?, ?)", (actor, action))
            db.commit()
        finally:
            db.close()
        return True


def record(log, actor, action):
    return log.write(actor, action)
