"""Names a test after the behaviour: which function, what comes out, for what kind of input."""

import ast
import keyword
import re
from collections.abc import Iterator, Sequence

from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.smaller.minimise import ANSWERS

MOST = 72
_CONSUMERS = frozenset({"list", "tuple", "dict", "set", "next", "anext", "str", "repr", "sorted", "run", "bytes"})
_CLIENT = re.compile(r"(?:\w*_)?(?:client|app|api)")
_VERBS = frozenset({"get", "post", "put", "patch", "delete", "head", "options", "request"})
# What runs a command, and what is said to it alone.
_RUNNERS = frozenset(
    {"invoke", "call_command", "apply", "delay", "send", "receive_json", "receive_text", "receive_bytes", "__wrapped__"}
)
_ABOUT_RUNNING = frozenset({"catch_exceptions", "standalone_mode", "raise_server_exceptions", "encoding"})
# What many inputs are: alone it says nothing of this one.
VAGUE = frozenset({"several_lines", "markup", "json_text", "url", "non_ascii_text"})
_EMPTY = {"list": "empty_list", "dict": "empty_dict", "tuple": "empty_tuple", "set": "empty_set"}


def entry_words(entry: str) -> str:
    """`boltons.tableutils.Table.to_text` as `to_text`; special methods by their class."""
    parts = [part for part in entry.split(".") if part != "<locals>"]
    last = parts[-1]
    if last.startswith("__") and len(parts) > 1:
        last = f"{snake(parts[-2])}_{last.strip('_')}" if last != "__init__" else snake(parts[-2])
    return re.sub(r"\W", "", snake(last)).strip("_") or "replay"


def name_of_test(last: ast.expr | None, entry: str, outcome: str, crash: str) -> str:
    """The name. `last` is the expression that reproduces, `outcome` what it should do ("raises_invalid_version",
    "returns_empty_list"), "" when that says nothing. Where the input says nothing either, the name
    says that `crash`, production's error, is not raised."""
    call = called(last) if last is not None else None
    subject = entry_words(entry) if call is None else _subject(call, entry)
    inputs = list(dict.fromkeys(_inputs(call)))[:2] if call is not None else []
    if not outcome and all(word in VAGUE for word in inputs):
        inputs = []
    words = [subject, outcome]
    if inputs:
        words.append("" if inputs[0].startswith(("with_", "without_")) else "for")
        joined = [inputs[0]]
        for word in inputs[1:]:
            plain = "_" not in inputs[0] + word and word not in ("none", "zero")
            joined += [] if plain or word.startswith(("with_", "without_")) else ["and"]
            joined.append(word)
        words += joined
    elif not outcome:
        words.append(f"does_not_raise_{snake(crash.rpartition('.')[2])}")
    name = re.sub(r"_+", "_", "_".join(word for word in words if word)).strip("_").replace("_for_for_", "_for_")
    while len(name) > MOST and "_" in name:
        name = name.rpartition("_")[0]
    return re.sub(r"_(?:and|for|with|without|of)$", "", f"test_{name}")


def subject_of(last: ast.expr | None, entry: str) -> str:
    """The function that a test calls; "" for a request, whose path says where it goes."""
    call = called(last) if last is not None else None
    if call is None or _is_request(call) or _name(call.func) in _RUNNERS:
        return ""
    return re.sub(r"\W", "", snake(_name(call.func))).strip("_")


def called(node: ast.expr) -> ast.Call | None:
    """The call that the expression is about, below what only consumes or looks at its result."""
    while True:
        if isinstance(node, ast.Await | ast.Subscript | ast.Starred):
            node = node.value
        elif isinstance(node, ast.Attribute) and (node.attr in ANSWERS or isinstance(node.value, ast.Call)):
            if node.attr not in ANSWERS:
                return None
            node = node.value
        elif (
            isinstance(node, ast.Call)
            and ((_name(node.func) in _CONSUMERS and len(node.args) == 1) or _name(node.func) == "wait_for")
            and bool(node.args)
            and isinstance(node.args[0], ast.Call | ast.Await)
        ):
            node = node.args[0]
        else:
            return node if isinstance(node, ast.Call) else None


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _subject(call: ast.Call, entry: str) -> str:
    name = _name(call.func)
    if _is_request(call) and call.args:
        path = call.args[0]
        if isinstance(path, ast.Constant) and isinstance(path.value, str):
            plain = re.sub(r"^[a-z]+://[^/]+|\?.*", "", path.value)
            return f"{name}_{_slug(plain, 40)}"
    if name in _RUNNERS and isinstance(call.func, ast.Attribute):
        return entry_words(entry)
    return re.sub(r"\W", "", snake(name)).strip("_") or entry_words(entry)


def _is_request(call: ast.Call) -> bool:
    """Whether it is a test client's: `client.get(...)`, `app.test_client().get(...)`, `TestClient(app).get(...)`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in _VERBS:
        return False
    receiver = call.func.value
    made = receiver.func if isinstance(receiver, ast.Call) else receiver
    return bool(_CLIENT.fullmatch(snake(_name(made))))


def _inputs(call: ast.Call) -> Iterator[str]:
    """What is telling about the arguments, the call's own first, then those its object was made with."""
    if _is_request(call):
        return
    positional = [word for node in call.args if (word := _value(node))]
    yield from positional
    for item in call.keywords:
        yield from _keyword(item)
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(receiver, ast.Call) and not positional:
        yield from _inputs(receiver)


def _keyword(item: ast.keyword) -> Iterator[str]:
    if item.arg is None or item.arg in _ABOUT_RUNNING:
        return
    name = snake(item.arg).strip("_")
    value = item.value
    if isinstance(value, ast.Constant) and (value.value is None or value.value is False):
        yield f"without_{name}"
    elif isinstance(value, ast.Constant) and value.value is True:
        yield f"with_{name}"
    elif word := _value(value):
        yield f"with_{name}_{word}" if word.isdigit() else f"with_{word}" if "empty" in word else f"with_{name}"


def _value(node: ast.expr) -> str:
    """A word for an argument; "" when there is none worth saying."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return "negative_number"
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _EMPTY[type(node).__name__.lower()] if not node.elts else ""
    if isinstance(node, ast.Dict):
        return "empty_dict" if not node.keys else ""
    if isinstance(node, ast.Call) and not node.args and not node.keywords:
        name = _name(node.func)
        return f"empty_{snake(name)}" if name[:1].isupper() else ""
    if not isinstance(node, ast.Constant):
        return ""
    value = node.value
    if value is None:
        return "none"
    if isinstance(value, str | bytes):
        return _text(value)
    if isinstance(value, int) and not isinstance(value, bool) and value < 100_000:
        return "zero" if value == 0 else str(value)
    return ""


def _text(value: str | bytes) -> str:
    if not value:
        return "empty_string" if isinstance(value, str) else "empty_bytes"
    if isinstance(value, bytes):
        return ""
    if not value.strip():
        return "blank_string"
    if len(value) <= 24 and re.fullmatch(r"[A-Za-z][\w-]*(?: [A-Za-z][\w-]*){0,2}", value, re.ASCII):
        return _slug(value, 24)
    if re.match(r"[a-z]+://", value):
        return "url"
    if value.lstrip()[:1] in ("{", "[") and value.rstrip()[-1:] in ("}", "]"):
        return "json_text"
    if "<" in value and ">" in value:
        return "markup"
    return "several_lines" if "\n" in value.strip() else "" if value.isascii() else "non_ascii_text"


def _slug(text: str, most: int) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())[:most].strip("_")


def outcome_of(value: ast.expr, answer: str) -> str:
    """`returns_...` for a value that has a short name. `answer` is the attribute that was compared, if any."""
    if isinstance(value, ast.Constant):
        if isinstance(value.value, int) and not isinstance(value.value, bool) and answer in ANSWERS:
            return f"{'exits_with' if answer == 'exit_code' else 'answers'}_{value.value}"
        if value.value is None or isinstance(value.value, bool):
            return f"returns_{str(value.value).lower()}"
    word = _value(value)
    return f"returns_{word}" if word.startswith("empty") or word in ("zero", "blank_string") else ""


def renamed(body: Sequence[ast.stmt], taken: set[str]) -> list[ast.stmt]:
    """`body` with its variables named as local ones are: no capitals, no number where none is needed.

    `taken` are names that mean something else in the test: imports and fixtures.
    """
    stored = [
        node.id
        for item in body
        for node in ast.walk(item)
        if isinstance(node, ast.Name) and isinstance(getattr(node, "ctx", None), ast.Store)
    ]
    used = {node.id for item in body for node in ast.walk(item) if isinstance(node, ast.Name)} | taken
    used |= {node.arg for item in body for node in ast.walk(item) if isinstance(node, ast.arg)}
    names: dict[str, str] = {}
    made = {
        target.id: item.value
        for block in body
        for item in ast.walk(block)
        if isinstance(item, ast.Assign)
        for target in item.targets
        if isinstance(target, ast.Name)
    }
    for name in dict.fromkeys(stored):
        better = re.sub(r"_\d+$", "", name.lower() if name.isupper() else name)
        if name in made and (better in _NAMELESS or (better != name and better in used)):
            better = _kind_of(made[name]) or better
        if better != name and better not in used and better.isidentifier() and not keyword.iskeyword(better):
            names[name] = better
            used.add(better)
    if not names:
        return list(body)
    renamer = _Renamer(names)
    return [renamer.visit(item) for item in body]


# What a variable is called for want of a better name.
_NAMELESS = frozenset({"subject", "value"})


def _kind_of(value: ast.expr) -> str:
    """A name for a variable after what it holds; "" where that has none."""
    if isinstance(value, ast.Constant):
        return "text" if isinstance(value.value, str) else "data" if isinstance(value.value, bytes) else ""
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Div) and ast.unparse(value).startswith("tmp_path"):
        return "path"
    name = _name(value.func) if isinstance(value, ast.Call) else ""
    return snake(name) if name[:1].isupper() else ""


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: dict[str, str]) -> None:
        self._names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        node.id = self._names.get(node.id, node.id)
        return node
