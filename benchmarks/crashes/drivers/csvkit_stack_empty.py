"""Nightly report: puts the files of the branches together."""
import io
import os
import tempfile

from csvkit.utilities.csvstack import CSVStack


def stacked(paths):
    out = io.StringIO()
    tool = CSVStack(paths, out)
    tool.run()
    return out.getvalue()


def main():
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("berlin.csv", "bonn.csv", "mainz.csv")]
        for path, text in zip(paths, ("id,total\n1,20\n", "id,total\n2,31\n", "")):
            with open(path, "w") as out:
                out.write(text)
        print(stacked(paths[:2]))
        print(stacked(paths))
