"""Makes a reproducing candidate smaller: statements, arguments, then the insides of its literals.

Structure-aware delta debugging in the manner of ddmin (Zeller and Hildebrandt 2002): a smaller
candidate is kept only when the strict judge still says REPRODUCED and the fix still mends it.
"""

import ast
import copy
import re
import time
from collections.abc import Iterator, Sequence
from typing import AnyStr, TypeVar

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Search, Tried
from triage.drafting.replay.searching.tree import Path, located, replaced, with_body
from triage.drafting.replay.smaller.owners import without_owner
from triage.drafting.replay.smaller.pieces import chunks_removed, smaller_json
from triage.drafting.replay.smaller.shrinking import Shrinking
from triage.drafting.replay.smaller.simpler import (
    apart,
    folded,
    pieces,
    plainer,
    spliced,
    unaliased,
    unprinted,
    without_defaults,
    without_inner_statements,
)
from triage.drafting.replay.smaller.unfolded import unfolded
from triage.drafting.replay.smaller.unread_clock import without_unread_clocks
from triage.drafting.replay.smaller.unread_engine import without_unread_engines

SHORT_TEXT = 24
SHORT_LIST = 3
MAX_INLINE = 44
Item = TypeVar("Item")
# A recursion must stay endless with room to spare: elsewhere the stack starts less deep.
MARGIN = "import sys\nsys.setrecursionlimit(sys.getrecursionlimit() * 3 // 2)\n"
# Kept for what makes it not smaller, but easier to read.
READABLE_SECONDS = 1.2
ANSWERS = ("status_code", "exit_code")
WORLD_LINES = (
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE'",
    "django.setup()",
    "if not settings.configured:",
    "setup_databases(",
    "with time_machine.travel(",
    "with freeze_time(",
    "with travel(",
    "with freezegun.",
    "monkeypatch.setenv('AWS_",
)
# The test's own database stays in each place that the repo's was in.
_DATABASE = re.compile(r"monkeypatch\.set(attr|item)\(.*\b(async_)?engine\)")


def minimised(search: Search, tried: Tried, seconds: float) -> Tried:
    """The smallest candidate found within `seconds`; `tried` itself when nothing can go."""
    if search.expected.type == "RecursionError":
        search.prelude = MARGIN
    tried = without_unread_clocks(search, tried)
    shrinking = Shrinking(search, tried)
    deadline = time.monotonic() + seconds
    for step in (unfolded, pieces, _without_statements, _parts_of_call, _without_arguments, _smaller_literals):
        shrinking.improve(step, deadline)
    shrinking.best = without_unread_engines(search, shrinking.best)
    for step in (without_owner, _without_statements, unprinted, apart, _inlined, folded, spliced, plainer, unaliased):
        shrinking.improve(step, deadline + READABLE_SECONDS)
    if tried.fixed is not None:
        # What an object is made with may be what the test is about: it goes only if it changes nothing.
        for step in (without_inner_statements, without_defaults):
            shrinking.improve(step, deadline + READABLE_SECONDS, same_value=True)
    search.prelude = ""
    return shrinking.best


def _without_statements(candidate: Candidate) -> Iterator[Candidate]:
    body = list(candidate.body)
    for index in reversed(range(len(body) - 1)):
        stays = _is_world(body[index]) or _is_named(body[index], body) or _finishes(body[index], body[:index])
        if not stays:
            yield with_body(candidate, body[:index] + body[index + 1 :])
    last = body[-1]
    if isinstance(last, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor):
        if not _is_world(last):
            yield with_body(candidate, body[:-1] + last.body)
        for index in reversed(range(len(last.body) - 1)):
            if _finishes(last.body[index], [*body[:-1], *last.body[:index]]):
                continue
            smaller = copy.copy(last)
            smaller.body = last.body[:index] + last.body[index + 1 :]
            yield with_body(candidate, [*body[:-1], smaller])


def _is_named(node: ast.stmt, body: list[ast.stmt]) -> bool:
    """Whether an import brings a name that the rest still says, run or not."""
    if not isinstance(node, ast.Import | ast.ImportFrom):
        return False
    brought = {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return any(isinstance(part, ast.Name) and part.id in brought for item in body for part in ast.walk(item))


def _finishes(node: ast.stmt, before: Sequence[ast.stmt]) -> bool:
    """Whether the statement commits what others before it did: it goes after them, even if nothing here needs it."""
    call = node.value if isinstance(node, ast.Expr) else None
    call = call.value if isinstance(call, ast.Await) else call
    if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "commit"):
        return False
    done = tuple(f"{ast.unparse(call.func.value)}.{way}" for way in ("add", "merge", "delete", "execute", "insert"))
    return any(ast.unparse(item).removeprefix("await ").startswith(done) for item in before)


def _is_world(node: ast.stmt) -> bool:
    """Whether the statement puts the test's world in order: it stays, even if this machine fails alike."""
    text = ast.unparse(node)
    if text.startswith(WORLD_LINES) or "Frozen" in text or _DATABASE.fullmatch(text):
        return True
    return any(
        isinstance(part, ast.Name) and part.id in ("MagicMock", "AsyncMock", "dependency") for part in ast.walk(node)
    )


def _without_arguments(candidate: Candidate) -> Iterator[Candidate]:
    """Each keyword argument of the call itself left out; what is set up before stays as it was used."""
    last = len(candidate.body) - 1
    for path, node in located(candidate.body):
        if path[0] != ("body", last) or not isinstance(node, ast.Call):
            continue
        for index in reversed(range(len(node.keywords))):
            smaller = copy.copy(node)
            smaller.keywords = node.keywords[:index] + node.keywords[index + 1 :]
            yield replaced(candidate, path, smaller)
        return


def _parts_of_call(candidate: Candidate) -> Iterator[Candidate]:
    """The last expression cut down to a part of it that fails by itself."""
    body = list(candidate.body)
    last = body[-1]
    if not isinstance(last, ast.Expr) or (isinstance(last.value, ast.Attribute) and last.value.attr in ANSWERS):
        return
    parts = [
        node
        for node in ast.walk(last.value)
        if isinstance(node, ast.Call | ast.Attribute | ast.Subscript | ast.BinOp | ast.Await | ast.ListComp)
    ]
    scopes = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp | ast.Lambda
    hidden = {id(node) for scope in ast.walk(last.value) if isinstance(scope, scopes) for node in ast.walk(scope)}
    for node in parts:
        if node is not last.value and id(node) not in hidden:
            yield with_body(candidate, [*body[:-1], ast.Expr(node)])
    for scope in ast.walk(last.value):
        if isinstance(scope, ast.ListComp | ast.SetComp | ast.GeneratorExp):
            yield with_body(
                candidate,
                [*body[:-1], ast.Expr(ast.Call(ast.Name("list", ast.Load()), [scope.generators[0].iter], []))],
            )
            yield with_body(candidate, [*body[:-1], ast.Expr(scope.generators[0].iter)])


def _smaller_literals(candidate: Candidate) -> Iterator[Candidate]:
    """Long texts and containers shortened, big pieces first. What a function of the test holds is its own affair: part
    of it may not run at all."""
    for path, node in sorted(located(candidate.body), key=lambda item: -len(ast.dump(item[1]))):
        if isinstance(node, ast.Constant | ast.List | ast.Tuple | ast.Set | ast.Dict) and _is_inside(candidate, path):
            continue
        if isinstance(node, ast.List | ast.Tuple | ast.Set) and isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
            if len(node.elts) > SHORT_LIST and not _is_command_line(node):
                for kept in chunks_removed(list(node.elts)):
                    smaller = copy.copy(node)
                    smaller.elts = list(kept)
                    if kept:
                        yield replaced(candidate, path, smaller)
        elif isinstance(node, ast.Dict) and len(node.keys) > 1:
            pairs = list(zip(node.keys, node.values, strict=True))
            for kept_pairs in chunks_removed(pairs):
                if kept_pairs:
                    yield replaced(
                        candidate, path, ast.Dict([key for key, _ in kept_pairs], [value for _, value in kept_pairs])
                    )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and len(node.value) > SHORT_TEXT:
            texts = node.value
            if isinstance(texts, str):
                yield from (replaced(candidate, path, ast.Constant(text)) for text in shorter_texts(texts))
            else:
                yield from (replaced(candidate, path, ast.Constant(data)) for data in shorter_texts(texts))


def _is_inside(candidate: Candidate, path: Path) -> bool:
    """Whether a function or class that the candidate defines holds what is at `path`."""
    _, first = path[0]
    return isinstance(candidate.body[first], ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)


def _is_command_line(node: ast.List | ast.Tuple | ast.Set) -> bool:
    texts = [item.value for item in node.elts if isinstance(item, ast.Constant) and isinstance(item.value, str)]
    return any(text.startswith("-") for text in texts)


def shorter_texts(text: AnyStr) -> Iterator[AnyStr]:
    """`text` without some of its lines, then (when it is short) without some of its words or pieces."""
    lines = text.splitlines(keepends=True)
    empty = text[:0]
    if len(lines) > 20 and isinstance(text, str) and (plain := re.sub(r"\d\d+", "1", text)) != text:
        yield plain
    if isinstance(text, str):
        yield from smaller_json(text)
    if len(lines) > 1:
        for kept in chunks_removed(lines):
            yield empty.join(kept)
    if len(text) <= 4000 and isinstance(text, str):
        words = _words(text)
        if 1 < len(words) <= 60:
            for fewer in chunks_removed(words):
                yield "".join(fewer)
    if len(lines) <= 1 and len(text) > 200:
        size = len(text) // 2
        while size >= max(len(text) // 32, 8):
            for start in range(0, len(text), size):
                yield text[:start] + text[start + size :]
            size //= 2


def _words(text: str) -> list[str]:
    return re.findall(r"\s*\S+\s*", text)


def _inlined(candidate: Candidate) -> Iterator[Candidate]:
    """Variables that are used once, in the next statement, put in place when the line stays short; literals in a later
    one as well."""
    body = list(candidate.body)
    for index in reversed(range(len(body) - 1)):
        node = body[index]
        if not (isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)):
            continue
        name = node.targets[0].id
        uses = [
            part
            for item in body[index + 1 :]
            for part in ast.walk(item)
            if isinstance(part, ast.Name) and part.id == name
        ]
        at = next((at for at in range(index + 1, len(body)) if uses and _holds(body[at], uses[0])), index)
        if len(uses) != 1 or at == index or (at > index + 1 and not _is_still(node.value, body[at], uses[0])):
            continue
        if any(part is uses[0] for target in _targets(body[at]) for part in ast.walk(target)):
            continue  # what is assigned to keeps its name
        if len(ast.unparse(node.value)) > MAX_INLINE or len(ast.unparse(body[at])) + len(ast.unparse(node.value)) > 84:
            continue
        if isinstance(node.value, ast.Call) and index + 1 < len(body) - 1 and not _starts_with(body[at], uses[0]):
            continue
        following = _Inline(name, node.value).visit(copy.deepcopy(body[at]))
        yield with_body(candidate, [*body[:index], *body[index + 1 : at], following, *body[at + 1 :]])


def _starts_with(node: ast.stmt, name: ast.Name) -> bool:
    """Whether the name is the first thing that the statement asks for."""
    first: ast.AST | None = node.value if isinstance(node, ast.Assign | ast.Expr) else None
    while isinstance(first, ast.Attribute | ast.Call | ast.Subscript | ast.Await):
        first = first.func if isinstance(first, ast.Call) else first.value
    return first is name


def _holds(node: ast.stmt, name: ast.Name) -> bool:
    return any(part is name for part in ast.walk(node))


def _is_still(value: ast.expr, statement: ast.stmt, use: ast.Name) -> bool:
    """Whether a value is the same wherever it is made, and the statement makes it once."""
    plain = all(
        isinstance(
            part, ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.Set | ast.UnaryOp | ast.unaryop | ast.Load
        )
        for part in ast.walk(value)
    )
    once = isinstance(statement, ast.Expr | ast.Assign) or (
        isinstance(statement, ast.For) and any(part is use for part in ast.walk(statement.iter))
    )
    scopes = ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
    return plain and once and not any(isinstance(part, scopes) for part in ast.walk(statement))


def _targets(node: ast.stmt) -> list[ast.expr]:
    if isinstance(node, ast.Assign | ast.Delete):
        return node.targets
    return [node.target] if isinstance(node, ast.AugAssign | ast.AnnAssign) else []


class _Inline(ast.NodeTransformer):
    def __init__(self, name: str, value: ast.expr) -> None:
        self.name, self.value = name, value

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self.value if node.id == self.name and not isinstance(getattr(node, "ctx", None), ast.Store) else node
