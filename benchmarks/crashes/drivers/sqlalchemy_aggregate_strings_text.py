"""Audit: writes down the statements that a report runs."""
from sqlalchemy import column, func, select, table


class Audit:
    def __init__(self):
        self.lines = []

    def note(self, statement):
        self.lines.append(str(statement).replace("\n", " "))
        return self.lines[-1]


def joined(source, name, separator):
    return select(func.aggregate_strings(source.c[name], separator)).select_from(source)


def main():
    audit = Audit()
    people = table("people", column("name"))
    print(audit.note(select(people.c.name)))
    print(audit.note(joined(people, "name", ", ")))
