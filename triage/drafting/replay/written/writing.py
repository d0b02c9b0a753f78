"""Writes the test file: name, docstring, body and the strongest assertion that is honest."""

import ast
import copy
import re
import sys
import textwrap
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from triage.domain.event import Event
from triage.domain.outside import one_line
from triage.domain.verdict import ExpectedFailure
from triage.drafting.replay.building import literals
from triage.drafting.replay.building.objects import snake
from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.search import Tried
from triage.drafting.replay.written.claims import claim, last_of
from triage.drafting.replay.written.imports import from_home, own_packages, sorted_imports
from triage.drafting.replay.written.naming import entry_words, name_of_test, renamed, subject_of
from triage.drafting.replay.written.plain import set_up_ahead, without_unused_names
from triage.drafting.replay.written.style import Style, formatted
from triage.redact import redact

# A blank line right after the head of a function or class.
_BLANK = re.compile(r"^([ ]*(?:(?:async )?def|class) .*:\n)\n+", re.MULTILINE)
# Of what the search notes, this is about what the test does; the rest, how it was found, is for the evidence.
_TOLD = re.compile(
    r"the clock|standard output is|used once before|done once before|the seed is|a server on loopback"
    r"|filtered out of the event|is a secret|look like secrets|made to fail as it did"
)
_CLOCK = re.compile(r"Frozen|freeze|travel|time")


@dataclass(frozen=True)
class Written:
    """A whole test file. `name` is the node's part after `::`; `claim` says what it asserts and why."""

    path: str
    source: str
    name: str
    claim: str


def write(
    root: Path, event: Event, expected: ExpectedFailure, tried: Tried, style: Style, pinned: bool = True,
    declared: str = "", ignoring: str = "", also: Sequence[str] = (), roots: Sequence[str] = (),
) -> Written:  # fmt: skip
    """The test for a candidate that reproduces. `declared`: its function's return annotation, if it has one.

    `ignoring` is a kind of warning that the repo's settings make an error of and that importing the code raises
    on this interpreter: the test ignores it, and imports inside. `also` are modules to import for what their
    import does: a handler that registers itself. `roots` are the repo's folders to import from.
    """
    candidate = tried.candidate
    unittest = style.kind == "unittest" and not candidate.fixtures and not candidate.is_async
    body = [copy.deepcopy(item) for item in candidate.body]
    last = last_of(body)
    expression = copy.deepcopy(last.value) if isinstance(last, ast.Expr) else None
    claimed = claim(candidate, body, tried, expected, unittest, pinned=pinned, declared=declared)
    if claimed.fixture and claimed.fixture not in candidate.fixtures:
        candidate = replace(candidate, fixtures=(*candidate.fixtures, claimed.fixture))
    name = name_of_test(expression, candidate.entry, claimed.outcome, expected.type)
    if style.camel:
        name = re.sub(r"_(\w)", lambda match: match[1].upper(), name)
    if not unittest:
        name = style.function_prefix + name.removeprefix("test")
    subject = subject_of(expression, candidate.entry)
    path = _free_path(root, style, candidate, name, subject, expected.points[-1].path if expected.points else "")
    grouped = style.kind == "class" or unittest
    doc = _docstring(event, expected, candidate, claimed.caveat, style.length - (8 if grouped else 4))
    if candidate.is_async and not candidate.native and style.native:
        candidate = replace(candidate, native=style.native)
    taken = {line.split()[-1] for line in claimed.imports} | set(candidate.fixtures)
    own = own_packages(root, roots)
    imports = from_home([*claimed.imports, *(f"import {module}  # noqa: F401" for module in also)], root, roots, own)
    source = _assemble(
        imports, name, doc, without_unused_names(renamed(claimed.body, taken)), candidate, style, ignoring, own
    )
    group = _class_name(entry_words(candidate.entry), "Test" if unittest else style.class_prefix)
    node = f"{group}::{name}" if grouped else name
    return Written(path, formatted(source, style), node, claimed.words)


def _class_name(entry: str, prefix: str) -> str:
    return prefix + "".join(part.title() for part in entry.split("_"))


def _short(kind: str) -> str:
    return kind.rpartition(".")[2]


def _docstring(event: Event, expected: ExpectedFailure, candidate: Candidate, caveat: str, width: int) -> str:
    kind = _short(expected.type)
    message = redact(_quiet(expected.message))
    first = f"{kind} in production: {message}." if message else f"{kind} in production."
    if len(first) + 3 > width:
        first = textwrap.shorten(first, width - 6, placeholder=" ...")
    where = f"Seen in {_quiet(event.release)}" if event.release else "Seen"
    seen = f"{where} on {event.occurred_at:%Y-%m-%d} (event {_quiet(event.id)[:12]})."
    code = candidate.function()
    told = [note for note in dict.fromkeys(candidate.notes) if _TOLD.search(note) and still_true(note, code)]
    notes = [redact(_quiet(_for_readers(note))) + "." for note in told][:4]
    rest = [seen, *notes, *([caveat + "."] if caveat else [])]
    lines = [line for text in rest for line in textwrap.wrap(text, width, break_long_words=False)]
    return "\n".join([first, "", *lines])


def still_true(note: str, code: str) -> bool:
    """Whether what a note of the search speaks of is left in the test, now that it is short."""
    if "the clock" in note:
        return bool(_CLOCK.search(code))
    value = note.partition(" stands in for")[0].rpartition("; ")[2]
    return value == note or value.startswith(("a ", "an ")) or value.replace('"', "'") in code.replace('"', "'")


def _for_readers(note: str) -> str:
    """A note of the search as a sentence for the test's readers, who need no reason why."""
    said = note.rpartition(": ")[0] or note if "stands in for" in note else note
    return said[:1].upper() + said[1:]


def _quiet(text: str | None) -> str:
    """Outside text that may stand in a docstring."""
    return one_line(text or "", limit=120).replace('"""', "'''").rstrip('".\\')


def _assemble(
    imports: list[str], name: str, doc: str, body: list[ast.stmt], candidate: Candidate, style: Style, ignoring: str,
    own: Collection[str] = (),
) -> str:  # fmt: skip
    if ignoring:
        early = [line for line in imports if line.split()[1].split(".")[0] in sys.stdlib_module_names]
        late = [line for line in imports if line not in early and line != "import pytest"]
        imports, body = [*early, "import pytest"], [*ast.parse("\n".join(sorted_imports(late, own))).body, *body]
    unittest = style.kind == "unittest" and not candidate.fixtures and not candidate.is_async
    grouped = style.kind == "class" or unittest
    ahead, body = ([], body) if ignoring or style.inside else set_up_ahead(body, unittest)
    if unittest:
        imports = [*imports, "import unittest"]
    if candidate.is_async and candidate.native not in ("", "auto"):
        imports = [*imports, "import pytest"]
    if candidate.is_async and candidate.native:
        imports = [line for line in imports if line != "import asyncio" or _says("asyncio", body)]
    lines = [*sorted_imports(imports, own), *ahead]
    native = candidate.is_async and bool(candidate.native)
    if candidate.is_async and not native:
        inner = ast.AsyncFunctionDef("scenario", ast.arguments([], [], None, [], [], None, []), body, [], lineno=0)
        body = [inner, ast.parse("asyncio.run(scenario())").body[0]]
    arguments = ", ".join([*(["self"] if grouped else []), *candidate.fixtures])
    returns = " -> None" if style.typed and not candidate.fixtures else ""
    function = [
        *([f'@pytest.mark.filterwarnings("ignore::{ignoring}")'] if ignoring else []),
        *([f"@pytest.mark.{candidate.native}"] if native and candidate.native != "auto" else []),
        f"{'async ' if native else ''}def {name}({arguments}){returns}:",
        *_indented(_quoted(doc)),
        *_indented(_BLANK.sub(r"\1", "\n".join(literals.unparse(item) for item in body))),
    ]
    if grouped:
        base = "(unittest.TestCase)" if unittest else ""
        function = [
            f"class {_class_name(entry_words(candidate.entry), 'Test' if unittest else style.class_prefix)}{base}:",
            *("    " + line if line else "" for line in function),
        ]
    return "\n".join([*lines, "", "", *function, ""])


def _says(name: str, body: Sequence[ast.stmt]) -> bool:
    return any(isinstance(part, ast.Name) and part.id == name for item in body for part in ast.walk(item))


def _indented(text: str) -> list[str]:
    """`text` one level deeper. Only code goes through here: no literal spans lines."""
    return ["    " + line if line else "" for line in text.split("\n")]


def _quoted(doc: str) -> str:
    lines = doc.split("\n")
    raw = "r" if "\\" in doc else ""
    return f'{raw}"""{lines[0]}"""' if len(lines) == 1 else "\n".join([f'{raw}"""{lines[0]}', *lines[1:], '"""'])


def _free_path(root: Path, style: Style, candidate: Candidate, test: str, subject: str, crash: str) -> str:
    """A new file beside the nearest test, named after module and function. `subject` is what the test calls, `crash`
    the file that production failed in: where another function than the entry is called, it says more."""
    module = candidate.imports[0] if candidate.imports else ""
    parts = [part for part in candidate.entry.split(".")[:-1] if part[:1].islower() and not part.startswith("_")]
    stem = parts[-1] if parts else (module.split() or ["", "replay"])[1].split(".")[0]
    words = entry_words(candidate.entry)
    failed = Path(crash).stem.strip("_")
    if subject and subject != words:
        words, stem = subject, stem if stem == subject or failed in ("", "init", "main", "test") else failed
    told = snake(test.removeprefix(style.function_prefix))
    names = [stem if stem == words else f"{stem}_{words}", told if told.startswith(stem) else f"{stem}_{told}"]
    for number in range(100):
        tail = "" if number < 2 else f"_{number}"
        base = re.sub(r"\W|_+", "_", names[min(number, 1)]).strip("_")[:60].strip("_")
        name = f"{base}{tail}_test.py" if style.suffix_name else f"test_{base}{tail}.py"
        name = style.file_pattern.replace("*", f"{base}{tail}") or name
        path = f"{style.folder}/{name}" if style.folder else name
        if not (root / path).exists():
            return path
    return path
