"""What parts of the line that crashed were worth, as the message of the error tells: None, a type, a missing key."""

import ast
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.stack import flow
from triage.drafting.replay.stack.operations import headers_only
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

Told = Iterator[tuple[ast.expr, str]]
OPERATORS: dict[str, type[ast.operator]] = {
    "+": ast.Add, "-": ast.Sub, "*": ast.Mult, "/": ast.Div, "//": ast.FloorDiv, "%": ast.Mod, "**": ast.Pow,
}  # fmt: skip
ORDERS: dict[str, type[ast.cmpop]] = {"<": ast.Lt, ">": ast.Gt, "<=": ast.LtE, ">=": ast.GtE}
# A value of each type that messages name; `module:Class(...)` is imported.
SAMPLES = {
    "NoneType": "None", "int": "1", "float": "1.0", "str": "'x'", "bytes": "b'x'", "bool": "True", "list": "[]",
    "dict": "{}", "tuple": "()", "Decimal": "decimal:Decimal('1')", "datetime": "datetime:datetime(2024, 1, 1)",
    "date": "datetime:date(2024, 1, 1)", "timedelta": "datetime:timedelta(days=1)",
}  # fmt: skip
STRIPS = ("strip", "lstrip", "rstrip", "lower", "upper", "casefold", "title")
STEPS = 3
ZONED = "a time, with a zone or without"


def values(builder: "Builder", frame: StackFrame) -> dict[str, str]:
    """Source text of what each told expression was worth, by the expression as the function writes it; also by what
    a variable was assigned from. Nothing for a frame that is not the one that crashed."""
    crash, statement = builder.scene.event.crash, frame.view.statement
    last = builder.scene.repo_frames[-1] if builder.scene.repo_frames else None
    if crash is None or statement is None or last is None or frame.index != last.index:
        return {}
    found: dict[str, str] = {}
    for node, value in read(headers_only(statement), crash.type, crash.value[:1000]):
        for text in _same(frame, node):
            found.setdefault(text, _aware(frame, node) if value == ZONED else value)
    return found


def _aware(frame: StackFrame, node: ast.expr) -> str:
    """Of two times of which one has a zone, the one that no variable shows: what the other one is not."""
    shown = (
        [
            str(wire)
            for name in ast.walk(frame.view.statement)
            if isinstance(name, ast.Name) and name is not node
            for wire in [frame.variables.get(name.id)]
            if "datetime.datetime(" in str(wire)
        ]
        if frame.view.statement is not None
        else []
    )
    is_naive = bool(shown) and "tzinfo=" not in shown[0]
    zone = ", tzinfo=timezone.utc" if is_naive else ""
    return f"datetime:datetime(2024, 1, 1{zone})"


def written(builder: "Builder", text: str) -> ast.expr:
    """The expression for a source text of `values`, with the import that it needs."""
    module, mark, call = text.partition(":")
    if not mark or not module.isidentifier():
        return ast.parse(text, mode="eval").body
    node = ast.parse(call, mode="eval").body
    assert isinstance(node, ast.Call)
    assert isinstance(node.func, ast.Name)
    keywords = node.keywords
    if any(item.arg == "tzinfo" for item in keywords):
        keywords = [ast.keyword("tzinfo", ast.Attribute(builder.name("datetime:timezone"), "utc"))]
    return ast.Call(builder.name(f"{module}:{node.func.id}"), node.args, keywords)


def read(line: ast.AST, kind: str, message: str) -> Told:
    """(part of the line, source of its value) for the standard messages of CPython 3.8 to 3.13."""
    for pattern, reading in READINGS:
        match = re.search(pattern, message)
        if match:
            yield from reading(line, match)
    if kind == "KeyError":
        yield from _missing_key(line, message)


def _sample(name: str) -> str | None:
    return SAMPLES.get(name.rpartition(".")[2])


def _both(left: ast.expr, right: ast.expr, one: str, other: str) -> Told:
    for node, kind in ((left, one), (right, other)):
        if (value := _sample(kind)) is not None:
            yield node, value


def _operands(line: ast.AST, match: "re.Match[str]") -> Told:
    """`unsupported operand type(s) for +: 'int' and 'NoneType'`"""
    symbol = match[1].split()[0].rstrip("=") or match[1]
    for left, operator, right in _operations(line):
        if operator is OPERATORS.get(symbol):
            yield from _both(left, right, match[2], match[3])


def _operations(line: ast.AST) -> Iterator[tuple[ast.expr, type[ast.operator], ast.expr]]:
    for node in ast.walk(line):
        if isinstance(node, ast.BinOp):
            yield node.left, type(node.op), node.right
        elif isinstance(node, ast.AugAssign):
            yield ast.parse(ast.unparse(node.target), mode="eval").body, type(node.op), node.value


def _concatenated(line: ast.AST, match: "re.Match[str]") -> Told:
    """`can only concatenate str (not "int") to str`"""
    for left, operator, right in _operations(line):
        if operator is ast.Add:
            yield from _both(left, right, match[1], match[2])


def _ordered(line: ast.AST, match: "re.Match[str]") -> Told:
    """`'<' not supported between instances of 'str' and 'NoneType'`"""
    for node in ast.walk(line):
        if not isinstance(node, ast.Compare):
            continue
        sides = [node.left, *node.comparators]
        for operator, left, right in zip(node.ops, sides, sides[1:], strict=False):
            if isinstance(operator, ORDERS[match[1]]):
                yield from _both(left, right, match[2], match[3])


def _divided(line: ast.AST, match: "re.Match[str]") -> Told:
    for _, operator, right in _operations(line):
        if operator in (ast.Div, ast.FloorDiv, ast.Mod):
            yield right, "0"


def _zoned(line: ast.AST, match: "re.Match[str]") -> Told:
    """`can't compare offset-naive and offset-aware datetimes`"""
    for node in ast.walk(line):
        sides = [node.left, *node.comparators] if isinstance(node, ast.Compare) else []
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub):
            sides = [node.left, node.right]
        for side in sides:
            yield side, ZONED


def _no_attribute(line: ast.AST, match: "re.Match[str]") -> Told:
    """`'NoneType' object has no attribute 'code'`"""
    for node in ast.walk(line):
        if isinstance(node, ast.Attribute) and node.attr == match[2] and (value := _sample(match[1])) is not None:
            yield node.value, value


def _no_items(line: ast.AST, match: "re.Match[str]") -> Told:
    """`'NoneType' object is not subscriptable`; the innermost may be meant as well as the outermost."""
    value = _sample(match[1])
    for node in ast.walk(line):
        if isinstance(node, ast.Subscript) and value is not None and not isinstance(node.value, ast.Constant):
            yield node.value, value


def _argument(*names: str) -> Callable[[ast.AST, "re.Match[str]"], Told]:
    """The first argument of a call of one of these is of the type, or the text, that the message quotes; None where
    the message says only what it should have been: nothing else is so often in the place of a text."""

    def reading(line: ast.AST, match: "re.Match[str]") -> Told:
        told = match.groupdict()
        value = _sample(told["kind"]) if told.get("kind") else _quoted(told.get("text") or "") if told else "None"
        for node in ast.walk(line):
            if not isinstance(node, ast.Call) or not node.args or value is None:
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in names or not names:
                yield node.args[0], value

    return reading


def _quoted(text: str) -> str | None:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return repr(value) if isinstance(value, str | int | float) else None


def _missing_key(line: ast.AST, message: str) -> Told:
    """`NAMES[row.country]` has no such key: what stands between the brackets had that value."""
    value = _quoted(message)
    for node in ast.walk(line):
        if (
            isinstance(node, ast.Subscript)
            and value is not None
            and not isinstance(node.slice, ast.Constant | ast.Slice)
        ):
            yield node.slice, value


def _gone_through(line: ast.AST, match: "re.Match[str]") -> Told:
    """`'NoneType' object is not iterable`: what a loop, a comprehension, a star or `sum(...)` goes through."""
    value = _sample(match[1])
    for node in ast.walk(line):
        over: list[ast.expr] = []
        if isinstance(node, ast.For | ast.comprehension):
            over = [node.iter]
        elif isinstance(node, ast.Starred):
            over = [node.value]
        elif isinstance(node, ast.Call) and _tail(node.func) in ITERATES:
            over = node.args[-1:] if _tail(node.func) in ("map", "filter", "join", "extend") else node.args[:1]
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            over = [node.value]
        for part in over:
            if value is not None and not isinstance(part, ast.GeneratorExp | ast.ListComp | ast.SetComp):
                yield part, value


def _searched(line: ast.AST, match: "re.Match[str]") -> Told:
    """`expected string or bytes-like object, got 'NoneType'`: the last argument of `re`'s functions and methods."""
    value = _sample(match[1])
    for node in ast.walk(line):
        if isinstance(node, ast.Call) and _tail(node.func) in SEARCHES and node.args and value is not None:
            yield node.args[-1], value


def _contains(line: ast.AST, match: "re.Match[str]") -> Told:
    """`argument of type 'NoneType' is not iterable` (3.14: `is not a container or iterable`)"""
    value = _sample(match[1])
    for node in ast.walk(line):
        for operator, right in zip(node.ops, node.comparators, strict=True) if isinstance(node, ast.Compare) else ():
            if isinstance(operator, ast.In | ast.NotIn) and value is not None:
                yield right, value


def _formatted(line: ast.AST, match: "re.Match[str]") -> Told:
    """`unsupported format string passed to NoneType.__format__`"""
    value = _sample(match[1])
    for node in ast.walk(line):
        if isinstance(node, ast.FormattedValue) and node.format_spec is not None and value is not None:
            yield node.value, value
        elif isinstance(node, ast.Call) and _tail(node.func) == "format" and node.args and value is not None:
            yield node.args[0], value


def _tail(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


SEARCHES = ("match", "fullmatch", "search", "findall", "finditer", "split", "sub", "subn")
ITERATES = (
    "sum", "min", "max", "sorted", "list", "tuple", "set", "dict", "enumerate", "any", "all", "iter", "map", "filter",
    "join", "extend", "frozenset",
)  # fmt: skip
READINGS: tuple[tuple[str, Callable[[ast.AST, "re.Match[str]"], Told]], ...] = (
    (r"unsupported operand type\(s\) for ([^:]+): '([\w.]+)' and '([\w.]+)'", _operands),
    (r"can only concatenate (\w+) \(not \"([\w.]+)\"\) to", _concatenated),
    (r"'([<>]=?)' not supported between instances of '([\w.]+)' and '([\w.]+)'", _ordered),
    (r"can't (?:compare|subtract) offset-naive and offset-aware", _zoned),
    (r"division by zero|modulo by zero|integer modulo", _divided),
    (r"'(\w+)' object has no attribute '(\w+)'", _no_attribute),
    (r"'(\w+)' object is not subscriptable", _no_items),
    (r"object of type '(?P<kind>\w+)' has no len\(\)", _argument("len")),
    (r"(?:int|float)\(\) argument must be .* not '(?P<kind>\w+)'", _argument("int", "float")),
    (r"argument must be (?:a )?str(?:ing)?, not (?P<kind>\w+)", _argument()),
    (r"conversion from (?P<kind>\w+) to Decimal is not supported", _argument("Decimal")),
    (r"invalid literal for int\(\) with base 10: (?P<text>'.*')", _argument("int")),
    (r"could not convert string to float: (?P<text>'.*')", _argument("float")),
    (r"^fromisoformat: argument must be str$", _argument("fromisoformat")),
    (r"strptime\(\) argument 1 must be str, not (?P<kind>\w+)", _argument("strptime")),
    (r"expected str, bytes or os\.PathLike object, not (?P<kind>\w+)", _argument()),
    (r"expected string or bytes-like object, got '(\w+)'", _searched),
    (r"the JSON object must be str, bytes or bytearray, not (?P<kind>\w+)", _argument("loads")),
    (r"must be real number, not (?P<kind>\w+)", _argument()),
    (r"^'(\w+)' object is not iterable", _gone_through),
    (r"cannot unpack non-iterable (\w+) object", _gone_through),
    (r"argument of type '(\w+)' is not (?:iterable|a container)", _contains),
    (r"unsupported format string passed to (\w+)\.__format__", _formatted),
    (r"Invalid isoformat string: (?P<text>'.*')", _argument("fromisoformat")),
    (r"time data (?P<text>'.*') does not match format", _argument("strptime")),
    (r"^(?P<text>'[^']*'|\d+) is not a valid \w+", _argument()),
)


def _same(frame: StackFrame, node: ast.expr) -> Iterator[str]:
    """The expression's text, and those of what it was plainly made from."""
    for _ in range(STEPS):
        yield ast.unparse(node)
        if isinstance(node, ast.Name):
            binding = flow.last_binding(frame.view, node.id)
            if not isinstance(binding, ast.Assign | ast.AnnAssign) or binding.value is None:
                return
            if isinstance(binding, ast.Assign) and not isinstance(binding.targets[0], ast.Name):
                return
            node = binding.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STRIPS:
            node = node.func.value
        else:
            return


def by_use(frame: StackFrame, text: str) -> str:
    """Source of a value that fits how the function uses the expression: a number that is reckoned with, a date that
    is parsed, else a short text."""
    for node in ast.walk(frame.view.node) if frame.view.node is not None else ():
        if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Mod | ast.Add):
            if text in (ast.unparse(node.left), ast.unparse(node.right)):
                return "1"
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.args[0]) == text:
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if called in USES:
                return USES[called]
        elif isinstance(node, ast.For | ast.comprehension) and ast.unparse(node.iter) == text:
            return "[]"
        elif isinstance(node, ast.FormattedValue) and ast.unparse(node.value) == text and node.format_spec is not None:
            spec = ast.unparse(node.format_spec).strip("f'\"")
            if re.search(r"[dfgen%]$", spec):
                return "1"
    return "'x'"


USES = {
    "round": "1", "abs": "1", "float": "'1'", "int": "'1'", "Decimal": "'1'", "fromisoformat": "'2024-01-01'",
    "loads": "'{}'", "fromtimestamp": "1", "sum": "[]", "len": "[]", "timedelta": "1",
}  # fmt: skip
