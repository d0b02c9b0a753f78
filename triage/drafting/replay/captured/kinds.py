"""One kind of recorded value each: how it is written down. To add one: a function, and its line in `MAKERS`."""

import ast
import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.captured import derived as captured_derived
from triage.drafting.replay.captured import functions as captured_functions
from triage.drafting.replay.captured import library as captured_library
from triage.drafting.replay.captured import objects as captured_objects
from triage.drafting.replay.captured.text import bytes_of
from triage.drafting.replay.stack.safe import UNSAFE_ATTRIBUTES, may_reach

if TYPE_CHECKING:
    from triage.drafting.replay.captured.values import Maker

PATHS = {"PosixPath": "pathlib:Path", "WindowsPath": "pathlib:PureWindowsPath"}
TEXT_OF = {
    "Decimal": "decimal", "UUID": "uuid", "PurePosixPath": "pathlib", "PureWindowsPath": "pathlib",
    "IPv4Address": "ipaddress", "IPv6Address": "ipaddress", "IPv4Network": "ipaddress", "IPv6Network": "ipaddress",
    "IPv4Interface": "ipaddress", "IPv6Interface": "ipaddress",
}  # fmt: skip
DURATION = ("days", "seconds", "microseconds")


def number(value: float) -> ast.expr:
    """A float; those without a literal by `float("...")`."""
    return ast.Constant(value) if math.isfinite(value) else ast.Call(ast.Name("float"), [ast.Constant(repr(value))], [])


Parts = list[Json]
Make = Callable[["Maker", Parts, str, int | None], ast.expr]


def _sequence(shape: str) -> Make:
    def made(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
        items = maker.items(parts[0], name, at if shape in ("list", "deque") else None)
        if shape == "list":
            return ast.List(items)
        if shape == "tuple":
            return ast.Tuple(items)
        if shape == "set":
            return ast.Set(items) if items else ast.Call(ast.Name("set"), [], [])
        if shape == "frozenset":
            return ast.Call(ast.Name("frozenset"), [ast.Set(items)] if items else [], [])
        longest = {"maxlen": ast.Constant(parts[1])} if len(parts) > 1 and isinstance(parts[1], int) else {}
        return maker.call("collections:deque", ast.List(items), **longest)

    return made


def _mapping(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return maker.pairs(parts[0], name, at)


def _wrapped(path: str) -> Make:
    def made(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
        inner = maker.pairs(parts[0], name, at)
        before = [maker.value(parts[1], name)] if path.endswith("defaultdict") else []
        return maker.call(path, *before, *([inner] if inner.keys else []))

    return made


def _bytes(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Constant(bytes_of(["bytes", *parts]))


def _bytearray(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Call(ast.Name("bytearray"), [ast.Constant(bytes_of(["bytes", *parts]))], [])


def _whole(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Constant(int(str(parts[0]), 16))


def _float(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return number(float(str(parts[0])))


def _complex(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Call(ast.Name("complex"), [number(float(str(part))) for part in parts[:2]], [])


def _numbers(parts: Json, keep: int) -> list[ast.expr]:
    """Constants of whole numbers without the zeros at the end, at least `keep` of them."""
    found = [int(str(item)) for item in parts if not isinstance(item, list)] if isinstance(parts, list) else []
    while len(found) > keep and found[-1] == 0:
        found.pop()
    return [ast.Constant(item) for item in found]


def _moment(kind: str, keep: int) -> Make:
    def made(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
        keywords = {}
        zone = maker.capture.node(parts[1]) if len(parts) > 1 else None
        localized = isinstance(zone, list) and zone[:2] == ["made", "pytz:timezone"]
        if zone is not None and not localized:
            keywords["tzinfo"] = maker.value(parts[1], "zone")
        if len(parts) > 2 and parts[2]:
            keywords["fold"] = ast.Constant(1)
        found = maker.call(f"datetime:{kind}", *_numbers(parts[0], keep), **keywords)
        if localized and kind == "datetime":  # pytz: its zones are no tzinfo of a datetime by themselves
            return ast.Call(ast.Attribute(maker.value(parts[1], "zone"), "localize"), [found], [])
        return found

    return made


def _duration(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    given = parts[0] if isinstance(parts[0], list) else []
    named = {word: ast.Constant(item) for word, item in zip(DURATION, given, strict=True) if item}
    return maker.call("datetime:timedelta", **named)


def _time_zone(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    seconds = int(str(parts[0]))
    zone = maker.builder.name("datetime:timezone")
    if not seconds and len(parts) < 3:
        return ast.Attribute(zone, "utc")
    word, amount = ("hours", seconds // 3600) if seconds % 3600 == 0 else ("seconds", seconds)
    label = [ast.Constant(parts[2])] if len(parts) > 2 and isinstance(parts[2], str) else []
    return ast.Call(zone, [maker.call("datetime:timedelta", **{word: ast.Constant(amount)}), *label], [])


def _text_of(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    kind, text = str(parts[0]), str(parts[1])
    if kind in PATHS:
        return maker.call(PATHS[kind], maker.text(text))
    if kind not in TEXT_OF:
        raise Dead(f"{kind} is not made from text of an event")
    return maker.call(f"{TEXT_OF[kind]}:{kind}", ast.Constant(text))


def _plain(path: str) -> Make:
    def made(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
        given = parts[0] if path == "fractions:Fraction" and isinstance(parts[0], list) else parts
        return maker.call(path, *(maker.value(item, name) for item in given))

    return made


def _range(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    start, stop, step = parts
    given = [stop] if start == 0 and step == 1 else [start, stop] if step == 1 else parts
    return ast.Call(ast.Name("range"), [maker.value(item, name) for item in given], [])


def _pattern(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    import re

    pattern = parts[0]
    text = ast.Constant(pattern) if isinstance(pattern, str) else maker.value(pattern, name)
    flags = int(str(parts[1])) & ~(32 if isinstance(pattern, str) else 0)
    words = [flag.name for flag in re.RegexFlag if flags & flag.value and flag.name and len(flag.name) > 1]
    made: ast.expr | None = None
    for word in words:
        single: ast.expr = ast.Attribute(maker.builder.name("re"), word)
        made = single if made is None else ast.BinOp(made, ast.BitOr(), single)
    return maker.call("re:compile", text, *([made] if made is not None else []))


def _match(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    pattern = maker.value(parts[0], f"{name}_pattern")
    return ast.Call(ast.Attribute(pattern, "search"), [maker.value(parts[1], name)], [])


# Types that have no name of their own in builtins.
NAMELESS = {
    "NoneType": "type(None)", "ellipsis": "type(...)", "NotImplementedType": "type(NotImplemented)",
    "function": "type(lambda: None)", "generator": "type(i for i in ())", "dict_keys": "type({}.keys())",
    "dict_values": "type({}.values())", "dict_items": "type({}.items())", "builtin_function_or_method": "type(len)",
}  # fmt: skip


def _thing(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    module, _, label = str(parts[0]).partition(":")
    if module == "builtins" and label in NAMELESS:
        return ast.parse(NAMELESS[label], mode="eval").body
    return maker.named_thing(str(parts[0]))


def _builtin_name(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Name(str(parts[0]).rpartition(":")[2]) if str(parts[0]).startswith("builtins:") else _dead(name)


def _dead(name: str) -> ast.expr:
    raise Dead(f"{name} has a name that is not known here")


def _module(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    module = str(parts[0])
    if not may_reach(module, "", maker.builder.scene.packages) or not maker.builder.names.exists(module):
        raise Dead(f"{module} is not imported for values of an event")
    return maker.builder.import_module(module)


def _method(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    method = str(parts[1]).rpartition(":")[2].rpartition(".")[2]
    if not method.isidentifier() or method.startswith("__") or method in UNSAFE_ATTRIBUTES:
        raise Dead(f"{method} is no method's name")
    return ast.Attribute(maker.value(parts[0], f"{name}_owner"), method)


def _partial(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    given = maker.pairs(parts[2], name, None)
    keywords = [
        ast.keyword(str(key.value), value)
        for key, value in zip(given.keys, given.values, strict=True)
        if isinstance(key, ast.Constant)
    ]
    positional = [maker.value(parts[0], name), *maker.items(parts[1], name, None)]
    return ast.Call(maker.builder.name("functools:partial"), positional, keywords)


def _iterator(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    over = maker.value(parts[0], f"{name}_items")
    position = parts[1] if len(parts) > 1 and isinstance(parts[1], int) else 0
    if position:
        rest = ast.Subscript(over, ast.Slice(ast.Constant(position)), ast.Load())
        over = maker.builder.choices.pick(f"{maker.key}:iterated", [(0.0, over), (0.4, rest)])
    return ast.Call(ast.Name("iter"), [over], [])


def _view(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    items = maker.items(parts[1], name, None)
    kind = str(parts[0]).rpartition("_")[2]
    if kind == "items" and all(isinstance(item, ast.Tuple) and len(item.elts) == 2 for item in items):
        pairs = [item.elts for item in items if isinstance(item, ast.Tuple)]
        over = ast.Dict([pair[0] for pair in pairs], [pair[1] for pair in pairs])
    elif kind == "values":
        over = ast.Dict([ast.Constant(at) for at in range(len(items))], items)
    else:
        over = ast.Dict(list(items), [ast.Constant(None) for _ in items])
    return ast.Call(ast.Attribute(over, kind if kind in ("items", "values") else "keys"), [], [])


def _array(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return maker.call("array:array", ast.Constant(str(parts[0])), ast.List(maker.items(parts[1], name, None)))


def _stream(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    kind = "StringIO" if parts[0] == "StringIO" else "BytesIO"
    content = [maker.value(parts[1], name)] if parts[1] is not None else []
    if content and isinstance(content[0], ast.Constant) and not content[0].value:
        content = []
    made = maker.call(f"io:{kind}", *content)
    position = parts[2] if len(parts) > 2 and isinstance(parts[2], int) else 0
    if position and maker.builder.choices.pick(f"{maker.key}:position", [(0.0, "start"), (0.3, "there")]) == "there":
        variable = maker.builder.assign(name if name.isidentifier() else "stream", made, keep=True)
        maker.builder.add(ast.Expr(ast.Call(ast.Attribute(variable, "seek"), [ast.Constant(position)], [])))
        return variable
    return made


def _file(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """An open file: a stream with its content."""
    kind, content = str(parts[0]), parts[4] if len(parts) > 4 else None
    if not isinstance(content, list) or content[0] != "bytes":
        raise Dead(f"{name} is a file whose content was not captured")
    raw = bytes_of(content)
    if kind != "TextIOWrapper":
        return maker.call("io:BytesIO", ast.Constant(raw))
    encoding = parts[3] if isinstance(parts[3], str) else "utf-8"
    try:
        options = [(0.0, maker.call("io:StringIO", ast.Constant(raw.decode(encoding))))]
    except (UnicodeDecodeError, LookupError):
        options = []
    wrapped = maker.call("io:BytesIO", ast.Constant(raw))
    decoded = maker.call("io:TextIOWrapper", wrapped, encoding=ast.Constant(encoding))
    return maker.builder.choices.pick(f"{maker.key}:file", [*options, (0.4, decoded)])


def _standard(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    if parts[0] not in ("stdin", "stdout", "stderr"):
        raise Dead(f"{name} is no standard stream")
    return maker.builder.name(f"sys:{parts[0]}")


def _logger(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return maker.call("logging:getLogger", *([ast.Constant(parts[0])] if isinstance(parts[0], str) else []))


def _secret(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A stand-in of the same length."""
    length = parts[1] if len(parts) > 1 and isinstance(parts[1], int) else 0
    kinds: dict[str, ast.expr] = {
        "builtins:str": ast.Constant("x" * min(length, 200)),
        "builtins:bytes": ast.Constant(b"x" * min(length, 200)),
        "builtins:int": ast.Constant(1),
    }
    if parts[0] not in kinds:
        raise Dead(f"{name} is a secret and was left out")
    maker.builder.notes.append(f"{name} is a secret and was left out; a stand-in takes its place")
    return kinds[str(parts[0])]


def _enum(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    if not str(parts[1]).isidentifier() or str(parts[1]).startswith("__"):
        raise Dead(f"{name} is no member of an enum")
    return ast.Attribute(maker.class_named(str(parts[0])), str(parts[1]))


def _enum_of(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return ast.Call(maker.class_named(str(parts[0])), [maker.value(parts[1], name)], [])


MAKERS: dict[str, Make] = {
    **{shape: _sequence(shape) for shape in ("list", "tuple", "set", "frozenset", "deque")},
    "dict": _mapping,
    "OrderedDict": _wrapped("collections:OrderedDict"),
    "Counter": _wrapped("collections:Counter"),
    "defaultdict": _wrapped("collections:defaultdict"),
    "bytes": _bytes,
    "bytearray": _bytearray,
    "int": _whole,
    "float": _float,
    "complex": _complex,
    "datetime": _moment("datetime", 3),
    "date": _moment("date", 3),
    "time": _moment("time", 1),
    "timedelta": _duration,
    "timezone": _time_zone,
    "zone": _plain("zoneinfo:ZoneInfo"),
    "text of": _text_of,
    "Fraction": _plain("fractions:Fraction"),
    "range": _range,
    "slice": _plain("builtins:slice"),
    "pattern": _pattern,
    "match": _match,
    "class": _thing,
    "function": captured_functions.function,
    "generator": captured_functions.generator,
    "made": captured_library.made,
    "mappingproxy": captured_library.proxied,
    "weakref": captured_library.weak,
    "strong": captured_library.strong,
    "runtime": captured_library.fresh,
    "queue": captured_library.queued,
    "hint": captured_library.hint,
    "ndarray": captured_library.array,
    "frame": captured_library.table,
    "series": captured_library.series,
    "index": captured_library.index_of,
    "name": _builtin_name,
    "module": _module,
    "method": _method,
    "partial": _partial,
    "iterator": _iterator,
    "view": _view,
    "array": _array,
    "stream": _stream,
    "file": _file,
    "stdio": _standard,
    "logger": _logger,
    "secret": _secret,
    "enum": _enum,
    "enum of": _enum_of,
    "namedtuple": captured_derived.namedtuple,
    "sub": captured_derived.subclass,
    "error": captured_derived.error,
    "object": captured_objects.instance,
}
