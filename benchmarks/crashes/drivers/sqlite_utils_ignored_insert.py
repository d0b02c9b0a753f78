"""Catalogue: adds what is not there yet."""
import sqlite_utils


class Catalogue:
    def __init__(self):
        self.db = sqlite_utils.Database(memory=True)

    def add(self, table, row):
        return self.db[table].insert(row, pk="id", ignore=True).last_pk


def main():
    catalogue = Catalogue()
    print(catalogue.add("books", {"id": 1, "title": "a"}))
    for at in range(5):
        catalogue.add("log", {"id": at, "text": "seen"})
    print(catalogue.add("books", {"id": 1, "title": "b"}))
