"""Report: writes annotated sources of what ran."""
import runpy
from pathlib import Path

import coverage


def measure(script, folder):
    measured = coverage.Coverage(data_file=None, include=[str(script)])
    measured.start()
    runpy.run_path(str(script))
    measured.stop()
    measured.annotate(directory=str(folder))
    return sorted(path.name for path in folder.iterdir())


def main():
    for name in ("tool.py", "window.pyw"):
        script = Path(name).resolve()
        script.write_text("a = 1\nif a > 2:\n    a = 3\n")
        print(measure(script, Path("annotated")))
