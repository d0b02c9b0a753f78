"""Reports: what a table holds, for the log."""
import agate


def described(rows, names, groups):
    table = agate.Table(rows, names)
    for group in groups:
        table = table.group_by(group)
    return repr(table)


def main():
    rows = [("foo", "FOO", 1), ("foo", "FOO", 2), ("bar", "BOZ", 1)]
    print(described(rows, ["a", "b", "c"], ["a"]))
    print(described(rows, ["a", "b", "c"], ["a", "b"]))
