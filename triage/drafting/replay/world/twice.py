"""What calls before had left there: the same call, made once before, puts it there."""

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
# Times of which one has a zone and the other has none: one of them was kept from a call before.
_ZONES = re.compile(r"can't (?:compare|subtract) offset-naive and offset-aware")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:?\d\d)?")
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


def with_other_zone(builder: "Builder", call: ast.expr) -> None:
    """The same call once before, its times with a zone where they had none and the other way round: as the second
    choice, where the crash is about such times and the call has any."""
    crash = builder.scene.event.crash
    if crash is None or not _ZONES.search(crash.value[:1000]):
        return
    changer = _OtherZone()
    first = changer.visit(copy.deepcopy(call))
    if changer.changed and builder.choices.pick("a time of the other kind before", [(0.0, False), (0.7, True)]):
        builder.add(ast.Expr(first))
        builder.notes.append("a call before left a time of the other kind: one has a zone, the other has none")


class _OtherZone(ast.NodeTransformer):
    def __init__(self) -> None:
        self.changed = False

    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        found = _MOMENT.fullmatch(node.value) if isinstance(node.value, str) else None
        if found is None:
            return node
        self.changed = True
        return ast.copy_location(ast.Constant(found[1] if found[2] else f"{found[1]}+00:00"), node)
