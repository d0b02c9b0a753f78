"""What the fixed code's call comes to, or leaves behind, as expressions that the test can compare."""

import ast
import copy
import keyword
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.candidate import TEST, Candidate
from triage.drafting.replay.searching.search import Fixed, Search, Seen, Tried
from triage.drafting.replay.searching.server import outcome_of
from triage.drafting.replay.smaller.minimise import ANSWERS
from triage.redact import redact

# So many things that a call left behind, and attributes of what it returned, are worth a line each.
MOST_CHANGES, MOST_ATTRIBUTES = 2, 3
# A call that takes more seconds is not made again to be looked at.
PATIENCE = 2.0
# What changes more than so much of an object does bookkeeping: none of it is what the test is about.
MOST_CHANGED = 4
LONGEST_ATTRIBUTE = 200
# What classes of all kinds call that what people ask them for.
TELLING = frozenset(
    {"status_code", "status", "code", "exit_code", "message", "value", "values", "text", "content", "result", "results",
     "errors", "error", "name", "items", "rows", "data", "state"}
)  # fmt: skip
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}|/tmp/|pytest-of|/dev/fd")
# A moment, written or as the arguments of one: what another day would make otherwise.
_MOMENT = re.compile(r"(\d{4})(?:-|, )(\d{1,2})(?:-|, )(\d{1,2})|\d\d:\d\d:\d\d|[0-9a-f]{8}-[0-9a-f]{4}-|[0-9a-f]{24,}")


def observed(search: Search, best: Tried) -> Tried:
    """`best` with what can be asserted beyond that the call returns, seen twice on the fixed code."""
    fixed = best.fixed
    if search.fixed is None or fixed is None or not fixed.works or fixed.error or _is_enough(fixed, best):
        return best
    if fixed.seconds > PATIENCE:
        return best
    best.seen = _looked(search, best, fixed)
    if not best.seen and fixed.kind in ("NoneType", "int"):
        candidate, names = with_names(best.candidate)
        seen = _looked(search, replace(best, candidate=candidate), fixed) if names else ()
        used = {part.id for item in seen for part in ast.walk(ast.parse(item.expression)) if isinstance(part, ast.Name)}
        if used & set(names):
            best.candidate, _ = with_names(best.candidate, used)
            best.seen = seen
    return best


def _looked(search: Search, best: Tried, fixed: Fixed) -> tuple[Seen, ...]:
    source, slowly = _watched(best.candidate), _watched(best.candidate, slow=True)
    rows = _rows(search, source) if source is not None else []
    if not rows or slowly is None:
        return ()
    again = _rows(search, slowly)
    known = best.candidate.source()
    steady = [row for row in rows if row in again and not is_passing(row.value, known)]
    return tuple(_chosen(steady, best, fixed))


def with_names(candidate: Candidate, only: Collection[str] | None = None) -> tuple[Candidate, list[str]]:
    """The candidate with objects that are made within its last expression made before it, so that they can be looked
    at after it; and their names. `only` these get one."""
    body = [copy.deepcopy(item) for item in candidate.body]
    block = innermost(body)
    last = block[-1] if block else None
    if not isinstance(last, ast.Expr):
        return candidate, []
    lifting = _Lifting({part.id for item in body for part in ast.walk(item) if isinstance(part, ast.Name)}, only)
    lifting.whole = last.value
    lifted = lifting.visit(last.value)
    assert isinstance(lifted, ast.expr)
    last.value = lifted
    block[-1:] = [*(ast.Assign([ast.Name(name, ast.Store())], made, lineno=0) for name, made in lifting.made), last]
    return replace(candidate, body=tuple(body)), [name for name, _ in lifting.made]


class _Lifting(ast.NodeTransformer):
    """Takes calls of classes out of an expression. `made` are their names and the calls."""

    def __init__(self, taken: set[str], only: Collection[str] | None) -> None:
        self.taken, self.only = taken, only
        self.made: list[tuple[str, ast.expr]] = []
        self.whole: ast.expr | None = None

    def visit(self, node: ast.AST) -> ast.AST:
        scopes = ast.Lambda | ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
        done: ast.AST = node if isinstance(node, scopes) else super().visit(node)
        return done

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        last = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if node is self.whole or not last[:1].isupper() or not last.isidentifier():
            return node
        name = "out" if last in ("StringIO", "BytesIO") and not node.args else snake(last)
        if name in self.taken or keyword.iskeyword(name) or (self.only is not None and name not in self.only):
            return node
        self.taken.add(name)
        self.made.append((name, node))
        return ast.Name(name, ast.Load())


def is_passing(text: str, source: str, today: date | None = None) -> bool:
    """Whether a value holds what another run, or another day, would make otherwise, or what looks like a secret.

    A moment that the test itself names comes of it. Other days than those around `today` stay."""
    if _ADDRESS.search(text) or redact(text) != text:
        return True
    now = today or date.today()
    days = {now + timedelta(days=shift) for shift in (-1, 0, 1)}
    moments = {tuple(int(part) for part in match.groups()) for match in _MOMENT.finditer(source) if match[1]}
    for match in _MOMENT.finditer(text):
        if match[1] is None:
            if match[0] not in source:
                return True
            continue
        year, month, day = (int(part) for part in match.groups())
        if (year, month, day) not in moments and any((year, month, day) == (at.year, at.month, at.day) for at in days):
            return True
    return False


def innermost(body: list[ast.stmt]) -> list[ast.stmt]:
    """The block that the last statement stands in, below `with` blocks."""
    while body and isinstance(body[-1], ast.With | ast.AsyncWith):
        body = body[-1].body
    return body


def _is_enough(fixed: Fixed, best: Tried) -> bool:
    """Whether the value alone says it all: one that reads back, and is no answer of a command."""
    last = innermost(list(best.candidate.body))[-1]
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Attribute) and last.value.attr in ANSWERS:
        return True
    return fixed.literal and fixed.kind not in ("NoneType", "bool", "int")


def _watched(candidate: Candidate, slow: bool = False) -> str | None:
    """The candidate's source with its last expression told about; None where the last statement is none. `slow`: it
    takes longer, so that times which it measures differ."""
    candidate = replace(candidate, body=tuple(copy.deepcopy(item) for item in candidate.body))
    outer = list(candidate.body)
    block = innermost(outer)
    last = block[-1] if block else None
    if not isinstance(last, ast.Expr | ast.Assign | ast.AugAssign | ast.Delete):
        return None
    before = ast.parse(f"triage_before = replay_observe.state(locals(), {slow})").body[0]
    around = ast.parse("replay_observe.told(None, triage_before, locals())", mode="eval").body
    assert isinstance(around, ast.Call)
    if isinstance(last, ast.Expr):
        around.args[0] = last.value
        block[-1:] = [before, ast.Expr(around)]
    else:
        block[-1:] = [before, last, ast.Expr(around)]
    watched = replace(candidate, body=tuple(outer), imports=(*candidate.imports, "import replay_observe"))
    try:
        return watched.source()
    except (ValueError, RecursionError, SyntaxError):
        return None


def _rows(search: Search, source: str) -> "list[_Row]":
    assert search.fixed is not None
    asked = search.fixed.submit(source, TEST, search.timeout, observe=True)
    told = outcome_of(asked.result(search.timeout + 10))
    if told.outcome != "returned" or not told.value.get("literal"):
        return []
    found = ast.literal_eval(str(told.value.get("repr", "[]")))
    if not isinstance(found, list):  # a block of the test swallowed an error: nothing was told
        return []
    rows = [_Row(str(what), str(name), str(value), tuple(imports)) for what, name, value, imports in found]
    return [row for row in rows if is_harmless(row.expression, row.value, row.imports)]


def is_harmless(expression: str, value: str, imports: Sequence[str] = ()) -> bool:
    """Whether what the code under test told only looks at things: it is written into a test that people run."""
    if not all(re.fullmatch(r"from [A-Za-z_][\w.]* import [A-Za-z_]\w*", line) for line in imports):
        return False
    makers = {line.split()[-1] for line in imports} | {"set", "frozenset"}
    try:
        looked, told = ast.parse(expression, mode="eval"), ast.parse(value, mode="eval")
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return False
    asked = [node.func for node in ast.walk(looked) if isinstance(node, ast.Call)]
    made = [node.func for node in ast.walk(told) if isinstance(node, ast.Call)]
    return (
        all((func.attr if isinstance(func, ast.Attribute) else ast.unparse(func)) in _LOOKS for func in asked)
        and all(isinstance(func, ast.Name) and func.id in makers for func in made)
        and not any(isinstance(node, _ACTS) for tree in (looked, told) for node in ast.walk(tree))
    )


_LOOKS = frozenset(
    {
        "getvalue",
        "read_text",
        "read_bytes",
        "readouterr",
        "json",
        "get_json",
        "get_data",
        "decode",
        "list",
        "len",
        "str",
    }
)
_ACTS = (
    ast.Lambda, ast.NamedExpr, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Await, ast.Yield,
    ast.JoinedStr,
)  # fmt: skip


@dataclass(frozen=True)
class _Row:
    what: str
    expression: str
    value: str
    imports: tuple[str, ...]


def _chosen(rows: Sequence[_Row], best: Tried, fixed: Fixed) -> Iterator[Seen]:
    """The few that a reader would want: the result itself, else how it prints, else some of its attributes; of a call
    that returns nothing what it changed or printed."""
    if fixed.literal and fixed.kind in ("NoneType", "bool", "int"):
        written = [row for row in rows if row.what == "printed" or row.expression.endswith(("()",))]
        changed = [row for row in rows if row.what == "changed" and row not in written and not _is_empty(row)]
        changed = changed if fixed.kind == "NoneType" and len(changed) <= MOST_CHANGED else []
        changed = [row for row in changed if "." not in row.expression or len(row.value) <= LONGEST_ATTRIBUTE]
        for row in [*written, *sorted(changed, key=lambda row: len(row.value))][:MOST_CHANGES]:
            yield _seen(row)
        return
    whole = [
        row for row in rows if row.what == "result" and row.expression in ("result", "list(result)", "str(result)")
    ]
    if whole:
        yield _seen(whole[0])
        return
    echoes = {
        ast.unparse(node) for item in best.candidate.body for node in ast.walk(item) if isinstance(node, ast.expr)
    }
    results = [row for row in rows if row.what == "result" and row.value not in echoes and not _is_empty(row)]
    telling = [row for row in results if row.expression.rpartition(".")[2] in TELLING]
    numbers = [row for row in results if _is_number(row.value)]
    results = telling or [
        row
        for row in results
        if row.value != "True" and (row not in numbers or (len(numbers) > 1 and len(numbers) == len(results)))
    ]
    for row in results[:MOST_ATTRIBUTES]:
        yield _seen(row)
    kinds = [row for row in rows if row.what == "kind"]
    if not results and kinds and kinds[0].value not in {name.rpartition(".")[2] for name in echoes}:
        yield Seen("result", kinds[0].value, kinds[0].imports, is_kind=True)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.e+-]+", text) is not None


def _is_empty(row: _Row) -> bool:
    """Whether it says nothing by itself: nothing was found, or it is one of many flags."""
    return row.value in ("None", "False", "''", "b''", "[]", "()", "{}", "set()", "0") and "get" not in row.expression


def _seen(row: _Row) -> Seen:
    return Seen(row.expression, row.value, row.imports, "capsys" if row.what == "printed" else "")
