"""Dashboard: key figures of uploaded tables."""
import io
import json
import os
import tempfile

from csvkit.utilities.csvstat import CSVStat


def figures(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as out:
        out.write(text)
    shown = io.StringIO()
    CSVStat(["--json", path], shown).run()
    return json.loads(shown.getvalue())


def main():
    with tempfile.TemporaryDirectory() as folder:
        print(len(figures(folder, "a.csv", "id,total\n1,20\n2,30\n")))
        print(len(figures(folder, "b.csv", "id,took\n1,0:05:20\n2,1:00:10\n")))
