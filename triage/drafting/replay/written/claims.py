"""What a test asserts: the strongest that is honest, and the words that say which it is."""

import ast
import builtins
import re
from collections.abc import Callable
from dataclasses import dataclass

from triage.domain.verdict import ExpectedFailure
from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Fixed, Seen, Tried
from triage.drafting.replay.smaller.minimise import ANSWERS
from triage.drafting.replay.written.naming import called, outcome_of
from triage.drafting.replay.written.observed import is_passing

MAX_PINNED = 300
WORDS = "what the fixed code returns or leaves behind is pinned"
LONG_ASSERT = 74
LEAST_SAID, MOST_SAID = 8, 60
PLAIN_TYPES = frozenset({"str", "bytes", "int", "float", "bool", "list", "tuple", "dict", "set", "frozenset"})
# Raised by code on purpose, these speak of the input more often than of a bug.
_ABOUT_INPUT = frozenset({"ValueError", "TypeError", "KeyError", "LookupError", "IndexError", "NotImplementedError"})


@dataclass(frozen=True)
class Claim:
    """`imports` and `body` of the test. `words` say what is asserted and why; `outcome` is for its name.

    `caveat` is for the maintainer who reads the test: "" when there is nothing to add. `fixture` is needed besides
    those of the candidate.
    """

    imports: list[str]
    body: list[ast.stmt]
    words: str
    outcome: str = ""
    caveat: str = ""
    fixture: str = ""


def claim(
    candidate: Candidate, body: list[ast.stmt], tried: Tried, expected: ExpectedFailure, unittest: bool, *,
    pinned: bool = True, declared: str = "",
) -> Claim:  # fmt: skip
    """The strongest claim for a candidate. `declared` is the return type that its function is annotated with."""
    fixed, imports = tried.fixed, list(candidate.imports)
    if fixed is not None and fixed.works and fixed.error:
        return _raising(imports, body, tried, fixed, unittest, pinned)
    last = last_of(body)
    expression = last.value if isinstance(last, ast.Expr) else None
    seen = [item for item in tried.seen if pinned and not (unittest and item.fixture)]
    if seen and expression is None and (claimed := with_seen(imports, body, None, None, seen, unittest)) is not None:
        return claimed
    if fixed is not None and fixed.works and pinned and expression is not None:
        value = _pinned(fixed)
        asked = fixed.value == "None" and called(expression) is None
        if seen and not asked and (value is None or tried.body is None):
            claimed = with_seen(imports, body, expression, value, seen, unittest)
            if claimed is not None:
                return claimed
        if value is None and (asked or (tried.answers and fixed.value == "None")):
            value = ast.Constant(None)
        if value is not None:
            answer = expression.attr if isinstance(expression, ast.Attribute) else ""
            read = tried.body if answer in ANSWERS else None
            body = wrap_last(body, lambda last: _equals(last, value, unittest, read))
            return Claim(imports, body, "what the fixed code returns is pinned", outcome_of(value, answer))
    answered = _answered(body, unittest)
    if answered is not None:
        words = "a response that is no server error" if answered[1] else "at least that the command runs"
        return Claim(imports, answered[0], words, caveat="" if fixed else _caveat(expected))
    known = fixed is not None and fixed.works
    kind = fixed.kind if known and fixed is not None else declared
    if kind in PLAIN_TYPES and expression is not None and _returns_itself(expression, candidate, known):
        body = wrap_last(body, lambda last: _isinstance(last, kind, unittest))
        words = f"the fixed code returns a {kind}" if known else f"it is declared to return a {kind}"
        return Claim(imports, body, words, caveat="" if known else _caveat(expected))
    if known:
        if isinstance(expression, ast.JoinedStr | ast.Attribute) and fixed is not None and fixed.value not in _FALSY:
            body = wrap_last(body, lambda last: [_holds(last, unittest)])  # by itself a linter takes it for a slip
        return Claim(imports, body, "the call returns, as it does on the fixed code")
    return Claim(imports, body, "at least that the call returns: the fix is not known", caveat=_caveat(expected))


def with_seen(
    imports: list[str], body: list[ast.stmt], expression: ast.expr | None, value: ast.expr | None, seen: list[Seen],
    unittest: bool,
) -> Claim | None:  # fmt: skip
    """What was seen of the call on the fixed code, and its `value` where that reads back; None where a name of the
    test is in the way."""
    taken = {part.id for item in body for part in ast.walk(item) if isinstance(part, ast.Name)}
    bound = {line.split()[-1] for line in imports}
    wanted = {line.split()[-1]: line for item in seen for line in item.imports}
    if any(name in taken and name not in bound for name in wanted):
        return None
    imports = [*imports, *(line for name, line in wanted.items() if name not in bound)]
    result = "result" if "result" not in taken else "returned"
    one = seen[0]
    if (
        len(seen) == 1
        and expression is not None
        and value is None
        and not one.is_kind
        and one.expression in ("result", "list(result)", "str(result)")
    ):
        around = _renamed(one.expression, "result", expression) if one.expression != "result" else expression
        wrapped = wrap_last(body, lambda last: _equals(ast.Expr(around), _parsed(one.value), unittest))
        return Claim(imports, wrapped, WORDS, outcome_of(_parsed(one.value), ""))
    checks: list[ast.stmt] = []
    says = value is not None and not (isinstance(value, ast.Constant) and value.value is None)
    for item in seen:
        found = _renamed(item.expression, "result", ast.Name(result))
        if item.is_kind:
            checks += _isinstance(ast.Expr(found), item.value, unittest)
        else:
            checks += _equals_plain(found, _parsed(item.value), unittest)
    kept = any(isinstance(part, ast.Name) and part.id == result for check in checks for part in ast.walk(check))

    def change(last: ast.stmt) -> list[ast.stmt]:
        if kept and expression is not None:
            return [ast.Assign([ast.Name(result, ast.Store())], expression, lineno=0), *checks]
        return [*(_equals(last, value, unittest) if says and value is not None else [last]), *checks]

    fixture = next((item.fixture for item in seen if item.fixture), "")
    outcome = outcome_of(value, "") if value is not None else ""
    return Claim(imports, wrap_last(body, change), WORDS, outcome, fixture=fixture)


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _renamed(text: str, name: str, instead: ast.expr) -> ast.expr:
    """An expression with `instead` for each `name` in it."""

    class Put(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return instead if node.id == name else node

    put: ast.expr = Put().visit(_parsed(text))
    return put


_FALSY = frozenset({"", "''", "None", "0", "0.0", "False", "[]", "{}", "()", "b''"})


def _holds(last: ast.stmt, unittest: bool) -> ast.stmt:
    """That what an expression comes to is something."""
    assert isinstance(last, ast.Expr)
    if unittest:
        return ast.Expr(_method("assertIsNotNone", [last.value]))
    if isinstance(last.value, ast.JoinedStr):
        return ast.Assert(last.value, None)
    return ast.Assert(ast.Compare(last.value, [ast.IsNot()], [ast.Constant(None)]), None)


def raised_on_purpose(expected: ExpectedFailure) -> bool:
    """Whether the crash line raises this error itself, which may be the right answer to bad input."""
    short = expected.type.rpartition(".")[2]
    return expected.points[-1].line.startswith("raise") and (short in _ABOUT_INPUT or not hasattr(builtins, short))


def _caveat(expected: ExpectedFailure) -> str:
    """Without a fix nobody knows whether the error is the bug, or the caller's input is."""
    if not raised_on_purpose(expected):
        return ""
    kind = expected.type.rpartition(".")[2]
    return f"The code raises {kind} on purpose: if that is the right answer to this input, expect it with pytest.raises"


def _returns_itself(expression: ast.expr, candidate: Candidate, known: bool) -> bool:
    """Whether the type is that of the expression: known from a run, or declared by the very function called."""
    if isinstance(expression, ast.JoinedStr) or ast.unparse(expression).startswith(("str(", "repr(", "format(")):
        return False  # a text whatever happens
    if known:
        return True
    call = expression if isinstance(expression, ast.Call) else None
    name = call.func if call is not None else None
    last = name.attr if isinstance(name, ast.Attribute) else name.id if isinstance(name, ast.Name) else ""
    return bool(last) and last == candidate.entry.rpartition(".")[2]


def _raising(
    imports: list[str], body: list[ast.stmt], tried: Tried, fixed: Fixed, unittest: bool, pinned: bool
) -> Claim:
    error = fixed.error if "." in fixed.error else f"builtins.{fixed.error}"
    module, _, name = error.rpartition(".")
    words, outcome = f"the fixed code raises {fixed.error} instead", f"raises_{snake(name)}"
    seen = tried.outcome.report.exceptions
    if fixed.is_new and seen:
        return Claim(*_reraising(imports, body, seen[0].type, _looked_up(imports, body, module, name)), words, outcome)
    local = imported(imports, body, module, name)
    if seen and fixed.error in seen[0].mro:
        return Claim(*_reraising(imports, body, seen[0].type, local), words, outcome)
    if not unittest:
        imports.append("import pytest")
    told = _said(fixed.message, tried.candidate.source()) if pinned and module == "builtins" else ""
    given: list[ast.expr] = [ast.Name(local)]
    if unittest and told:
        raises = _method("assertRaisesRegex", [*given, ast.Constant(told)])
    elif unittest:
        raises = _method("assertRaises", given)
    else:
        matched = [ast.keyword("match", ast.Constant(told))] if told else []
        raises = ast.Call(ast.Attribute(ast.Name("pytest"), "raises"), given, matched)
    raising = ast.withitem(raises, None)
    return Claim(imports, wrap_last(body, lambda last: [ast.With([raising], [last], lineno=0)]), words, outcome)


def _said(message: str, source: str) -> str:
    """How an error of a common type begins to say what is wrong, as a pattern without a special character; "" where
    it says nothing that would be the same tomorrow."""
    plain = re.match(r"[\w ,:;'\"<>=@%&!/-]*", message.split("\n")[0][:MOST_SAID])
    said = plain[0] if plain else ""
    if len(said) < len(message):
        said = said.rpartition(" ")[0].rstrip(" ,:;<=@%&/-")
    return said if len(said) >= LEAST_SAID and not is_passing(said, source) else ""


def imported(imports: list[str], body: list[ast.stmt], module: str, name: str) -> str:
    """The name that `module`'s `name` has in the test, imported; another one where the test has such a name already."""
    if module in ("", "builtins"):
        return name
    line = f"from {module} import {name}"
    bound = {item.split()[-1]: item for item in imports}
    stored = {part.id for item in body for part in ast.walk(item) if isinstance(part, ast.Name)}
    if bound.get(name, line) == line and (name in bound or name not in stored):
        imports.append(line)
        return name
    local = f"{re.sub(r'[^A-Za-z0-9]', '', module.split('.')[0].title())}{name}"
    imports.append(f"{line} as {local}")
    return local


def _looked_up(imports: list[str], body: list[ast.stmt], module: str, name: str) -> str:
    """`module.name` for a name that is only there once the bug is fixed: it is looked up when it is needed."""
    package, _, last = module.rpartition(".")
    local = imported(imports, body, package, last) if package else module
    if not package:
        imports.append(f"import {module}")
    return f"{local}.{name}"


def _reraising(imports: list[str], body: list[ast.stmt], crash: str, name: str) -> tuple[list[str], list[ast.stmt]]:
    """For a crash whose type is a special case of the documented error: the crash still comes through."""
    module, _, crashed = crash.rpartition(".")
    crashed = imported(imports, body, module, crashed)
    handlers = [
        ast.ExceptHandler(ast.Name(crashed), None, [ast.Raise()]),
        ast.ExceptHandler(ast.Name(name), None, [ast.Pass()]),
    ]
    return imports, wrap_last(body, lambda last: [ast.Try([last], handlers, [], [])])


def _answered(body: list[ast.stmt], unittest: bool) -> tuple[list[ast.stmt], bool] | None:
    """Without a value to pin: a response that is no server error (True); an exit code is left alone."""
    last = last_of(body)
    value = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(value, ast.Attribute) or value.attr not in ANSWERS:
        return None
    if value.attr != "status_code":
        return wrap_last(body, lambda node: [ast.Expr(value.value)]), False
    response = ast.Assign([ast.Name("response", ast.Store())], value.value, lineno=0)
    status = ast.Attribute(ast.Name("response"), "status_code")
    if unittest:
        check: ast.stmt = ast.Expr(_method("assertLess", [status, ast.Constant(500)]))
    else:
        check = ast.Assert(ast.Compare(status, [ast.Lt()], [ast.Constant(500)]), None)
    return wrap_last(body, lambda node: [response, check]), True


def _pinned(fixed: Fixed) -> ast.expr | None:
    """The value to compare with; None when pinning it would say little or break by itself."""
    if not fixed.literal or len(fixed.value) > MAX_PINNED or fixed.value == "None":
        return None
    if re.search(r"0x[0-9a-f]{6,}|/tmp/|pytest-of", fixed.value):
        return None
    return ast.parse(fixed.value, mode="eval").body


def last_of(body: list[ast.stmt]) -> ast.stmt:
    """The statement that reproduces, also inside `with` blocks."""
    last = body[-1]
    while isinstance(last, ast.With | ast.AsyncWith) and not _only_enters(last):
        last = last.body[-1]
    return last


def _only_enters(node: ast.With | ast.AsyncWith) -> bool:
    """Whether entering and leaving is all that a `with` does: then it is the statement itself."""
    return len(node.body) == 1 and isinstance(node.body[0], ast.Pass)


def wrap_last(body: list[ast.stmt], change: Callable[[ast.stmt], list[ast.stmt]]) -> list[ast.stmt]:
    """`body` with that statement changed."""
    last = body[-1]
    if isinstance(last, ast.With | ast.AsyncWith) and not _only_enters(last):
        last.body = wrap_last(list(last.body), change)
        return body
    return [*body[:-1], *change(last)]


def _method(name: str, arguments: list[ast.expr]) -> ast.Call:
    return ast.Call(ast.Attribute(ast.Name("self"), name), arguments, [])


def _isinstance(last: ast.stmt, kind: str, unittest: bool) -> list[ast.stmt]:
    assert isinstance(last, ast.Expr)
    if unittest:
        return [ast.Expr(_method("assertIsInstance", [last.value, ast.Name(kind)]))]
    return [ast.Assert(ast.Call(ast.Name("isinstance"), [last.value, ast.Name(kind)], []), None)]


def _equals(
    last: ast.stmt, value: ast.expr, unittest: bool, read: tuple[str, ast.expr] | None = None
) -> list[ast.stmt]:
    """The call compared with the value; a long call gets a line of its own. `read`: how a response's body is read,
    and what it is."""
    assert isinstance(last, ast.Expr)
    call, before = last.value, list[ast.stmt]()
    if read is not None or len(ast.unparse(call)) + len(ast.unparse(value)) > LONG_ASSERT:
        answer = call if isinstance(call, ast.Attribute) and call.attr in ANSWERS else None
        name = "response" if answer is not None and answer.attr == "status_code" else "result"
        before.append(ast.Assign([ast.Name(name, ast.Store())], answer.value if answer is not None else call, lineno=0))
        call = ast.Attribute(ast.Name(name), answer.attr) if answer is not None else ast.Name(name)
    if read is not None:
        return [*before, *_equals_plain(call, value, unittest), *_equals_plain(_parsed(read[0]), read[1], unittest)]
    return [*before, *_equals_plain(call, value, unittest)]


def _equals_plain(call: ast.expr, value: ast.expr, unittest: bool) -> list[ast.stmt]:
    single = isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, bool))
    if unittest:
        if isinstance(value, ast.Constant) and value.value is None:
            return [ast.Expr(_method("assertIsNone", [call]))]
        return [ast.Expr(_method("assertEqual", [call, value]))]
    return [ast.Assert(ast.Compare(call, [ast.Is() if single else ast.Eq()], [value]), None)]
