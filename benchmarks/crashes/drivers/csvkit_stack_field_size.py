"""Archive: joins exports that hold long notes."""
import io
import tempfile
from pathlib import Path

from csvkit.utilities.csvstack import CSVStack


class Archive:
    def __init__(self, limit):
        self.limit = limit

    def join(self, folder):
        out = io.StringIO()
        files = sorted(str(path) for path in Path(folder).glob("*.csv"))
        CSVStack(["--maxfieldsize", str(self.limit), *files], out).run()
        return out.getvalue().count("\n")


def main():
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "a.csv").write_text("id,note\n1,short\n")
        Path(folder, "b.csv").write_text("id,note\n2,longer note\n")
        print(Archive(1000).join(folder))
