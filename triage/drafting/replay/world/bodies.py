"""The body of a request that the event does not carry: read back from what the view made of it."""

import ast
from typing import TYPE_CHECKING

from triage.domain.event import Json
from triage.drafting.replay.stack.reprs import read_repr
from triage.drafting.replay.stack.scene import StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

# How a line that reads the request names what it reads.
JSON_WORDS = (".json(", ".get_json(", ".json", "json.loads(", ".model_validate", ".validated_data")
FORM_WORDS = (".form(", ".form", ".POST", ".post(", ".values")
RAW_WORDS = (".get_data(", ".body(", ".text(", ".read(", ".data", ".body", ".stream")
MOST = 4


def from_stack(builder: "Builder") -> list[tuple[str, Json]]:
    """("json" | "form" | "raw", value) of variables that hold what was read from a request, outermost first."""
    return builder.mined.remembered("bodies", lambda: _from_stack(builder))


def _from_stack(builder: "Builder") -> list[tuple[str, Json]]:
    found: list[tuple[str, Json]] = []
    for frame in builder.scene.repo_frames:
        for name, wire in frame.variables.items():
            kind = _kind(frame, name)
            value = plain(wire) if kind else None
            if kind and value not in (None, {}, []) and (kind, value) not in found:
                assert value is not None
                found.append((kind, value))
    return found[:MOST]


def _kind(frame: StackFrame, name: str) -> str:
    """How the request was read into `name`; "" where it was not."""
    for statement in frame.view.before:
        if not isinstance(statement, ast.Assign | ast.AnnAssign) or statement.value is None:
            continue
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        if not any(isinstance(item, ast.Name) and item.id == name for item in targets):
            continue
        value = statement.value.value if isinstance(statement.value, ast.Await) else statement.value
        text = ast.unparse(value)
        if "request" not in text and "req." not in text:
            return ""
        for kind, words in (("json", JSON_WORDS), ("form", FORM_WORDS), ("raw", RAW_WORDS)):
            if any(text.endswith((word, word + ")")) or (word in text and word.endswith("(")) for word in words):
                return kind
    return ""


def plain(wire: Json) -> Json:
    """A captured value as plain data; None where part of it was not captured as such."""
    if isinstance(wire, dict):
        return {name: plain(value) for name, value in wire.items()}
    if isinstance(wire, list):
        return [plain(item) for item in wire]
    if isinstance(wire, str):
        read = read_repr(wire)
        if read is None or not read.is_literal:
            return None
        value = ast.literal_eval(read.tree)
        return value if isinstance(value, str | int | float | bool | dict | list) or value is None else str(value)
    return wire
