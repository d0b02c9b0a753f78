"""What a candidate's run looked like: exceptions with their frames in the worktree, or the value.

Standard library only, Python 3.8+. Exceptions are described by the probe's own code, so that a
candidate is judged on the same facts as a test in pytest.
"""

import ast
import linecache
import os
import sys
import types

import probe_facts

CANDIDATE = "triage_candidate.py"


class Reporter:
    """Describes what happens in one worktree. `filename` is what candidates are compiled as."""

    def __init__(self, worktree):
        self.filename = os.path.join(os.path.realpath(worktree), CANDIDATE)
        self.sources = probe_facts.Sources(worktree, self.filename)

    def report(self, error):
        """The raised exception first, then everything that hangs on it."""
        facts = probe_facts.all_facts(error, self.sources)
        if facts:
            frames = probe_facts.frames(error.__traceback__)
            if frames:
                frame, number = frames[-1]
                code = frame.f_code
                facts[0]["raise_line"] = linecache.getline(code.co_filename, number or 0).strip()[:200]
                facts[0]["deepest_path"] = code.co_filename
                facts[0]["deepest_function"] = code.co_name
            facts[0]["state"] = state_of(error)
        return facts

    def inside(self, filename):
        """The path relative to the worktree (posix), or "" for anything else."""
        return self.sources.relative(filename) or ""


def load(source, filename):
    """The candidate as a module whose source can be asked for, as that of a real test file; its namespace."""
    module = types.ModuleType("triage_candidate")
    module.__file__ = filename
    sys.modules[module.__name__] = module
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    exec(compile(source, filename, "exec"), module.__dict__)
    return module.__dict__


def state_of(error):
    """What a fault needs to be raised again: its arguments, when they are plain."""
    try:
        text = repr(error.args)
        ast.literal_eval(text)
    except BaseException:
        return ""
    return text[:500]


def type_name(kind):
    return probe_facts.qualified(kind)


def describe(value):
    """Type and repr of what was returned; `literal` when the repr reads back as an equal value."""
    try:
        text = repr(value)
    except BaseException:
        text = "<repr failed>"
    literal = False
    if len(text) <= 2000:
        try:
            again = ast.literal_eval(text)
            literal = bool(again == value) and type(again) is type(value)
        except BaseException:
            literal = False
    return {"type": type_name(type(value)), "repr": text[:2000], "literal": literal}


class Watcher:
    """Says whether a function of the worktree was entered."""

    def __init__(self, watched, reporter):
        self.path, self.name = watched
        self.reporter = reporter
        self.seen = False

    def start(self):
        sys.settrace(self.trace)

    def stop(self):
        sys.settrace(None)

    def trace(self, frame, event, argument):
        code = frame.f_code
        if code.co_name == self.name and self.reporter.inside(code.co_filename) == self.path:
            self.seen = True
            sys.settrace(None)
