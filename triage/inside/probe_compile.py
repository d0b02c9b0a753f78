"""Compiles the files named on stdin to bytecode where there is none yet; runs none of them.

Standard library only, Python 3.8+. For our use only: drafts see the result read-only. With `--gently` it
leaves the processor to whatever else runs.
"""

from __future__ import annotations

import importlib.util
import json
import os
import py_compile
import sys


def main() -> None:
    if "--gently" in sys.argv:
        os.nice(19)
    for file in json.load(sys.stdin):
        try:
            cached = importlib.util.cache_from_source(file)
            if not os.path.exists(cached):
                py_compile.compile(file, cfile=cached, doraise=True)
        except (py_compile.PyCompileError, OSError, ValueError, RecursionError):
            continue


if __name__ == "__main__":
    main()
