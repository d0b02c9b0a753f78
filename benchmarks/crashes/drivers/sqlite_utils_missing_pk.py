"""Importer: rows of partner files."""
import sqlite_utils
from sqlite_utils import db as errors


def load(path, name, rows, key):
    database = sqlite_utils.Database(path)
    database[name].create({"id": int, "title": str}, pk="id")
    try:
        database[name].insert_all(rows, pk=key)
    except (AssertionError, getattr(errors, "InvalidColumns", AssertionError)) as error:
        return str(error)
    return database[name].count


def main():
    print(load(":memory:", "books", [{"id": 1, "title": "a"}, {"id": 2, "title": "b"}], "id"))
    print(load(":memory:", "books", [{"id": 1, "title": "a"}], "isbn"))
