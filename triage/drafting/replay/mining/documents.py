"""Reads the examples of docstrings and documents as programs: doctests, and code blocks without prompts."""

import ast
import doctest
import re
import textwrap
from collections.abc import Iterator

from triage.drafting.replay.stack.views import SourceFile

DOCUMENTS = (".rst", ".md", ".txt", ".doctest")
MOST_PROGRAMS = 200
_FENCE = re.compile(
    r"^ *```+ *(?:python|py|python3|pycon)\b[^\n]*\n(.*?)^ *```", re.MULTILINE | re.DOTALL | re.IGNORECASE
)
_BLOCK = re.compile(
    r"^ *\.\. (?:code-block|code|sourcecode):: *(?:python|python3|py)? *\n(?: +:[^\n]*\n)*\n((?:(?: +[^\n]*)?\n)+)",
    re.MULTILINE,
)


def programs(path: str, text: str) -> list[SourceFile]:
    """The examples of a file, each docstring or document a program of its own; `path` keeps its module."""
    found: list[SourceFile] = []
    for part in _docstrings(text) if path.endswith(".py") else [text]:
        for source in _sources(part, path.endswith(".py")):
            made = SourceFile(f"{path}#{len(found)}", dict(enumerate(source.split("\n"), 1)), True)
            if made.tree is not None and made.tree.body:
                found.append(made)
            if len(found) >= MOST_PROGRAMS:
                return found
    return found


def _docstrings(text: str) -> Iterator[str]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            said = ast.get_docstring(node)
            if said and ">>>" in said:
                yield said


def _sources(text: str, is_docstring: bool) -> Iterator[str]:
    try:
        examples = doctest.DocTestParser().get_examples(text)
    except ValueError:
        examples = []
    if examples:
        yield "".join(item.source for item in examples if item.exc_msg is None)
    if not is_docstring:
        for pattern in (_FENCE, _BLOCK):
            for match in pattern.finditer(text[:400_000]):
                if ">>>" not in match[1]:
                    yield textwrap.dedent(match[1])
