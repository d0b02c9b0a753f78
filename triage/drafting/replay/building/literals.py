"""Writes literals the way a person would: long texts in lines, repeated pieces as products."""

import ast
import re

WIDTH = 72
LONG = 88
LONGEST_UNIT = 64


class Placeholders(ast.NodeTransformer):
    """Replaces long text constants by names; `texts` says what each name stands for."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if isinstance(node.value, str | bytes) and (
            len(repr(node.value)) > LONG or (len(node.value.splitlines()) > 2 and len(node.value) > 40)
        ):
            name = f"literal_{len(self.texts)}_"
            self.texts[name] = written(node.value)
            return ast.Name(name)
        return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        return node


def unparse(node: ast.AST) -> str:
    """`ast.unparse` with long texts laid out in lines."""
    import copy

    placeholders = Placeholders()
    text = ast.unparse(ast.fix_missing_locations(placeholders.visit(copy.deepcopy(node))))
    for name, written_text in placeholders.texts.items():
        if written_text.startswith("("):  # the parentheses of a call with no other argument are enough
            text = re.sub(rf"(?<=\w)\({name}\)", name, text)
        text = text.replace(name, written_text)
    return text


def written(value: "str | bytes") -> str:
    """An expression for a long text, in parentheses."""
    product = repeated(value)
    if product:
        return product
    if isinstance(value, bytes) and (text := _as_text(value)):
        return f"{written(text)}.encode()"
    pieces = _pieces(value)
    if len(pieces) == 1:
        return repr(value)
    return "(" + "\n".join(repr(piece) for piece in pieces) + ")"


_RUN = re.compile(r"(.{1,64}?)\1{3,}", re.DOTALL)
_RUN_OF_BYTES = re.compile(rb"(.{1,64}?)\1{3,}", re.DOTALL)


def repeated(value: "str | bytes") -> str:
    """`"[" * 1200 + "]" * 1200` for texts made of few repeated units, else ""."""
    parts: list[str] = []
    at = 0
    while at < len(value):
        best = (0, 0)
        for size in range(1, LONGEST_UNIT + 1):
            unit = value[at : at + size]
            count = 1
            while value[at + count * size : at + (count + 1) * size] == unit and len(unit) == size:
                count += 1
            if count > 3 and count * size > max(best[0] * best[1], 15):
                best = (size, count)
        if best[1]:
            size, count = best
            parts.append(f"{value[at : at + size]!r} * {count}")
            at += size * count
        else:
            following = _next_run(value, at + 1)
            parts.append(_laid_out(value[at:following]))
            at = following
        if len(parts) > 5 or sum(len(part) for part in parts) >= len(value) // 2:
            return ""
    return "(" + " + ".join(parts) + ")" if sum(len(part) for part in parts) < len(value) // 2 else ""


def _laid_out(value: "str | bytes") -> str:
    """A part of a product, in lines when it is long."""
    pieces = [repr(piece) for piece in _pieces(value)]
    return pieces[0] if len(pieces) == 1 else "(" + "\n".join(pieces) + ")"


def _next_run(value: "str | bytes", at: int) -> int:
    """Where the next repetition of some length starts; the length of `value` when there is none."""
    found = _RUN_OF_BYTES.search(value, at) if isinstance(value, bytes) else _RUN.search(value, at)
    while found is not None and found.end() - found.start() <= 15:
        place = found.start() + 1
        found = _RUN_OF_BYTES.search(value, place) if isinstance(value, bytes) else _RUN.search(value, place)
    return found.start() if found is not None else len(value)


def _as_text(value: bytes) -> str:
    """What the bytes say in UTF-8, where that is text which no bytes literal shows as such; else ""."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    plain = all(letter.isprintable() or letter in "\n\t" for letter in text)
    return text if plain and not text.isascii() else ""


def _width(piece: "str | bytes") -> int:
    return len(repr(piece)) - 3


def _cut(rest: "str | bytes") -> int:
    """How much of a line is `WIDTH` wide as it is written."""
    cut = min(len(rest), WIDTH)
    while cut > 1 and _width(rest[:cut]) > WIDTH:
        cut -= max((_width(rest[:cut]) - WIDTH) // 4, 1)
    return cut


def _pieces(value: "str | bytes") -> "list[str | bytes]":
    pieces: list[str | bytes] = []
    for line in value.splitlines(keepends=True) or [value]:
        rest: str | bytes = line
        while _width(rest) > LONG:
            cut = _cut(rest)
            shown = rest[: cut + 1] if isinstance(rest, str) else rest[: cut + 1].decode("latin-1")
            spaces = [match.end() for match in re.finditer(r"[ \t]", shown)]
            cut = spaces[-1] if spaces and spaces[-1] > cut // 2 else cut
            pieces.append(rest[:cut])
            rest = rest[cut:]
        pieces.append(rest)
    return pieces
