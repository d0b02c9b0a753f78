"""Which functions a fix changed: compared as syntax, so that moved lines and new comments are no change."""

import ast
from collections.abc import Iterable, Mapping
from pathlib import Path

from triage.domain.judge import function_name
from triage.errors import TriageError
from triage.execution.repository import git

MOST_FILES = 60


async def changed_and_ran(repo: Path, buggy: str, fixed: str, ran: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The functions among `ran` (path, qualified name; on the fixed side) that `fixed` has otherwise than
    `buggy`, or has new. Code that cannot be compared (another language, a file too odd to parse) counts as
    unchanged. Raises TriageError when git fails."""
    by_path: dict[str, set[str]] = {}
    for path, name in ran:
        by_path.setdefault(path, set()).add(function_name(name))
    told = await git(repo, "diff", "--name-only", "--no-renames", "-z", buggy, fixed, "--", check=False)
    touched = [path for path in told.text.split("\0") if path in by_path]
    found = []
    for path in touched[:MOST_FILES]:
        before, after = await _functions(repo, buggy, path), await _functions(repo, fixed, path)
        found += [
            name
            for name, text in after.items()
            if text != before.get(name) and any(name == one or name.endswith(f".{one}") for one in by_path[path])
        ]
    return tuple(found)


async def _functions(repo: Path, commit: str, path: str) -> Mapping[str, str]:
    try:
        shown = await git(repo, "show", f"{commit}:{path}")
        return functions(shown.text)
    except (TriageError, SyntaxError, ValueError, RecursionError):
        return {}


def functions(source: str) -> dict[str, str]:
    """Every function by qualified name, and its syntax without docstrings and nested functions' places."""
    found: dict[str, str] = {}
    pending: list[tuple[ast.AST, str]] = [(ast.parse(source), "")]
    while pending:
        node, prefix = pending.pop()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef):
                name = f"{prefix}{child.name}"
                body = child.body[1:] if ast.get_docstring(child) is not None else child.body
                found[name] = ast.dump(child.args) + "".join(ast.dump(item) for item in body)
                pending.append((child, f"{name}."))
            elif isinstance(child, ast.ClassDef):
                pending.append((child, f"{prefix}{child.name}."))
            else:
                pending.append((child, prefix))
    return found
