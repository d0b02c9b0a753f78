"""Packager: which files go into the archive."""

import pathspec


def packed(ignore_lines, files):
    spec = pathspec.GitIgnoreSpec.from_lines(ignore_lines)
    ignored = set(spec.match_files(files))
    return sorted(set(files) - ignored)


def main():
    print(packed(["*.log", "build/"], ["a.py", "x.log", "build/b.py"]))
    print(packed(["**", "!*.py"], ["a.py", "x.log", "docs/b.md"]))
