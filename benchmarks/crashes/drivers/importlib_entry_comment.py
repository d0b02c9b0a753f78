"""Installer: the commands that a package brings."""
import os
import tempfile

from importlib_metadata import PathDistribution
from pathlib import Path


def commands(folder):
    points = PathDistribution(Path(folder)).entry_points
    return sorted(point.name for point in points if point.group == "console_scripts")


def main():
    with tempfile.TemporaryDirectory() as folder:
        place = os.path.join(folder, "tool-1.0.dist-info")
        os.mkdir(place)
        for text in ("[console_scripts]\ntool = tool:main\n", "# made by hand\n[console_scripts]\n# old\ntool = tool:main\n"):
            Path(place, "entry_points.txt").write_text(text)
            print(commands(place))
