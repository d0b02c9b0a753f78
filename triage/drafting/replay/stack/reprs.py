"""Reads what `repr()` printed, as data: a literal, a constructor call, or an opaque `<...>` mark.

Nothing is evaluated: text becomes a syntax tree in which only literals, containers and calls of
plain dotted names are let through; whoever uses it decides which of those names may be called.
"""

import ast
import re
from dataclasses import dataclass, field

MAX_REPR = 400_000
_MARK = "opaque_mark_"
_ZONE = re.compile(r"\btzinfo=TzInfo\((UTC|[+-]\d\d:\d\d|-?\d{1,5})\)")


@dataclass(frozen=True)
class Opaque:
    """A `<...>` repr. `what`: class, function, method, module, enum, instance, generator, match, stream or other."""

    text: str
    what: str
    name: str = ""
    detail: str = ""


@dataclass
class Read:
    """A repr as a tree: `tree` holds Name nodes `opaque_mark_<n>` that stand for `opaques[n]`."""

    tree: ast.expr
    opaques: list[Opaque] = field(default_factory=list)

    @property
    def is_literal(self) -> bool:
        return not self.opaques and all(
            not isinstance(node, ast.Call | ast.Name | ast.Attribute) for node in ast.walk(self.tree)
        )

    def opaque(self, node: ast.AST) -> Opaque | None:
        if isinstance(node, ast.Name) and node.id.startswith(_MARK):
            return self.opaques[int(node.id[len(_MARK) :])]
        return None


def read_repr(text: str) -> Read | None:
    """The tree of a repr, or None when it is not one we can read (it is then shown, not used)."""
    if not text or len(text) > MAX_REPR:
        return None
    marked, opaques = _mark(text if text[0] in "'\"" else _ZONE.sub(_zone, text))
    try:
        tree = ast.parse(marked.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    read = Read(tree, opaques)
    return read if _allowed(tree, read) else None


def _zone(match: "re.Match[str]") -> str:
    """pydantic's own class for zones, by the one that everybody uses: `TzInfo(+01:00)`, `TzInfo(3600)`."""
    said = match[1]
    if said in ("UTC", "0"):
        return "tzinfo=datetime.timezone.utc"
    sign, seconds = (-1 if said.startswith("-") else 1), said.lstrip("+-")
    hours, mark, minutes = seconds.partition(":")
    amount = int(hours) * 3600 + int(minutes) * 60 if mark else int(seconds)
    return f"tzinfo=datetime.timezone(datetime.timedelta(seconds={sign * amount}))"


def _allowed(node: ast.AST, read: Read) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Name):
        return read.opaque(node) is not None or node.id in ("nan", "inf") or bool(re.fullmatch(r"[A-Z]\w*", node.id))
    if isinstance(node, ast.Attribute):
        return _dotted(node) != ""
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return all(_allowed(item, read) for item in node.elts)
    if isinstance(node, ast.Dict):
        keys = [key for key in node.keys if key is not None]
        return len(keys) == len(node.keys) and all(_allowed(item, read) for item in (*keys, *node.values))
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.USub | ast.UAdd) and isinstance(
            node.operand, ast.Constant | ast.Name | ast.BinOp
        )
    if isinstance(node, ast.BinOp):
        return (
            isinstance(node.op, ast.Add | ast.Sub | ast.BitOr)
            and _allowed(node.left, read)
            and _allowed(node.right, read)
        )
    if isinstance(node, ast.Call):
        if not _dotted(node.func):
            return False
        values = [*node.args, *(item.value for item in node.keywords)]
        return all(item.arg for item in node.keywords) and all(_allowed(item, read) for item in values)
    return False


def _dotted(node: ast.AST) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id.startswith(_MARK):
        return ""
    names = [node.id, *reversed(parts)]
    return "" if any(name.startswith("__") for name in names) else ".".join(names)


dotted = _dotted


def _mark(text: str) -> tuple[str, list[Opaque]]:
    """`text` with every `<...>` outside of string literals replaced by a name."""
    out: list[str] = []
    opaques: list[Opaque] = []
    at, before = 0, ""
    while at < len(text):
        char = text[at]
        if char in "'\"":
            end = _string_end(text, at)
            out.append(text[at:end])
            at, before = end, char
            continue
        if char == "<" and before in ("", "[", "(", "{", ",", ":", "=", "|"):
            closing = _angle_end(text, at)
            if closing is None:
                return text, []
            out.append(f"{_MARK}{len(opaques)}")
            opaques.append(classify(text[at:closing]))
            at, before = closing, ">"
            continue
        out.append(char)
        if not char.isspace():
            before = char
        at += 1
    return "".join(out), opaques


def _string_end(text: str, start: int) -> int:
    quote, at = text[start], start + 1
    while at < len(text):
        if text[at] == "\\":
            at += 2
            continue
        if text[at] == quote:
            return at + 1
        at += 1
    return len(text)


def _angle_end(text: str, start: int) -> int | None:
    depth, at = 0, start
    while at < len(text):
        char = text[at]
        if char in "'\"" and text[at - 1] in "= ([{,":
            end = _string_end(text, at)
            if end < len(text):
                at = end
                continue
        if char == "<":
            depth += 1
        elif char == ">" and text[at - 1] not in "-=":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None


_PATTERNS: tuple[tuple[str, str], ...] = (
    ("class", r"<class '(?P<name>[\w.<>]+)'>"),
    ("enum", r"<(?P<name>[A-Z_]\w*(?:\.\w+)*)\.(?P<detail>\w+): .*>"),
    ("method", r"<bound method (?P<name>[\w.<>]+) of (?P<detail>.*)>"),
    ("function", r"<function (?P<name>[\w.<>]+) at 0x[0-9a-fA-F]+>"),
    ("function", r"<built-in (?:function|method) (?P<name>\w+)(?P<detail>).*>"),
    ("module", r"<module '(?P<name>[\w.]+)'.*>"),
    ("generator", r"<(?:async_)?(?:generator|coroutine) object (?P<name>[\w.<>]+) at 0x[0-9a-fA-F]+>"),
    ("iterator", r"<(?P<name>\w*_?(?:iterator|itemiterator|keyiterator|valueiterator)) object at 0x[0-9a-fA-F]+>"),
    ("iterator", r"<(?P<name>zip|map|filter|enumerate|reversed) object at 0x[0-9a-fA-F]+>"),
    ("match", r"<(?:re\.Match|_sre\.SRE_Match) object; span=\((?P<name>\d+, \d+)\), match=(?P<detail>.*)>"),
    ("stream", r"<_io\.(?P<name>BytesIO|StringIO)(?P<detail>) object at 0x[0-9a-fA-F]+>"),
    ("stream", r"<_io\.(?P<name>TextIOWrapper|BufferedReader|BufferedWriter|FileIO|BufferedRandom)(?P<detail>.*)>"),
    ("instance", r"<(?P<name>[\w.<>]+) object at 0x[0-9a-fA-F]+>"),
    ("instance", r"<(?P<name>[A-Za-z_][\w.]*)(?P<detail>(?:[\s:(].*)?)>"),
)


def classify(text: str) -> Opaque:
    """What a `<...>` repr stands for."""
    for what, pattern in _PATTERNS:
        match = re.fullmatch(pattern, text, re.DOTALL)
        if match:
            groups = match.groupdict()
            return Opaque(text, what, groups.get("name") or "", groups.get("detail") or "")
    return Opaque(text, "other")
