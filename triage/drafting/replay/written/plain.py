"""The test's statements without names that nothing reads, and without what belongs ahead of the test."""

import ast
import copy
from collections.abc import Sequence

from triage.drafting.replay.written.imports import sorted_imports


def without_unused_names(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """Statements in which no variable is given a value that nothing reads: what makes the value stays where it does
    something."""
    body = list(body)
    while True:
        read = {
            part.id
            for item in body
            for part in ast.walk(item)
            if isinstance(part, ast.Name) and not isinstance(getattr(part, "ctx", None), ast.Store)
        }
        changed = _block(body, read)
        if [ast.dump(item) for item in changed] == [ast.dump(item) for item in body]:
            return changed
        body = changed


def _block(body: Sequence[ast.stmt], read: set[str]) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for item in body:
        if isinstance(item, ast.With | ast.AsyncWith):
            inner = copy.copy(item)
            inner.body = _block(item.body, read)
            found.append(inner if inner.body else item)
        elif _is_unread(item, read):
            assert isinstance(item, ast.Assign)
            if any(isinstance(part, ast.Call | ast.Await) for part in ast.walk(item.value)):
                found.append(ast.Expr(item.value))
        else:
            found.append(item)
    return found


def _is_unread(item: ast.stmt, read: set[str]) -> bool:
    if not isinstance(item, ast.Assign) or len(item.targets) != 1:
        return False
    target = item.targets[0]
    return isinstance(target, ast.Name) and target.id not in read


def set_up_ahead(body: Sequence[ast.stmt], unittest: bool) -> tuple[list[str], list[ast.stmt]]:
    """Lines for the top of the file that set Django up and import what needs that, and the statements that are left.

    A database that is made for the tests is made once for the file."""
    leading: list[ast.stmt] = []
    for item in body:
        if not (isinstance(item, ast.Import | ast.ImportFrom) or ast.unparse(item).startswith(_SETS_UP)):
            break
        leading.append(item)
    if not any("django." in ast.unparse(item) for item in leading if not isinstance(item, ast.Import | ast.ImportFrom)):
        return [], list(body)
    made = [item for item in leading if ast.unparse(item).startswith("setup_databases(")]
    first = [item for item in leading if item not in made and not isinstance(item, ast.Import | ast.ImportFrom)]
    late = [ast.unparse(item) for item in leading if isinstance(item, ast.Import | ast.ImportFrom)]
    lines = ["", *(line for item in first for line in ast.unparse(item).split("\n")), ""]
    lines += [f"{line}  # noqa: E402" if line else line for line in sorted_imports(late)]
    if made:
        lines += ["", "", f"def {'setUpModule' if unittest else 'setup_module'}():"]
        lines += [f"    {ast.unparse(item)}" for item in made]
    return lines, list(body[len(leading) :])


_SETS_UP = ("os.environ.setdefault(", "django.setup()", "setup_databases(", "if not settings.configured:")
