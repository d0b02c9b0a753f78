"""Where the mocks of a candidate ended up: which variable of a function of the stack held which of them.

Standard library only, Python 3.8+. `told` runs a candidate's own function and answers with plain lists, whatever the
function does. Nothing here may raise into the candidate.
"""

import os
import sys
import threading
from unittest import mock

MOST_ROWS = 40
MOST_ANSWER = 1700
DEEPEST = 12
AWAITED = "awaited"
_MOCK_FILE = mock.__file__
# What runs inside a mock that is iterated: functions that hold the mock as `self`.
_ITERATES = ("__iter__", "__aiter__")


def told(function, arguments, steps, own):
    """Rows of what `function(**arguments)` showed.

    `steps` are [path, function name] pairs of the stack, `own` the names of the candidate's functions.
    ["held", path, function, variable, root, parts] for a variable that held a mock when the function ended last,
    ["looped", path, function, line, root, parts] for a mock that was iterated there, ["awaited", root, parts]
    for one that was awaited. `root` is the candidate's own name for the outermost mock, `parts` the way from it:
    attribute names, "()" for what a call gave.
    """
    watch = Watch(steps, own)
    watch.start()
    try:
        function(**arguments)
    except BaseException:
        pass
    finally:
        watch.stop()
    try:
        return watch.rows()
    except Exception:
        return []


class Watch:
    """Looks at the variables of the functions of the stack each time that one ends."""

    def __init__(self, steps, own):
        self.steps = {(name, path): [path, name] for path, name in steps}
        self.names = {name for _, name in steps}
        self.own = set(own)
        self.roots = {}
        self.held = {}
        self.looped = []
        self.waited = []
        self.kept = []

    def start(self):
        waited = self.waited

        def awaiting(one):
            waited.append(one)
            return getattr(one, AWAITED)
            yield

        mock.MagicMock.__await__ = awaiting
        threading.setprofile(self.on_event)
        sys.setprofile(self.on_event)

    def stop(self):
        sys.setprofile(None)
        threading.setprofile(None)
        del mock.MagicMock.__await__

    def on_event(self, frame, event, argument):
        code = frame.f_code
        try:
            if event == "call":
                if code.co_name in _ITERATES and code.co_filename == _MOCK_FILE:
                    self.iterated(frame)
            elif event == "return" and (code.co_name in self.names or code.co_name in self.own):
                self.ended(frame)
        except Exception:
            pass

    def step(self, code):
        if code.co_name not in self.names:
            return None
        path = os.path.realpath(code.co_filename).replace(os.sep, "/")
        for (name, below), step in self.steps.items():
            if name == code.co_name and path.endswith("/" + below):
                return step
        return None

    def iterated(self, frame):
        one = frame.f_locals.get("self")
        caller = frame.f_back
        while caller is not None and caller.f_code.co_filename == _MOCK_FILE:
            caller = caller.f_back
        if caller is not None and isinstance(one, mock.NonCallableMock):
            path = os.path.realpath(caller.f_code.co_filename).replace(os.sep, "/")
            name = caller.f_code.co_name
            for (_, below), step in self.steps.items():
                if path.endswith("/" + below) and (name == step[1] or name.startswith("<")):
                    self.looped.append((step, caller.f_lineno, one))
                    break

    def ended(self, frame):
        variables = frame.f_locals
        if frame.f_code.co_name in self.own:
            for name, value in list(variables.items()):
                self.root(name, value)
        step = self.step(frame.f_code)
        if step is not None:
            for name, value in list(variables.items()):
                key = (step[0], step[1], name)
                if isinstance(value, mock.NonCallableMock):
                    self.held[key] = value
                else:
                    self.held.pop(key, None)

    def root(self, name, value):
        if isinstance(value, mock.NonCallableMock):
            self.kept.append(value)
            self.roots.setdefault(id(value), name)
            return
        inside = getattr(value, "__dict__", None)
        if isinstance(inside, dict) and not isinstance(value, type) and type(value).__module__ != "builtins":
            for attribute, item in list(inside.items()):
                if isinstance(item, mock.NonCallableMock) and isinstance(attribute, str) and attribute.isidentifier():
                    self.kept.append(item)
                    self.roots.setdefault(id(item), "%s.%s" % (name, attribute))

    def way(self, one):
        """(root, parts) of a mock; None for one whose outermost mock has no name in the candidate."""
        parts = []
        while id(one) not in self.roots:
            name, parent = one._mock_new_name, one._mock_new_parent
            if parent is None or not name or len(parts) > DEEPEST:
                return None
            parts.insert(0, name)
            one = parent
        flat = []
        for part in parts:
            calls = part.count("()")
            bare = part.replace("()", "").strip(".")
            flat += ([bare] if bare else []) + ["()"] * calls
        return self.roots[id(one)], flat

    def rows(self):
        found = []
        for one in self.waited:
            way = self.way(one)
            if way is not None:
                found.append(["awaited", way[0], way[1]])
        for step, line, one in self.looped:
            way = self.way(one)
            if way is not None:
                found.append(["looped", step[0], step[1], line, way[0], way[1]])
        for (path, function, name), one in self.held.items():
            way = self.way(one)
            if way is not None and way[1]:
                found.append(["held", path, function, name, way[0], way[1]])
        answer, length = [], 0
        for row in found:
            length += len(repr(row)) + 2
            if row not in answer and length < MOST_ANSWER and len(answer) < MOST_ROWS:
                answer.append(row)
        return answer
