"""What may be there only once was there already: the same call, made once before, puts it there."""

import ast
import copy
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder
    from triage.drafting.replay.stack.scene import Scene

# SQLite, PostgreSQL, MySQL, MongoDB; and files that are made anew.
_TAKEN = re.compile(
    r"UNIQUE constraint failed|duplicate key value|Duplicate entry|E11000|already exists", re.IGNORECASE
)
_KINDS = ("IntegrityError", "UniqueViolation", "DuplicateKeyError", "UniqueViolationError", "FileExistsError")


def was_there(scene: "Scene") -> bool:
    """Whether the crash says that something is there already which may be there only once."""
    crash = scene.event.crash
    if crash is None or crash.type.rpartition(".")[2] not in _KINDS:
        return False
    return crash.type == "FileExistsError" or bool(_TAKEN.search(crash.value[:2000]))


def before(builder: "Builder", call: ast.expr | list[ast.stmt], cost: float = 0.0) -> None:
    """The same call once before, as the first choice; nothing where the crash is another one."""
    if not was_there(builder.scene):
        return
    if builder.choices.pick("made before", [(cost, True), (cost + 0.5, False)]):
        statements = [ast.Expr(call)] if isinstance(call, ast.expr) else call
        for statement in copy.deepcopy(statements):
            builder.add(statement)
        builder.notes.append("the same was done once before, as in production")
