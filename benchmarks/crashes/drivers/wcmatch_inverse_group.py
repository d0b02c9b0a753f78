"""Backup: file patterns of the users."""
from wcmatch import fnmatch


def chosen(names, patterns):
    return fnmatch.filter(names, patterns, flags=fnmatch.EXTMATCH | fnmatch.SPLIT)


def main():
    names = ["a.txt", "b.txt", "cc.md"]
    print(chosen(names, "!(a)*|*.md"))
    print(chosen(names, ["*.txt", "!(a)@(b|*(c))"]))
