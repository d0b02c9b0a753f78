"""Writes the test file: name, docstring, body and the strongest assertion that is honest."""

import ast
import copy
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from triage.domain.event import Event
from triage.domain.outside import one_line
from triage.domain.verdict import ExpectedFailure
from triage.drafting.replay import literals
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.minimise import ANSWERS
from triage.drafting.replay.objects import snake
from triage.drafting.replay.search import Fixed, Tried
from triage.drafting.replay.style import Style, formatted
from triage.redact import redact

MAX_PINNED = 300
LONG_ASSERT = 74


@dataclass(frozen=True)
class Written:
    """A whole test file. `name` is the node's part after `::`; `claim` says what it asserts and why."""

    path: str
    source: str
    name: str
    claim: str


def write(
    root: Path, event: Event, expected: ExpectedFailure, tried: Tried, style: Style, pinned: bool = True
) -> Written:
    """The test for a candidate that reproduces."""
    candidate, fixed = tried.candidate, tried.fixed
    kind = _short(expected.type)
    entry = entry_words(candidate.entry)
    if fixed is not None and fixed.works and fixed.error:
        name = f"test_{entry}_raises_{snake(_short(fixed.error))}"
    else:
        name = f"test_{entry}_does_not_raise_{snake(kind)}"
    name = re.sub(r"_+", "_", name)[:79]
    unittest = style.kind == "unittest" and not candidate.fixtures and not candidate.is_async
    imports, body, claim = _body(tried, pinned, unittest)
    path = _free_path(root, style, candidate, kind)
    doc = _docstring(event, expected, candidate)
    source = _assemble(imports, name, doc, body, candidate, style)
    node = (
        f"{_class_name(entry)}::{name}"
        if style.kind != "function" and not (candidate.fixtures and style.kind == "unittest")
        else name
    )
    return Written(path, formatted(source, style), node, claim)


def entry_words(entry: str) -> str:
    """`boltons.tableutils.Table.to_text` as `to_text`; special methods by their class."""
    parts = [part for part in entry.split(".") if part != "<locals>"]
    last = parts[-1]
    if last.startswith("__") and len(parts) > 1:
        last = f"{snake(parts[-2])}_{last.strip('_')}" if last != "__init__" else snake(parts[-2])
    return re.sub(r"\W", "", snake(last)).strip("_") or "replay"


def _class_name(entry: str) -> str:
    return "Test" + "".join(part.title() for part in entry.split("_"))


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _body(tried: Tried, pinned: bool, unittest: bool) -> tuple[list[str], list[ast.stmt], str]:
    candidate, fixed = tried.candidate, tried.fixed
    imports = list(candidate.imports)
    body = [copy.deepcopy(item) for item in candidate.body]
    if fixed is not None and fixed.works and fixed.error:
        error = fixed.error if "." in fixed.error else f"builtins.{fixed.error}"
        module, _, name = error.rpartition(".")
        if module != "builtins":
            imports.append(f"from {module} import {name}")
        seen = tried.outcome.report.exceptions
        if seen and fixed.error in seen[0].mro:
            return _reraising(imports, body, seen[0].type, name, fixed.error)
        imports.append("import pytest")
        raising = ast.withitem(ast.Call(ast.Attribute(ast.Name("pytest"), "raises"), [ast.Name(name)], []), None)
        body = _wrap_last(body, lambda last: [ast.With([raising], [last], lineno=0)])
        return imports, body, f"the fixed code raises {fixed.error} instead"
    value = _pinned(fixed) if pinned and fixed is not None and fixed.works else None
    if value is not None and isinstance(_last(body), ast.Expr):
        body = _wrap_last(body, lambda last: _equals(last, value, unittest))
        return imports, body, "what the fixed code returns is pinned"
    body = _answered(body, unittest)
    if fixed is not None and fixed.works:
        return imports, body, "the call returns, as it does on the fixed code"
    return imports, body, "at least that the call returns: the fix is not known"


def _reraising(
    imports: list[str], body: list[ast.stmt], crash: str, name: str, error: str
) -> tuple[list[str], list[ast.stmt], str]:
    """For a crash whose type is a special case of the documented error: the crash still comes through."""
    module, _, crashed = crash.rpartition(".")
    if module:
        imports.append(f"from {module} import {crashed}")
    handlers = [
        ast.ExceptHandler(ast.Name(crashed), None, [ast.Raise()]),
        ast.ExceptHandler(ast.Name(name), None, [ast.Pass()]),
    ]
    body = _wrap_last(body, lambda last: [ast.Try([last], handlers, [], [])])
    return imports, body, f"the fixed code raises {error} instead"


def _answered(body: list[ast.stmt], unittest: bool) -> list[ast.stmt]:
    """Without a value to pin: a response that is no server error; an exit code is left alone."""
    last = _last(body)
    value = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(value, ast.Attribute) or value.attr not in ANSWERS:
        return body
    if value.attr != "status_code":
        return _wrap_last(body, lambda node: [ast.Expr(value.value)])
    response = ast.Assign([ast.Name("response", ast.Store())], value.value, lineno=0)
    status = ast.Attribute(ast.Name("response"), "status_code")
    if unittest:
        check: ast.stmt = ast.Expr(
            ast.Call(ast.Attribute(ast.Name("self"), "assertLess"), [status, ast.Constant(500)], [])
        )
    else:
        check = ast.Assert(ast.Compare(status, [ast.Lt()], [ast.Constant(500)]), None)
    return _wrap_last(body, lambda node: [response, check])


def _pinned(fixed: Fixed) -> ast.expr | None:
    """The value to compare with; None when pinning it would say little or break by itself."""
    if not fixed.literal or len(fixed.value) > MAX_PINNED or fixed.value == "None":
        return None
    if re.search(r"0x[0-9a-f]{6,}|/tmp/|pytest-of", fixed.value):
        return None
    return ast.parse(fixed.value, mode="eval").body


def _last(body: list[ast.stmt]) -> ast.stmt:
    last = body[-1]
    while isinstance(last, ast.With | ast.AsyncWith):
        last = last.body[-1]
    return last


def _wrap_last(body: list[ast.stmt], change: Callable[[ast.stmt], list[ast.stmt]]) -> list[ast.stmt]:
    last = body[-1]
    if isinstance(last, ast.With | ast.AsyncWith):
        last.body = _wrap_last(list(last.body), change)
        return body
    return [*body[:-1], *change(last)]


def _equals(last: ast.stmt, value: ast.expr, unittest: bool) -> list[ast.stmt]:
    """The call compared with the value; a long call gets a line of its own."""
    assert isinstance(last, ast.Expr)
    call, before = last.value, list[ast.stmt]()
    if len(ast.unparse(call)) + len(ast.unparse(value)) > LONG_ASSERT:
        inner = call.value if isinstance(call, ast.Attribute) and call.attr in ANSWERS else call
        name = (
            "response"
            if inner is not call and isinstance(call, ast.Attribute) and call.attr == "status_code"
            else "result"
        )
        before.append(ast.Assign([ast.Name(name, ast.Store())], inner, lineno=0))
        call = (
            ast.Attribute(ast.Name(name), call.attr)
            if inner is not call and isinstance(call, ast.Attribute)
            else ast.Name(name)
        )
    if unittest:
        check = ast.Call(ast.Attribute(ast.Name("self"), "assertEqual"), [call, value], [])
        return [*before, ast.Expr(check)]
    operator = ast.Is() if isinstance(value, ast.Constant) and isinstance(value.value, bool) else ast.Eq()
    return [*before, ast.Assert(ast.Compare(call, [operator], [value]), None)]


def _docstring(event: Event, expected: ExpectedFailure, candidate: Candidate) -> str:
    kind = _short(expected.type)
    message = redact(_quiet(expected.message))
    first = f"{kind} in production: {message}." if message else f"{kind} in production."
    where = f"Seen in {_quiet(event.release)}" if event.release else "Seen"
    seen = f"{where} on {event.occurred_at:%Y-%m-%d} (event {_quiet(event.id)[:12]})."
    lines = [first, "", seen]
    lines += [redact(_quiet(note[:1].upper() + note[1:])) + "." for note in dict.fromkeys(candidate.notes)][:4]
    return "\n".join(lines)


def _quiet(text: str | None) -> str:
    """Outside text that may stand in a docstring."""
    return one_line(text or "", limit=120).replace("\\", "/").replace('"""', "'''").rstrip('".')


def _assemble(imports: list[str], name: str, doc: str, body: list[ast.stmt], candidate: Candidate, style: Style) -> str:
    unittest = style.kind == "unittest" and not candidate.fixtures and not candidate.is_async
    grouped = style.kind == "class" or unittest
    if unittest:
        imports = [*imports, "import unittest"]
    lines = _sorted_imports(imports)
    if candidate.is_async:
        inner = ast.AsyncFunctionDef("scenario", ast.arguments([], [], None, [], [], None, []), body, [], lineno=0)
        body = [inner, ast.parse("asyncio.run(scenario())").body[0]]
    arguments = ", ".join([*(["self"] if grouped else []), *candidate.fixtures])
    returns = " -> None" if style.typed and not candidate.fixtures else ""
    function = [
        f"def {name}({arguments}){returns}:",
        *_indented(_quoted(doc)),
        *_indented("\n".join(literals.unparse(item) for item in body)),
    ]
    if grouped:
        base = "(unittest.TestCase)" if unittest else ""
        function = [
            f"class {_class_name(entry_words(candidate.entry))}{base}:",
            *("    " + line if line else "" for line in function),
        ]
    return "\n".join([*lines, "", "", *function, ""])


def _indented(text: str) -> list[str]:
    """`text` one level deeper. Only code goes through here: no literal spans lines."""
    return ["    " + line if line else "" for line in text.split("\n")]


def _quoted(doc: str) -> str:
    lines = doc.split("\n")
    return f'"""{lines[0]}"""' if len(lines) == 1 else "\n".join([f'"""{lines[0]}', *lines[1:], '"""'])


def _sorted_imports(imports: list[str]) -> list[str]:
    import sys

    def rank(line: str) -> tuple[int, int, str]:
        module = line.split()[1]
        top = module.split(".")[0]
        group = 0 if top in sys.stdlib_module_names else 1 if top == "pytest" else 2
        return group, line.startswith("from"), line

    ordered = sorted(_joined(imports), key=rank)
    lines: list[str] = []
    for index, line in enumerate(ordered):
        if index and rank(line)[0] != rank(ordered[index - 1])[0]:
            lines.append("")
        lines.append(line)
    return lines


def _joined(imports: list[str]) -> list[str]:
    """Import lines, those from one module joined into one."""
    names: dict[str, list[str]] = {}
    lines = []
    for line in dict.fromkeys(imports):
        if line.startswith("from "):
            module, _, what = line[5:].partition(" import ")
            names.setdefault(module, []).append(what)
        else:
            lines.append(line)
    return lines + [f"from {module} import {', '.join(sorted(what))}" for module, what in names.items()]


def _free_path(root: Path, style: Style, candidate: Candidate, kind: str) -> str:
    module = candidate.imports[0] if candidate.imports else ""
    parts = [part for part in candidate.entry.split(".")[:-1] if part[:1].islower() and not part.startswith("_")]
    stem = parts[-1] if parts else (module.split() or ["", "replay"])[1].split(".")[0]
    base = re.sub(
        r"\W|_+",
        "_",
        f"{stem}_{entry_words(candidate.entry)}_{snake(kind)}"
        if stem != entry_words(candidate.entry)
        else f"{stem}_{snake(kind)}",
    )
    base = re.sub(r"_+", "_", base).strip("_")[:60]
    for number in range(1, 100):
        tail = "" if number == 1 else f"_{number}"
        name = f"{base}{tail}_test.py" if style.suffix_name else f"test_{base}{tail}.py"
        path = f"{style.folder}/{name}" if style.folder else name
        if not (root / path).exists():
            return path
    return path
