"""Storage: sizes of the files that a job left."""
from pathlib import Path

import fsspec


def sizes(paths):
    files = fsspec.filesystem("file")
    return {path.name: files.info(path)["size"] for path in paths}


def main():
    report = Path("report.csv")
    report.write_text("a,b\n1,2\n")
    print(sizes([report]))
