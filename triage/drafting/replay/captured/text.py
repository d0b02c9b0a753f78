"""Writes a captured value as `repr` would have shown it, for the code that reads texts."""

import base64
from collections.abc import Sequence

from triage.domain.capture import Capture
from triage.domain.event import Json

MAX_DEPTH = 30
MAX_TEXT = 300_000


def text_of(capture: Capture, value: Json) -> str:
    """The repr of a value; objects and what is missing are `<...>` marks."""
    return _Writer(capture).write(value, 0)


class _Writer:
    def __init__(self, capture: Capture) -> None:
        self.capture = capture
        self.left = MAX_TEXT
        self.busy: set[int] = set()

    def write(self, value: Json, depth: int) -> str:
        if not isinstance(value, list):
            text = repr(value)
            self.left -= len(text)
            return text
        if depth > MAX_DEPTH or self.left < 0:
            return "<cut>"
        if len(value) == 1 and type(value[0]) is int:
            number = value[0]
            if number in self.busy:
                return "<circular>"
            self.busy.add(number)
            text = self.node(self.capture.node(value), depth)
            self.busy.discard(number)
            return text
        return self.node(value, depth)

    def node(self, node: Json, depth: int) -> str:
        if not isinstance(node, list) or not node:
            return repr(node)
        kind, parts = str(node[0]), list(node[1:])
        self.left -= 8
        try:
            return self.kind(kind, parts, depth)
        except (IndexError, TypeError, ValueError):
            return f"<{kind}>"

    def kind(self, kind: str, parts: Sequence[Json], depth: int) -> str:
        first = parts[0] if parts else None
        if kind in ("list", "tuple", "set", "frozenset", "deque"):
            items = [self.write(item, depth + 1) for item in _list(first)]
            inner = ", ".join(items)
            if kind == "list":
                return f"[{inner}]"
            if kind == "tuple":
                return f"({inner},)" if len(items) == 1 else f"({inner})"
            if kind == "set":
                return "{" + inner + "}" if items else "set()"
            return f"{kind}([{inner}])"
        if kind in ("dict", "OrderedDict", "Counter", "defaultdict"):
            pairs = [pair for pair in _list(first) if isinstance(pair, list) and len(pair) == 2]
            written = [f"{self.write(key, depth + 1)}: {self.write(item, depth + 1)}" for key, item in pairs]
            inner = "{" + ", ".join(written) + "}"
            if kind == "defaultdict":
                return f"defaultdict({self.write(parts[1], depth + 1)}, {inner})"
            return inner if kind == "dict" else f"{kind}({inner})"
        if kind in ("bytes", "bytearray"):
            content = bytes_of([kind, *parts])
            return repr(content) if kind == "bytes" else f"bytearray({content!r})"
        if kind == "int":
            return str(int(str(first), 16)) if len(str(first)) < 3_000 else "<cut>"
        if kind == "float":
            return str(first)
        if kind == "complex":
            return f"complex({', '.join(str(part) for part in parts)})"
        if kind == "text":
            return f"{str(first)!r}..."
        if kind in ("datetime", "date", "time", "timedelta"):
            numbers = ", ".join(str(item) for item in _list(first))
            zone = f", tzinfo={self.write(parts[1], depth + 1)}" if len(parts) > 1 and parts[1] is not None else ""
            return f"datetime.{kind}({numbers}{zone})"
        if kind == "timezone":
            return "datetime.timezone.utc" if first == 0 else f"datetime.timezone(datetime.timedelta(0, {first}))"
        if kind == "zone":
            return f"zoneinfo.ZoneInfo(key={first!r})"
        if kind == "text of":
            return f"{first}({parts[1]!r})"
        if kind == "Fraction":
            return f"Fraction({', '.join(str(item) for item in _list(first))})"
        if kind == "range":
            return f"range({', '.join(str(item) for item in parts)})"
        if kind == "slice":
            return f"slice({', '.join(self.write(item, depth + 1) for item in parts)})"
        if kind == "pattern":
            return f"re.compile({self.write(first, depth + 1)})"
        if kind == "class":
            return f"<class '{dotted(first)}'>"
        if kind == "function":
            return f"<function {str(first).rpartition(':')[2]} at 0x0>"
        if kind == "module":
            return f"<module '{first}'>"
        if kind == "enum":
            return f"<{str(first).rpartition(':')[2]}.{parts[1]}: 0>"
        if kind == "stream":
            return f"<_io.{first} object at 0x0>"
        if kind == "sub":
            return self.write(parts[1], depth + 1)
        if kind == "object" and parts[1] in ("dataclass", "attrs", "pydantic", "struct") and isinstance(parts[2], dict):
            fields = ", ".join(f"{name}={self.write(item, depth + 1)}" for name, item in parts[2].items())
            return f"{dotted(first).rpartition('.')[2]}({fields})"
        if kind in ("object", "error", "namedtuple", "enum of"):
            return f"<{dotted(first)} object at 0x0>"
        if kind == "no" and "generator" in str(first):
            return f"<generator object {parts[1]} at 0x0>"
        return f"<{kind}>"


def dotted(path: Json) -> str:
    """`module:Class` as a repr shows it; builtins carry no module."""
    module, _, chain = str(path).partition(":")
    return chain if module in ("builtins", "") else f"{module}.{chain}"


def bytes_of(node: Sequence[Json]) -> bytes:
    """The content of a bytes or bytearray node. Raises ValueError when it is none."""
    text = node[1] if len(node) > 1 else None
    if not isinstance(text, str):
        raise ValueError("no content")
    return base64.b64decode(text, validate=True) if len(node) > 2 else text.encode("ascii")


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []
