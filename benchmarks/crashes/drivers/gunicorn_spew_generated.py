"""Settings: runs a settings file and writes down what it does."""
import sys
from pathlib import Path

from gunicorn.debug import Spew

SETTINGS = """workers = 2
threads = 4
bind = '127.0.0.1:' + str(8000 + workers)
"""


def traced(code, names):
    before = sys.gettrace()
    sys.settrace(Spew())
    try:
        exec(code, names)
    finally:
        sys.settrace(before)
    return names["bind"]


def read(path):
    return traced(compile(path.read_text(), str(path), "exec"), {})


def main():
    path = Path("settings.conf")
    path.write_text(SETTINGS)
    print(read(path))
