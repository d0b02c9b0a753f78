"""Backup: rules of which files to leave out."""

import re

import pathspec
from pathspec.pattern import RegexPattern


def rules(table):
    return [RegexPattern(row["pattern"], row["include"]) for row in table]


def kept(table, names):
    spec = pathspec.PathSpec(rules(table))
    return [name for name in names if not spec.match_file(name)]


def main():
    print(kept([{"pattern": re.compile(r".*\.tmp$"), "include": True}], ["a.tmp", "b.txt"]))
    print(
        kept(
            [{"pattern": re.compile(r".*\.tmp$"), "include": True}, {"pattern": None, "include": None}],
            ["a.tmp", "b.txt"],
        )
    )
