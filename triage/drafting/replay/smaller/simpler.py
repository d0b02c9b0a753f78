"""Ways to write a candidate more simply: computed values, defaults, pairs of assignments, nested displays, names.

Each step yields candidates; whether one still reproduces is for the strict judge to say (minimise).
"""

import ast
import copy
import keyword
from collections.abc import Iterator, Sequence
from dataclasses import replace

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.tree import located, replaced, with_body

MOST_FOLDED = 200
# No more than these: what is evaluated here came with the event, and runs in our own process.
_PURE = frozenset({"encode", "decode", "strip", "lower", "upper"})
_CODECS = ("utf-8", "utf8", "UTF-8", "ascii", "latin-1")


def folded(candidate: Candidate) -> Iterator[Candidate]:
    """Expressions of literals alone replaced by what they come to, unless that is longer to read."""
    for path, node in located(candidate.body):
        if isinstance(node, ast.BinOp | ast.Subscript | ast.Call | ast.IfExp) and _is_constant(node):
            try:
                value = eval(
                    compile(ast.fix_missing_locations(ast.Expression(copy.deepcopy(node))), "<literal>", "eval")
                )
                text = repr(value)
                new = ast.parse(text, mode="eval").body
                if ast.literal_eval(new) != value:
                    continue
            except Exception:
                continue
            if len(text) <= max(len(ast.unparse(node)) + 8, 24) and len(text) < MOST_FOLDED:
                yield replaced(candidate, path, new)


def _is_constant(node: ast.expr) -> bool:
    """Whether evaluating it runs nothing but operators and pure methods of literals, and cannot grow large."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else ""
            text = name in ("encode", "decode") and all(
                isinstance(item, ast.Constant) and item.value in _CODECS for item in part.args
            )
            if part.keywords or not (text or name == "get" or (name in _PURE and not part.args)):
                return False
        elif isinstance(part, ast.BinOp):
            if not isinstance(part.op, ast.Add | ast.Sub):
                return False
        elif isinstance(part, ast.Constant):
            if isinstance(part.value, str | bytes) and len(part.value) > 2000:
                return False
        elif not isinstance(
            part,
            ast.Attribute | ast.Dict | ast.List | ast.Tuple | ast.Set | ast.Subscript | ast.Slice | ast.UnaryOp
            | ast.USub | ast.Add | ast.Sub | ast.Load | ast.IfExp | ast.Compare | ast.cmpop,
        ):  # fmt: skip
            return False
    return not isinstance(node, ast.Call) or isinstance(node.func, ast.Attribute)


def without_defaults(candidate: Candidate) -> Iterator[Candidate]:
    """Keyword arguments, then trailing positional ones, left out of any call: one at a time."""
    for path, node in located(candidate.body):
        if not isinstance(node, ast.Call) or _is_setting(node):
            continue
        for index in reversed(range(len(node.keywords))):
            if node.keywords[index].arg == "tzinfo":  # a time of no zone is one of this machine's
                continue
            smaller = copy.copy(node)
            smaller.keywords = node.keywords[:index] + node.keywords[index + 1 :]
            yield replaced(candidate, path, smaller)
        last = node.args[-1] if node.args else None
        if isinstance(last, ast.Constant) or (isinstance(last, ast.List | ast.Dict | ast.Tuple) and _is_empty(last)):
            smaller = copy.copy(node)
            smaller.args = node.args[:-1]
            yield replaced(candidate, path, smaller)


def _is_empty(node: ast.expr) -> bool:
    return not (getattr(node, "elts", None) or getattr(node, "keys", None))


def _is_setting(node: ast.Call) -> bool:
    """Calls that put the world in order: what they say was so in production."""
    name = ast.unparse(node.func)
    return name.startswith(("monkeypatch.", "mock.", "os.environ", "django.")) or "Mock" in name


def apart(candidate: Candidate) -> Iterator[Candidate]:
    """`a, b = (x, y)` as two statements."""
    body = list(candidate.body)
    for index, node in enumerate(body):
        pair = _pair(node)
        if pair is not None:
            yield with_body(candidate, [*body[:index], *pair, *body[index + 1 :]])


def _pair(node: ast.stmt) -> Sequence[ast.stmt] | None:
    if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Tuple)):
        return None
    targets, value = node.targets[0].elts, node.value
    if not isinstance(value, ast.Tuple) or len(targets) != len(value.elts):
        return None
    names = {item.id for item in targets if isinstance(item, ast.Name)}
    if len(names) != len(targets):
        return None
    if any(isinstance(part, ast.Name) and part.id in names for part in ast.walk(value)):
        return None
    return [ast.Assign([target], item, lineno=0) for target, item in zip(targets, value.elts, strict=True)]


def pieces(candidate: Candidate) -> Iterator[Candidate]:
    """The last expression cut down to one element of the display or the text that it stands in."""
    body = list(candidate.body)
    last = body[-1]
    if not isinstance(last, ast.Expr):
        return
    value = last.value
    if isinstance(value, ast.Tuple | ast.List | ast.Set):
        for item in value.elts:
            if not isinstance(item, ast.Constant):
                yield with_body(candidate, [*body[:-1], ast.Expr(item)])
    elif isinstance(value, ast.Dict):
        for item in value.values:
            if not isinstance(item, ast.Constant):
                yield with_body(candidate, [*body[:-1], ast.Expr(item)])
    elif isinstance(value, ast.JoinedStr) and len(value.values) > 1:
        for piece in value.values:
            if isinstance(piece, ast.FormattedValue) and not isinstance(piece.value, ast.Constant):
                yield with_body(candidate, [*body[:-1], ast.Expr(ast.JoinedStr([piece]))])


def unprinted(candidate: Candidate) -> Iterator[Candidate]:
    """`print(call())` as `call()`: what a script showed is not what its test is about."""
    for path, node in located(candidate.body):
        shown = node.value if isinstance(node, ast.Expr) else None
        if not isinstance(shown, ast.Call) or ast.unparse(shown.func) != "print" or shown.keywords:
            continue
        if len(shown.args) == 1 and isinstance(shown.args[0], ast.Call | ast.Await):
            yield replaced(candidate, path, ast.Expr(shown.args[0]))


def plainer(candidate: Candidate) -> Iterator[Candidate]:
    """`Path(str(file))` of a path, `getattr(cart, 'total')`, `[*[a, b]]`, `str(5)` and what the test itself put into
    the environment as people write them: all of them at once, then one at a time."""
    paths = {"tmp_path"} & set(candidate.fixtures)
    for item in candidate.body:
        if isinstance(item, ast.Assign) and isinstance(item.value, ast.BinOp) and isinstance(item.value.op, ast.Div):
            root: ast.expr = item.value
            while isinstance(root, ast.BinOp):
                root = root.left
            if isinstance(root, ast.Name) and root.id in paths:
                paths |= {target.id for target in item.targets if isinstance(target, ast.Name)}
    settings = _settings(candidate.body)
    plain = _Plain(paths, settings)
    whole = [plain.visit(copy.deepcopy(item)) for item in candidate.body]
    if plain.count:
        yield with_body(candidate, whole)
    for at in range(plain.count if plain.count > 1 else 0):
        single = _Plain(paths, settings, at)
        yield with_body(candidate, [single.visit(copy.deepcopy(item)) for item in candidate.body])


def _settings(body: Sequence[ast.stmt]) -> dict[str, ast.expr]:
    """What the test sets environment variables to."""
    found: dict[str, ast.expr] = {}
    for item in body:
        call = item.value if isinstance(item, ast.Expr) else None
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "monkeypatch.setenv" and len(call.args) == 2:
            name, value = call.args
            if isinstance(name, ast.Constant) and isinstance(name.value, str) and isinstance(value, ast.Constant):
                found[name.value] = value
    return found


class _Plain(ast.NodeTransformer):
    """Writes expressions more plainly; `only` that one of them. `count` says how many there were."""

    def __init__(self, paths: set[str], settings: dict[str, ast.expr], only: int | None = None) -> None:
        self.paths, self.settings, self.only, self.count = paths, settings, only, 0

    def _taken(self) -> bool:
        self.count += 1
        return self.only is None or self.only == self.count - 1

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if node.keywords or not isinstance(node.func, ast.Name | ast.Attribute):
            return node
        name, given = ast.unparse(node.func), node.args
        if name in ("Path", "pathlib.Path") and len(given) == 1:
            inner = given[0]
            if isinstance(inner, ast.Call) and ast.unparse(inner.func) == "str" and len(inner.args) == 1:
                inner = inner.args[0]
            if isinstance(inner, ast.Name) and inner.id in self.paths and self._taken():
                return inner
        if name == "getattr" and len(given) == 2 and isinstance(given[1], ast.Constant):
            label = given[1].value
            if isinstance(label, str) and label.isidentifier() and not keyword.iskeyword(label) and self._taken():
                return ast.Attribute(given[0], label, ast.Load())
        if name in ("os.environ.get", "os.getenv") and given and isinstance(given[0], ast.Constant):
            known = self.settings.get(str(given[0].value), given[1] if len(given) == 2 else None)
            if isinstance(known, ast.Constant) and self._taken():
                return known
        literal = given[0].value if len(given) == 1 and isinstance(given[0], ast.Constant) else None
        if name == "str" and isinstance(literal, int | str) and self._taken():
            return ast.Constant(str(literal))
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.expr:
        self.generic_visit(node)
        source = node.generators[0].iter
        if isinstance(source, ast.List | ast.Tuple) and not source.elts and self._taken():
            return ast.List([], ast.Load())
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        name = node.slice.value if isinstance(node.slice, ast.Constant) else None
        if ast.unparse(node.value) == "os.environ" and name in self.settings and self._taken():
            return self.settings[str(name)]
        return node

    def visit_List(self, node: ast.List) -> ast.List:
        self.generic_visit(node)
        for at, item in enumerate(node.elts):
            if isinstance(item, ast.Starred) and isinstance(item.value, ast.List | ast.Tuple) and self._taken():
                node.elts[at : at + 1] = item.value.elts
                return self.visit_List(node)
        return node


def spliced(candidate: Candidate) -> Iterator[Candidate]:
    """`{'a': 1, **{'b': 2}}` as one display."""
    for path, node in located(candidate.body):
        if isinstance(node, ast.Dict) and any(
            key is None and isinstance(value, ast.Dict) for key, value in _pairs(node)
        ):
            parts = [
                pair
                for key, value in _pairs(node)
                for pair in (_pairs(value) if key is None and isinstance(value, ast.Dict) else [(key, value)])
            ]
            yield replaced(candidate, path, ast.Dict([key for key, _ in parts], [value for _, value in parts]))


def _pairs(node: ast.Dict) -> list[tuple[ast.expr | None, ast.expr]]:
    return list(zip(node.keys, node.values, strict=True))


def without_inner_statements(candidate: Candidate) -> Iterator[Candidate]:
    """What the candidate defines with less in it: classes without single methods, functions with an `if` as what is
    done, then without single statements."""
    for path, node in located(candidate.body):
        if isinstance(node, ast.ClassDef):
            for index in reversed(range(len(node.body))):
                if len(node.body) > 1 and isinstance(node.body[index], ast.FunctionDef | ast.AsyncFunctionDef):
                    fewer = copy.copy(node)
                    fewer.body = [*node.body[:index], *node.body[index + 1 :]]
                    yield replaced(candidate, path, fewer)
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for index in reversed(range(len(node.body))):
            statement = node.body[index]
            for instead in (statement.body, []) if isinstance(statement, ast.If) else ([],):
                smaller = copy.copy(node)
                smaller.body = [*node.body[:index], *instead, *node.body[index + 1 :]]
                if smaller.body:
                    yield replaced(candidate, path, smaller)


def unaliased(candidate: Candidate) -> Iterator[Candidate]:
    """`from shop import Session as Session_2` without the alias, once nothing else has the name."""
    bound = [alias for line in candidate.imports for alias in _aliases(line)]
    used = {part.id for item in candidate.body for part in ast.walk(item) if isinstance(part, ast.Name)}
    defined = {item.name for item in candidate.body if isinstance(item, ast.ClassDef | ast.FunctionDef)}
    taken = {alias.asname or alias.name for alias in bound} | used | defined | set(candidate.fixtures)
    for line in candidate.imports:
        for alias in _aliases(line):
            if line.startswith("from ") and alias.asname == f"{alias.name}_2" and alias.name not in taken:
                body = [_Renamed(alias.asname, alias.name).visit(copy.deepcopy(item)) for item in candidate.body]
                plain = line.replace(f" as {alias.asname}", "")
                imports = tuple(plain if item == line else item for item in candidate.imports)
                yield with_body(replace(candidate, imports=imports), body)


def _aliases(line: str) -> Sequence[ast.alias]:
    node = ast.parse(line).body[0]
    return node.names if isinstance(node, ast.Import | ast.ImportFrom) else ()


class _Renamed(ast.NodeTransformer):
    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old, new

    def visit_Name(self, node: ast.Name) -> ast.Name:
        return ast.copy_location(ast.Name(self.new, node.ctx), node) if node.id == self.old else node
