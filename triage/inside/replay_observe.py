"""What a test may assert of a call: its result as an expression that reads back, and what the call left behind.

Standard library only, Python 3.8+. A candidate calls `state` before and `told` after what it is about, with its own
variables; the answer is made of plain lists and texts. Nothing here may raise into the candidate.
"""

import ast
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import io
import itertools
import os
import pathlib
import sys
import threading
import time
import types
import uuid

LONGEST = 300
MOST_ITEMS = 50
MOST_ATTRIBUTES = 12
MOST_ANSWER = 1800
DEPTH = 6
LOITERED, MOMENT = 0.3, 0.004
PLAIN = (type(None), bool, int, float, complex, str, bytes)
STREAMS = (io.StringIO, io.BytesIO)


class NotWritable(Exception):
    """No expression says this value."""


def expression(value):
    """(text, import lines) of an expression that equals `value`; None when there is none that is short."""
    imports = set()
    try:
        text = _written(value, imports, 0)
        if len(text) > LONGEST:
            return None
        names = {}
        for line in imports:
            exec(line, names)
        again = eval(compile(text, "<value>", "eval"), names)
        if (again == value) is not True:
            return None
    except Exception:
        return None
    return text, sorted(imports)


def _written(value, imports, depth):
    if depth > DEPTH:
        raise NotWritable
    kind = type(value)

    def inner(item):
        return _written(item, imports, depth + 1)

    if kind is type:
        return _named(value, imports)
    if kind in PLAIN:
        text = repr(value)
        ast.literal_eval(text)
        return text
    if kind is list:
        return "[%s]" % ", ".join(inner(item) for item in _few(value))
    if kind is tuple:
        items = [inner(item) for item in _few(value)]
        return "(%s,)" % items[0] if len(items) == 1 else "(%s)" % ", ".join(items)
    if kind in (set, frozenset):
        items = ", ".join(sorted(inner(item) for item in _few(value)))
        if kind is frozenset:
            return "frozenset({%s})" % items if items else "frozenset()"
        return "{%s}" % items if items else "set()"
    if kind is dict:
        return "{%s}" % ", ".join("%s: %s" % (inner(key), inner(item)) for key, item in _few(value.items()))
    if kind in (decimal.Decimal, fractions.Fraction, uuid.UUID):
        return "%s(%r)" % (_named(kind, imports), str(value))
    if kind in (datetime.datetime, datetime.date, datetime.time, datetime.timedelta):
        return _of_time(value, imports)
    if isinstance(value, pathlib.PurePath) and kind in (type(pathlib.Path()), type(pathlib.PurePath())):
        imports.add("from pathlib import Path")
        return "Path(%r)" % str(value)
    if isinstance(value, enum.Enum):
        return "%s.%s" % (_named(kind, imports), value.name)
    fields = _fields(value)
    if fields is not None:
        given = ", ".join("%s=%s" % (name, inner(item)) for name, item in fields)
        return "%s(%s)" % (_named(kind, imports), given)
    for base in (dict, list, str, int, float, tuple):
        if isinstance(value, base):
            return _written(base(value), imports, depth)
    raise NotWritable


def _few(items):
    found = list(itertools.islice(items, MOST_ITEMS + 1))
    if len(found) > MOST_ITEMS:
        raise NotWritable
    return found


def _of_time(value, imports):
    zone = getattr(value, "tzinfo", None)
    if zone is not None and zone is not datetime.timezone.utc:
        raise NotWritable
    text = repr(value).replace("datetime.", "")
    imports.add("from datetime import %s" % type(value).__name__)
    if zone is not None:
        imports.add("from datetime import timezone")
    return text


def _fields(value):
    """What the constructor of a record (dataclass, attrs, named tuple, pydantic) was given; None for other objects."""
    kind = type(value)
    if isinstance(value, tuple) and hasattr(kind, "_fields"):
        return [(name, getattr(value, name)) for name in kind._fields]
    if dataclasses.is_dataclass(value):
        return [
            (field.name, getattr(value, field.name))
            for field in dataclasses.fields(value)
            if field.init and not _is_default(field.default, getattr(value, field.name))
        ]
    if hasattr(kind, "__attrs_attrs__"):
        return [
            (field.name.lstrip("_"), getattr(value, field.name))
            for field in kind.__attrs_attrs__
            if field.init and not _is_default(field.default, getattr(value, field.name))
        ]
    given = getattr(value, "model_fields_set", None)
    if isinstance(given, set) and hasattr(kind, "model_fields"):
        return [(name, getattr(value, name)) for name in kind.model_fields if name in given]
    return None


def _is_default(default, value):
    return default is value or (type(default) is type(value) and type(value) in PLAIN and default == value)


def _named(kind, imports):
    """The class's name, imported from the shortest public place that has it."""
    name = kind.__qualname__
    if "." in name or kind.__module__ in ("__main__", "triage_candidate"):
        raise NotWritable
    parts = kind.__module__.split(".")
    for count in range(1, len(parts) + 1):
        module = ".".join(parts[:count])
        if getattr(sys.modules.get(module), name, None) is kind:
            if module != "builtins":
                imports.add("from %s import %s" % (module, name))
            return name
    raise NotWritable


def slow():
    """Make every call of a function take a moment from now on, up to `LOITERED` seconds in all: what a call says of
    the time that it took is then another."""
    spent = [0.0]

    def loiter(frame, event, argument):
        if event == "call" and spent[0] < LOITERED:
            spent[0] += MOMENT
            time.sleep(MOMENT)

    threading.setprofile(loiter)
    sys.setprofile(loiter)


def state(variables, slowly=False):
    """What can be seen of the variables' values now: {expression: (text, imports)}, and how much was printed."""
    seen = _state(variables)
    if slowly:
        slow()
    return seen


def _state(variables):
    found = {}
    known = {str(value) for value in variables.values() if isinstance(value, (str, pathlib.Path))}
    for name, value in list(variables.items()):
        if name.startswith("triage_") or not name.isidentifier():
            continue
        try:
            found.update(_sights(name, value, known))
        except Exception:
            continue
    return found, _printed()


def _sights(name, value, known):
    if isinstance(value, (types.ModuleType, type, types.FunctionType)) or _is_mock(value):
        return {}
    if isinstance(value, STREAMS):
        return {} if value.closed else _kept({"%s.getvalue()" % name: value.getvalue()})
    if isinstance(value, pathlib.Path):
        return _kept(_of_path(name, value, known))
    if type(value) in (list, dict, set, bytearray, collections.deque):
        return _kept({name: bytes(value) if type(value) is bytearray else value})
    if type(value) in PLAIN or (callable(value) and not hasattr(value, "__dict__")):
        return {}
    return _kept({"%s.%s" % (name, label): item for label, item in _attributes(value)})


def _of_path(name, path, known):
    """A file's content; of a folder that of its files, but for those that a variable of their own names."""
    if path.is_file():
        return {"%s.%s" % (name, way): content for way, content in _content(path)}
    if not path.is_dir():
        return {}
    found = {}
    for file in itertools.islice(sorted(path.rglob("*")), MOST_ITEMS):
        if file.is_file() and str(file) not in known:
            place = " / ".join([name] + [repr(part) for part in file.relative_to(path).parts])
            for way, content in _content(file):
                found["(%s).%s" % (place, way)] = content
    return found


def _content(path):
    data = path.read_bytes() if path.stat().st_size <= LONGEST else None
    if data is None:
        return []
    try:
        return [("read_text()", data.decode("ascii"))] if b"\r" not in data else [("read_bytes()", data)]
    except UnicodeDecodeError:
        return [("read_bytes()", data)]


def _attributes(value):
    found = []
    names = list(getattr(value, "__dict__", ())) + [
        name for kind in type(value).__mro__ for name in _slots(kind) if hasattr(value, name)
    ]
    for name in names:
        if not name.startswith("_") and name.isidentifier():
            item = getattr(value, name)
            if not callable(item) and not _is_mock(item):
                found.append((name, item))
    return found[:MOST_ATTRIBUTES]


def _slots(kind):
    slots = kind.__dict__.get("__slots__", ())
    return (slots,) if isinstance(slots, str) else slots


def _kept(values):
    known = {text: expression(value) for text, value in values.items()}
    return {text: told for text, told in known.items() if told is not None}


def _is_mock(value):
    return any(kind.__module__ in ("unittest.mock", "mock.mock", "mock") for kind in type(value).__mro__)


def _printed():
    """All that was printed so far, as pytest's capturing would have it; "" where that cannot be read."""
    try:
        stream = sys.stdout
        stream.flush()
        raw = stream.buffer
        number = raw.fileno()
        size = os.fstat(number).st_size
        return os.pread(number, min(size, 10 * LONGEST), 0).decode("utf-8") if size else ""
    except Exception:
        return ""


def told(value, before, variables):
    """Rows of [what, expression, text, import lines]: what is "result", "changed", "printed" or "kind".

    "result": the expression, in which `result` is `value`, equals the text. "changed": so does one of the variables
    that was otherwise before. "kind": `result` is an instance of the class that the text names.
    """
    sys.setprofile(None)
    rows = []
    try:
        rows += _of_result(value)
    except Exception:
        pass
    try:
        seen, printed = before
        after, now = _state(variables)
        for name, text in after.items():
            if seen.get(name) != text and (name in seen or "." not in name or "read_" in name):
                rows.append(["changed", name, text[0], text[1]])
        new = now[len(printed) :]
        if new and len(new) <= LONGEST and now.startswith(printed):
            rows.append(["printed", "capsys.readouterr().out", repr(new), []])
    except Exception:
        pass
    answer, length = [], 0
    for row in rows:
        length += len(repr(row))
        if length < MOST_ANSWER:
            answer.append(row)
    return answer


def _of_result(value):
    if value is None or isinstance(value, types.CoroutineType) or _is_mock(value):
        return []
    whole = expression(value)
    if whole is not None:
        return [["result", "result", whole[0], whole[1]]]
    if hasattr(type(value), "__next__") and not isinstance(value, io.IOBase):
        items = list(itertools.islice(value, MOST_ITEMS + 1))
        text = expression(items) if len(items) <= MOST_ITEMS else None
        return [["result", "list(result)", text[0], text[1]]] if text is not None else []
    if isinstance(value, (dict, list, set, frozenset)) and type(value).__module__ == "builtins":
        return [["result", "len(result)", repr(len(value)), []], *_of_kind(value)]
    rows = []
    shown = _shown(value)
    if shown is not None:
        rows.append(["result", "str(result)", shown, []])
    for name, item in _attributes(value):
        text = expression(item)
        if text is not None and len(text[0]) <= LONGEST // 3:
            rows.append(["result", "result.%s" % name, text[0], text[1]])
    return rows + _of_kind(value)


def _shown(value):
    """`str(value)` as a literal, for a class of its own that says how it is printed to people."""
    kinds = [kind for kind in type(value).__mro__ if "__str__" in kind.__dict__]
    if not kinds or kinds[0].__module__ in ("builtins", "unittest.mock"):
        return None
    text = str(value)
    return repr(text) if text and len(text) <= LONGEST and type(text) is str else None


def _of_kind(value):
    imports = set()
    if type(value) is object:
        return []
    try:
        return [["kind", "result", _named(type(value), imports), sorted(imports)]]
    except NotWritable:
        return []


def answer(response):
    """Rows of [expression of `response`, text] for what a test client's response says beside its status, the best
    first: where it leads, its JSON or the parts of that which are short, its text."""
    sys.setprofile(None)
    if hasattr(response, "exit_code"):
        said = response.output
        return [["result.output", repr(said)]] if isinstance(said, str) and 0 < len(said) <= LONGEST else []
    status = getattr(response, "status_code", 0)
    rows = []
    if isinstance(status, int) and 300 <= status < 400:
        place = response.headers.get("Location")
        rows += [["response.headers['Location']", repr(place)]] if place else []
    for way in ("json", "get_json"):
        try:
            value = getattr(response, way)()
        except Exception:
            continue
        if isinstance(value, types.CoroutineType):
            value.close()
            return rows
        if isinstance(value, (dict, list)):
            return rows + _parts("response.%s()" % way, value, 0)
    return rows + _text_of(response)


def _parts(name, value, depth):
    text = expression(value)
    rows = []
    if text is not None and not text[1] and len(text[0]) <= (LONGEST if depth == 0 else LONGEST // 4):
        rows = [[name, text[0]]]
    if depth > 3 or (rows and depth):
        return rows
    if isinstance(value, dict):
        rows += [row for key, item in value.items() for row in _parts("%s[%r]" % (name, key), item, depth + 1)]
    elif isinstance(value, list) and value:
        rows += _parts(name + "[0]", value[0], depth + 1)
    return rows[:MOST_ATTRIBUTES]


def _text_of(response):
    """The whole text, when it is short; a page's layout is nobody's promise."""
    text, way = getattr(response, "text", None), "response.text"
    if not isinstance(text, str) and hasattr(response, "get_data"):
        text, way = response.get_data(as_text=True), "response.get_data(as_text=True)"
    elif not isinstance(text, str):
        text, way = getattr(response, "content", b"").decode("utf-8"), "response.content.decode()"
    page = text.lstrip()[:1] == "<"
    return [[way, repr(text)]] if 0 < len(text) <= LONGEST // (4 if page else 1) else []
