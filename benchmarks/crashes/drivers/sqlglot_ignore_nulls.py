"""Migration: moves queries to another database."""
import sqlglot


def moved(queries, source, target):
    return [sqlglot.transpile(query, read=source, write=target)[0] for query in queries]


def main():
    print(moved(["SELECT a FROM t"], "snowflake", "mysql"))
    print(moved(["SELECT FIRST_VALUE(a IGNORE NULLS) OVER (ORDER BY b) FROM t"], "snowflake", "mysql"))
