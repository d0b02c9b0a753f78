"""Recorded values of the standard library's and numeric libraries' own types, made again by calling the type."""

import ast
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.safe import UNSAFE_ATTRIBUTES

if TYPE_CHECKING:
    from triage.drafting.replay.captured.values import Maker

Parts = list[Json]
# What the hook may name as made again from its parts; nothing else is called for a value of an event.
ANEW = """
    builtins:memoryview builtins:iter builtins:zip builtins:enumerate builtins:map builtins:filter builtins:reversed
    operator:itemgetter operator:attrgetter operator:methodcaller itertools:count itertools:chain itertools:repeat
    logging:LoggerAdapter weakref:WeakValueDictionary weakref:WeakKeyDictionary weakref:WeakSet typing:ForwardRef
    pandas:Timestamp pandas:Timedelta pytz:timezone dateutil.tz:gettz dateutil.tz:tzoffset dateutil.tz:tzutc
    dateutil.tz:tzlocal
"""
MADE = frozenset(ANEW.split())
RENAMED = {"_weakrefset:WeakSet": "weakref:WeakSet", "builtins:list_reverseiterator": "builtins:reversed"}
# A new one of these stands for one that was found.
FRESH = {
    "_thread:lock": "threading:Lock", "_thread:RLock": "threading:RLock", "_thread:_local": "threading:local",
    "_queue:SimpleQueue": "queue:SimpleQueue", "random:Random": "random:Random",
    "random:SystemRandom": "random:SystemRandom",
    **{f"threading:{name}": f"threading:{name}" for name in ("Event", "Condition", "Semaphore", "BoundedSemaphore")},
    **{f"asyncio.locks:{name}": f"asyncio:{name}" for name in ("Lock", "Event", "Condition", "Semaphore")},
    **{f"queue:{name}": f"queue:{name}" for name in ("Queue", "LifoQueue", "PriorityQueue")},
    "asyncio.queues:Queue": "asyncio:Queue", "threading:Barrier": "threading:Barrier",
}  # fmt: skip
COUNTED = ("random:Random", "threading:Barrier")
MAX_SHAPE = 16


def made(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A type called with its parts."""
    path = RENAMED.get(str(parts[0]), str(parts[0]))
    if path not in MADE and not path.startswith("numpy:"):
        raise Dead(f"{path} is not called for values of an event")
    if path.startswith("numpy:") and path != "numpy:dtype":
        mro = maker.builder.names.describe(path).get("mro")
        if not isinstance(mro, list) or "numpy.generic" not in mro:
            raise Dead(f"{path} is no scalar of numpy")
    given = parts[1] if isinstance(parts[1], list) else []
    if path.startswith("operator:") and any(_is_unsafe(item) for item in given if isinstance(item, str)):
        raise Dead(f"{name} names an attribute that is not used for values of an event")
    named = maker.pairs(parts[2], name, None) if len(parts) > 2 else ast.Dict([], [])
    keywords = [
        ast.keyword(key.value, value)
        for key, value in zip(named.keys, named.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier()
    ]
    return ast.Call(maker.builder.name(path), maker.items(parts[1], name, None), keywords)


def _is_unsafe(name: str) -> bool:
    parts = name.split(".")
    return any(part in UNSAFE_ATTRIBUTES or part.startswith("__") for part in parts)


def proxied(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    return maker.call("types:MappingProxyType", maker.value(parts[0], name))


def weak(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A weak reference; its target is held by a variable. One whose target is gone gives None."""
    if parts[0] is None:
        return ast.parse("lambda: None", mode="eval").body
    target = maker.value(parts[0], f"{name}_target")
    return maker.call(
        "weakref:ref", maker.builder.assign(f"{name}_target", target, keep=not isinstance(target, ast.Name))
    )


def strong(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """What others refer to weakly: held by a variable of the test."""
    target = maker.value(parts[0], name)
    return maker.builder.assign(name, target, keep=not isinstance(target, ast.Name))


def fresh(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    path = FRESH.get(str(parts[0]))
    if path is None:
        raise Dead(f"{name} is part of the runtime")
    given: list[ast.expr] = [ast.Constant(int(path == "threading:Barrier"))] if path in COUNTED else []
    if path.endswith("Semaphore") and len(parts) > 1 and isinstance(parts[1], int) and parts[1] != 1:
        given = [ast.Constant(max(parts[1], 0))]
    return maker.call(path, *given)


def queued(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A queue with what waits in it."""
    kind = FRESH.get(str(parts[0]), "")
    if not kind.endswith("Queue"):
        raise Dead(f"{name} is no queue")
    longest = parts[1] if isinstance(parts[1], int) else 0
    queue = maker.call(kind, **({"maxsize": ast.Constant(longest)} if longest > 0 else {}))
    items = maker.items(parts[2], name, None)
    if not items:
        return queue
    variable = maker.builder.assign(name if name.isidentifier() else "queue", queue, keep=True)
    for item in items:
        maker.builder.add(ast.Expr(ast.Call(ast.Attribute(variable, "put_nowait"), [item], [])))
    return variable


def hint(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A type as annotations write it: `list[int]`, `Optional[str]`, `Callable[[int], str]`."""
    label, given = parts[0], maker.items(parts[2], name, None)
    if isinstance(label, str) and label.isidentifier() and maker.builder.names.exists(f"typing:{label}"):
        base = maker.builder.name(f"typing:{label}")
    else:
        base = maker.value(parts[1], name)
    if not given:
        return base
    if label == "Callable" or ast.unparse(base).endswith("Callable"):
        taken, back = given[:-1], given[-1]
        open_ended = len(taken) == 1 and isinstance(taken[0], ast.Constant | ast.Name) and _is_dots(taken[0])
        given = [ast.Constant(...) if open_ended else ast.List(taken), back]
    return ast.Subscript(base, given[0] if len(given) == 1 else ast.Tuple(given), ast.Load())


def _is_dots(node: ast.expr) -> bool:
    return ast.unparse(node) in ("...", "Ellipsis")


def array(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """`numpy.array([...], dtype=...)`, reshaped where it has more than one dimension."""
    kind, shape = str(parts[0]), parts[1] if isinstance(parts[1], list) else []
    sizes = [size for size in shape if isinstance(size, int)]
    if len(sizes) > MAX_SHAPE:
        raise Dead(f"{name} has too many dimensions")
    typed = [] if kind in ("<i8", "<f8", "|b1") and parts[2] else [ast.keyword("dtype", ast.Constant(kind))]
    found: ast.expr = ast.Call(maker.builder.name("numpy:array"), [ast.List(maker.items(parts[2], name, None))], typed)
    if len(sizes) != 1:
        found = ast.Call(ast.Attribute(found, "reshape"), [ast.Tuple([ast.Constant(size) for size in sizes])], [])
    return found


def table(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    """A pandas DataFrame from its columns."""
    names = maker.items(parts[0], name, None)
    columns = parts[1] if isinstance(parts[1], list) else []
    content = [_column(maker, column, name) for column in columns]
    index = _index(maker, parts[2], name)
    if any(isinstance(item, ast.Call) for item in content) and index:
        content = [
            ast.Call(item.func, item.args, [*item.keywords, *index]) if isinstance(item, ast.Call) else item
            for item in content
        ]
    return ast.Call(maker.builder.name("pandas:DataFrame"), [ast.Dict(list(names), content)], index)


def series(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    kind, items = _named_items(parts[0])
    named = [ast.keyword("name", maker.value(parts[2], name))] if len(parts) > 2 and parts[2] is not None else []
    typed = [ast.keyword("dtype", ast.Constant(kind))] if kind not in PLAIN_TYPES or not items else []
    given = ast.List(maker.items(items, name, None))
    return ast.Call(maker.builder.name("pandas:Series"), [given], [*_index(maker, parts[1], name), *typed, *named])


def index_of(maker: "Maker", parts: Parts, name: str, at: int | None) -> ast.expr:
    made = _index(maker, parts, name)
    if made:
        return made[0].value
    numbers = _named_items(parts)[1]
    stop = numbers[1] if len(numbers) > 1 else 0
    return maker.call("pandas:RangeIndex", ast.Constant(stop if isinstance(stop, int) else 0))


PLAIN_TYPES = ("int64", "float64", "bool", "object", "str")


def _named_items(column: Json) -> tuple[str, list[Json]]:
    if not isinstance(column, list) or len(column) != 2 or not isinstance(column[1], list):
        raise ValueError("a column")
    return str(column[0]), column[1]


def _column(maker: "Maker", column: Json, name: str) -> ast.expr:
    kind, items = _named_items(column)
    found = ast.List(maker.items(items, name, None))
    if kind in PLAIN_TYPES and items:
        return found
    return ast.Call(maker.builder.name("pandas:Series"), [found], [ast.keyword("dtype", ast.Constant(kind))])


def _index(maker: "Maker", column: Json, name: str) -> list[ast.keyword]:
    """The keyword `index`; none where it counts from zero."""
    kind, items = _named_items(column)
    if kind == "range":
        start, stop, step = (item if isinstance(item, int) else 0 for item in items)
        if start == 0 and step == 1:
            return []
        return [ast.keyword("index", maker.call("pandas:RangeIndex", *map(ast.Constant, (start, stop, step))))]
    typed = [ast.keyword("dtype", ast.Constant(kind))] if kind not in PLAIN_TYPES else []
    if kind == "multi":
        given = ast.List(maker.items(items, name, None))
        return [ast.keyword("index", maker.call("pandas:MultiIndex.from_tuples", given))]
    made = ast.Call(maker.builder.name("pandas:Index"), [ast.List(maker.items(items, name, None))], typed)
    return [ast.keyword("index", made)]
