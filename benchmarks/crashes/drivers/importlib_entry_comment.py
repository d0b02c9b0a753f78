"""Installer: the commands that a package brings."""
import os
import tempfile
from pathlib import Path

from importlib_metadata import PathDistribution

PLAIN = "[console_scripts]\ntool = tool:main\n"
BY_HAND = "# made by hand\n[console_scripts]\n# old\ntool = tool:main\n"


def commands(folder):
    points = PathDistribution(Path(folder)).entry_points
    return sorted(point.name for point in points if point.group == "console_scripts")


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "tool-1.0.dist-info")
        os.mkdir(place)
        for text in (PLAIN, BY_HAND):
            Path(place, "entry_points.txt").write_text(text)
            print(commands(place))
