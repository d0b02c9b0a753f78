"""Runner: starts commands with the settings of a file."""
from pathlib import Path

from dotenv.cli import cli


def start(settings, command):
    try:
        cli(["-f", str(settings), "run", *command], standalone_mode=False)
    except SystemExit as ended:
        return ended.code


def main():
    settings = Path("worker.env")
    settings.write_text("NAME=worker\nDEBUG\n")
    print(start(settings, ["true"]))
