"""Which functions a fix changed: compared as syntax, so that moved lines and new comments are no change."""

import ast
from collections.abc import Iterable
from pathlib import Path

from triage.domain.judge import function_name
from triage.errors import TriageError
from triage.execution.repository import git

MOST_FILES = 60


async def changed_and_ran(repo: Path, buggy: str, fixed: str, ran: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The functions among `ran` (path, qualified name; on the fixed side) that `fixed` has otherwise than
    `buggy`, or has new, or that read a constant of their file which it has otherwise. Code that cannot be
    compared (another language, a file too odd to parse) counts as unchanged. Raises TriageError when git
    fails."""
    by_path: dict[str, set[str]] = {}
    for path, name in ran:
        by_path.setdefault(path, set()).add(function_name(name))
    told = await git(repo, "diff", "--name-only", "--no-renames", "-z", buggy, fixed, "--", check=False)
    touched = [path for path in told.text.split("\0") if path in by_path]
    found = []
    for path in touched[:MOST_FILES]:
        before, after = await _source(repo, buggy, path), await _source(repo, fixed, path)
        known, values = functions(before), constants(before)
        other = {name for name, text in constants(after).items() if text != values.get(name)}
        found += [
            name
            for name, text in functions(after).items()
            if (text != known.get(name) or _reads(text, other))
            and any(name == one or name.endswith(f".{one}") for one in by_path[path])
        ]
    return tuple(found)


async def _source(repo: Path, commit: str, path: str) -> str:
    try:
        shown = await git(repo, "show", f"{commit}:{path}")
        ast.parse(shown.text)
    except (TriageError, SyntaxError, ValueError, RecursionError):
        return ""
    return shown.text


def constants(source: str) -> dict[str, str]:
    """Names that a file or its classes assign once, at the top, to something plain: as syntax."""
    found: dict[str, str] = {}
    pending: list[ast.stmt] = list(ast.parse(source).body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.ClassDef):
            pending += node.body
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                if isinstance(target, ast.Name):
                    found[target.id] = found.get(target.id, "") + ast.dump(node.value)
    return found


def _reads(text: str, names: Iterable[str]) -> bool:
    """Whether a function's syntax, as `functions` gives it, holds one of these names or attributes."""
    return any(f"Name(id='{name}'" in text or f"attr='{name}'" in text for name in names)


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
