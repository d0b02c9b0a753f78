"""Nightly check: writes what is unused to a log that takes ASCII only."""
import contextlib
import io

from vulture import Vulture


def log(sources):
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    finder = Vulture()
    for name, text in sources.items():
        finder.scan(text, filename=name)
    with contextlib.redirect_stdout(out):
        finder.report(min_confidence=60)
    out.flush()
    return out.buffer.getvalue()


def main():
    print(log({"cafe.py": "def f():\n    pass\n"}))
    print(log({"caf\u00e9.py": "def g():\n    pass\n"}))
