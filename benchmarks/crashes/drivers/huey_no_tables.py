"""Queue: the tables are made by a migration."""
import os
import tempfile

from huey import SqliteHuey


def queue(path, create):
    huey = SqliteHuey("jobs", filename=path, create_tables=create)
    return huey.pending_count()


def main():
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "jobs.db")
        print(queue(path, True))
        print(queue(path, False))
