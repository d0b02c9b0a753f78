"""What a candidate's run looked like: exceptions with their frames in the worktree, or the value.

Standard library only, Python 3.8+.
"""

import ast
import linecache
import os
import sys

CANDIDATE = "<triage candidate>"
MAX_FRAMES = 2000
_spans = {}


def report(error, worktree):
    """The raised exception first, then everything that hangs on it."""
    found, seen = [], set()

    def visit(item, link):
        if id(item) in seen or len(found) > 40:
            return
        seen.add(id(item))
        found.append(describe_exception(item, link, worktree))
        for child in list(getattr(item, "exceptions", ()) or ())[:20]:
            if isinstance(child, BaseException):
                visit(child, "group")
        if item.__cause__ is not None:
            visit(item.__cause__, "cause")
        if item.__context__ is not None and item.__context__ is not item.__cause__:
            visit(item.__context__, "context")

    visit(error, "raised")
    return found


def describe_exception(error, link, worktree):
    points, entries, step = [], [], error.__traceback__
    while step is not None and len(entries) < MAX_FRAMES:
        entries.append((step.tb_frame, step.tb_lineno))
        step = step.tb_next
    in_test = [index for index, (frame, _) in enumerate(entries) if frame.f_code.co_filename == CANDIDATE]
    for frame, lineno in entries:
        path = inside(frame.f_code.co_filename, worktree)
        if path:
            points.append(
                {
                    "path": path,
                    "qualname": qualname(frame.f_code, lineno),
                    "line": linecache.getline(frame.f_code.co_filename, lineno).strip()[:500],
                    "lineno": lineno,
                }
            )
    kind = type(error)
    try:
        message = str(error)
    except Exception:
        message = "<str() failed>"
    deepest = bool(in_test) and in_test[-1] == len(entries) - 1
    raise_line = ""
    if entries:
        raise_line = linecache.getline(entries[-1][0].f_code.co_filename, entries[-1][1]).strip()[:200]
    return {
        "type": type_name(kind),
        "mro": [type_name(item) for item in kind.__mro__],
        "message": message[:2000],
        "points": points,
        "link": link,
        "deepest_in_test": deepest,
        "signature": deepest and kind is TypeError and looks_like_signature(message),
        "raise_line": raise_line,
        "deepest_path": entries[-1][0].f_code.co_filename if entries else "",
        "deepest_function": entries[-1][0].f_code.co_name if entries else "",
    }


def looks_like_signature(message):
    return any(word in message for word in ("argument", "takes ", "not callable"))


def type_name(kind):
    name = getattr(kind, "__qualname__", kind.__name__)
    return name if kind.__module__ in ("builtins", None) else "%s.%s" % (kind.__module__, name)


def inside(filename, worktree):
    """The path relative to the worktree (posix), or "" for anything else."""
    if not filename or filename.startswith("<"):
        return ""
    real = os.path.realpath(filename)
    if not real.startswith(worktree + os.sep):
        return ""
    return os.path.relpath(real, worktree).replace(os.sep, "/")


def qualname(code, lineno):
    """The function with its classes: from the code object (3.11+), else from the source."""
    name = getattr(code, "co_qualname", None)
    if name is None:
        name = from_source(code.co_filename, code.co_firstlineno, code.co_name)
    return name


def from_source(filename, first_line, name):
    if name == "<module>":
        return name
    if filename not in _spans:
        spans = {}
        try:
            tree = ast.parse("".join(linecache.getlines(filename)))
        except (SyntaxError, ValueError):
            tree = None

        def visit(node, prefix):
            for child in ast.iter_child_nodes(node):
                if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    lines = [child.lineno] + [item.lineno for item in child.decorator_list]
                    for line in lines:
                        spans.setdefault((line, child.name), prefix + child.name)
                    visit(child, prefix + child.name + ".<locals>.")
                elif isinstance(child, ast.ClassDef):
                    visit(child, prefix + child.name + ".")
                elif isinstance(child, (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
                    label = {"Lambda": "<lambda>", "GeneratorExp": "<genexpr>"}.get(
                        type(child).__name__, "<%s>" % type(child).__name__.lower()
                    )
                    spans.setdefault((child.lineno, label), prefix + label)
                    visit(child, prefix + label + ".<locals>.")
                else:
                    visit(child, prefix)

        if tree is not None:
            visit(tree, "")
        _spans[filename] = spans
    return _spans[filename].get((first_line, name), name)


def describe(value):
    """Type and repr of what was returned; `literal` when the repr reads back as an equal value."""
    try:
        text = repr(value)
    except BaseException:
        text = "<repr failed>"
    literal = False
    if len(text) <= 2000:
        try:
            literal = ast.literal_eval(text) == value and type(ast.literal_eval(text)) is type(value)
        except BaseException:
            literal = False
    return {"type": type_name(type(value)), "repr": text[:2000], "literal": literal}


class Watcher:
    """Says whether a function of the worktree was entered."""

    def __init__(self, watched, worktree):
        self.path, self.name = watched
        self.worktree = worktree
        self.seen = False

    def start(self):
        sys.settrace(self.trace)

    def stop(self):
        sys.settrace(None)

    def trace(self, frame, event, argument):
        code = frame.f_code
        if code.co_name == self.name and inside(code.co_filename, self.worktree) == self.path:
            self.seen = True
            sys.settrace(None)
        return None
