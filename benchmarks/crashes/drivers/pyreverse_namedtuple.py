"""Docs builder: draws class diagrams of uploaded modules."""
import os
import tempfile

from pylint.pyreverse.main import Run


def draw(source):
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "shapes.py")
        with open(path, "w", encoding="utf-8") as fh:
            fh.write(source)
        return Run(["--output", "dot", "--output-directory", work, "--all-ancestors", "--all-associated", path]).run()


def main():
    print(draw("class A:\n    def __init__(self):\n        self.x = 1\n"))
    print(draw("from collections import namedtuple\nPoint = namedtuple('Point', 'x y')\n\nclass A(Point):\n    def __init__(self):\n        self.p = Point(1, 2)\n"))
