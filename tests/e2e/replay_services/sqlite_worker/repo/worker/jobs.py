import json
import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    id: int
    kind: str
    payload: dict


class Store:
    def __init__(self, path):
        self.db = sqlite3.connect(path)
        self.db.row_factory = sqlite3.Row
        self.db.execute("create table if not exists jobs (id integer primary key, kind text, payload text)")

    def push(self, kind, payload):
        with self.db:
            self.db.execute("insert into jobs (kind, payload) values (?, ?)", (kind, json.dumps(payload)))

    def next(self):
        row = self.db.execute("select * from jobs order by id limit 1").fetchone()
        return Job(row["id"], row["kind"], json.loads(row["payload"]))


class Worker:
    def __init__(self, store, retries=3):
        self.store = store
        self.retries = retries

    def run_once(self):
        job = self.store.next()
        return self.handle(job)

    def handle(self, job):
        handler = getattr(self, "do_" + job.kind)
        return handler(**job.payload)

    def do_resize(self, image, width, height=None):
        scale = width / image["width"]
        height = int(image["height"] * scale)
        return {"name": image["name"], "size": (width, height)}
