"""Query builder: casts columns."""
from sqlglot import exp


def column(name, *types):
    found = exp.column(name)
    for kind in types:
        found = exp.cast(found, kind)
    return found.sql("postgres")


def main():
    print(column("a", "int", "text"))
    print(column("length", "interval"))
    print(column("length", "interval day", "text"))
