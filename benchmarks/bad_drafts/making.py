"""What bad drafts are made with: a good one taken apart, its parts put together wrongly, the table of the classes."""

import ast
import dataclasses
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from triage.codebase.layout import module_name
from triage.domain.judge import function_name
from triage.domain.verdict import Verdict
from triage.execution.runner import RunRequest

V = Verdict
NOT_THERE = frozenset({V.WRONG_FRAME, V.WRONG_TYPE, V.ASSERT_ONLY, V.CHAIN_ONLY})
NOTHING = frozenset({V.PASSED})
NOT_RUN = frozenset({V.SETUP_ERROR, V.COLLECT_ERROR, V.SYNTAX})
REFUSED = frozenset({V.DENIED})
ENDED = frozenset({V.KILLED, V.TIMEOUT})
NO_REPRODUCTION = NOT_THERE | NOTHING | NOT_RUN | REFUSED | ENDED | {V.SIGNATURE, V.FLAKY}
NAME = "test_bad_draft"


@dataclass(frozen=True, slots=True)
class Bad:
    """One bad draft. `kind` is its class; `right` are the verdicts that are right for it.

    FLAKY ones fail as production did whenever they fail: what tells is repeating them.
    """

    kind: str
    request: RunRequest
    right: frozenset[Verdict]


@dataclass(frozen=True, slots=True)
class Good:
    """A good draft taken apart. `call` are the statements that reproduce; `crash` names the
    function that crashes, `crashing` being its module, "" where it cannot be named."""

    request: RunRequest
    head: str
    arguments: str
    call: str
    error: str
    module: str
    crash: str
    line: int
    text: str

    @property
    def file(self) -> str:
        assert self.request.expected is not None
        return self.request.expected.points[-1].path

    @property
    def points(self) -> list[list[object]]:
        assert self.request.expected is not None
        return [[item.path, item.qualname, item.line, item.lineno] for item in self.request.expected.points]

    @property
    def type(self) -> str:
        assert self.request.expected is not None
        return self.request.expected.type


def taken_apart(request: RunRequest) -> Good | None:
    """None for a draft that these mutations do not fit."""
    expected = request.expected
    if expected is None:
        return None
    tree = ast.parse(request.test_source)
    *_, name = request.test_name.split("::")
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == name]
    if not found:
        return None
    function = found[-1]
    body = function.body[1:] if ast.get_docstring(function) else function.body
    arguments = [item.arg for item in function.args.args if item.arg != "self"]
    call = "\n".join(ast.unparse(item) for item in body)
    if any(item.arg == "self" for item in function.args.args):
        call = f"import unittest\nself = unittest.TestCase()\n{call}"
    head = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom | ast.Assign)]
    crash = expected.points[-1]
    module = module_name(crash.path, request.import_roots)
    qualname = function_name(crash.qualname)
    named = "<" not in crash.qualname.replace("<locals>", "?") and "<locals>" not in crash.qualname
    owner, _, kind = expected.type.rpartition(".")
    error = f"from {owner} import {kind} as Expected" if owner else f"Expected = {kind}"
    return Good(
        request,
        "\n".join(ast.unparse(node) for node in head),
        ", ".join(arguments),
        call,
        error,
        module,
        f"crashing.{qualname}" if named and module else "",
        crash.lineno or 1,
        crash.line,
    )


def bad_drafts(request: RunRequest) -> Iterator[Bad]:
    """Every bad draft that can be made of a good one."""
    good = taken_apart(request)
    if good is None:
        return
    for kind, (right, make) in KINDS.items():
        source = make(good)
        if source is not None:
            changed = dataclasses.replace(request, test_source=source, test_name=NAME)
            if kind in ENDLESS:
                changed = dataclasses.replace(changed, timeout=3.0)
            yield Bad(kind, changed, right)


Make = Callable[[Good], str | None]
KINDS: dict[str, tuple[frozenset[Verdict], Make]] = {}
ENDLESS = {"endless loop", "waits for ever"}


def kind(name: str, right: frozenset[Verdict]) -> Callable[[Make], Make]:
    def register(make: Make) -> Make:
        KINDS[name] = (right, make)
        return make

    return register


def draft(
    good: Good,
    body: str,
    *,
    top: str = "",
    mark: str = "",
    arguments: str | None = None,
    name: str = NAME,
) -> str:
    """A test file with the good draft's imports. In `body`, CALL stands for what reproduces and RAISE
    for raising production's type by hand."""
    wanted = f"{arguments or ''}, {good.arguments}".split(",")
    fixtures = ", ".join(dict.fromkeys(name.strip() for name in wanted if name.strip()))
    text = _filled(good, body)
    above = _filled(good, top)
    return "\n".join(
        (
            "import contextlib, os, sys, types",
            "import pytest",
            good.head,
            good.error,
            f"import {good.module} as crashing" if good.module else "",
            above,
            "",
            f"{mark}def {name}({fixtures}):",
            textwrap.indent(text, "    "),
            "",
        )
    )


def _filled(good: Good, text: str) -> str:
    lines = []
    for line in textwrap.dedent(text).strip("\n").split("\n"):
        indent = line[: len(line) - len(line.lstrip())]
        if line.strip() == "CALL":
            lines.append(textwrap.indent(good.call, indent))
        else:
            filled = line.replace("RAISE", "raise Expected.__new__(Expected)").replace("CRASH", good.crash or "None")
            filled = (
                filled.replace("TYPE", repr(good.type))
                .replace("POINTS", repr(good.points))
                .replace("MODULE", good.module)
                .replace("LINE", str(good.line))
            )
            filled = filled.replace("QUALNAME", good.crash.removeprefix("crashing.")).replace("FILE", good.file)
            lines.append(filled)
    return "\n".join(lines)


def simple(kind: str, right: frozenset[Verdict], body: str, top: str = "", mark: str = "", arguments: str = "") -> None:
    KINDS[kind] = (right, lambda good: draft(good, body, top=top, mark=mark, arguments=arguments))


def named(kind: str, right: frozenset[Verdict], body: str, top: str = "", arguments: str = "") -> None:
    """For drafts that need the crash function by name."""

    def make(good: Good) -> str | None:
        return draft(good, body, top=top, arguments=arguments) if good.crash else None

    KINDS[kind] = (right, make)
