"""Imports in the fork server what its forks had to import themselves, and says what is imported.

Standard library only, Python 3.8+. A test client or a mock imports half a second of modules at its first
use; every candidate would do that again. Modules of the worktree stay out: importing them may be what the
candidate is about.
"""

import importlib
import os
import signal
import sys
import time

MOST_NAMES = 2_000
SECONDS = 8.0


class Late(BaseException):
    """Importing took too long."""


def outside(names, worktree):
    """Of module names those whose file lies outside the worktree, as they were imported."""
    inside = os.path.realpath(worktree) + os.sep
    found = []
    for name in names[:MOST_NAMES]:
        try:
            spec = sys.modules[name].__spec__
            origin = spec.origin if spec.name == name else None
        except BaseException:  # a module may be any object
            continue
        if not isinstance(origin, str):
            continue
        if origin in ("built-in", "frozen") or not os.path.realpath(origin).startswith(inside):
            found.append(name)
    return found


def loaded_files(request):
    """The source files of all modules that are loaded, in a fork that imports those of `also` before."""
    for top in request.get("also") or ():
        try:
            folder = os.path.dirname(importlib.import_module(top).__file__)
        except BaseException:
            continue
        for entry in sorted(os.listdir(folder)):
            if entry.endswith(".py"):
                try:
                    importlib.import_module("%s.%s" % (top, entry[:-3]))
                except BaseException:
                    continue
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return {"files": [file for file in files if isinstance(file, str)], "tag": sys.implementation.cache_tag}


class Warm:
    """What was imported for the forks. A library that cannot be imported here is not tried again."""

    def __init__(self, seconds=SECONDS):
        self.left = seconds
        self.refused = set()

    def take(self, names):
        """Import these modules; returns the seconds it took. Nothing that goes wrong matters."""
        wanted = [name for name in names if isinstance(name, str) and name not in sys.modules]
        if not wanted or self.left <= 0:
            return 0.0
        started = time.monotonic()
        previous = signal.signal(signal.SIGALRM, _late)
        signal.setitimer(signal.ITIMER_REAL, self.left)
        try:
            for name in wanted:
                self._take_one(name)
        except Late:
            self.left = 0.0
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        took = time.monotonic() - started
        self.left -= took
        return took

    def _take_one(self, name):
        top = name.split(".")[0]
        if top in self.refused:
            return
        try:
            importlib.import_module(name)
        except Late:
            raise
        except BaseException:
            self.refused.add(top)


def _late(*_):
    raise Late()
