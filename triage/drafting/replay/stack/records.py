"""What a file held, read back from the record that the code was at when it crashed."""

import ast
import csv
import io
import json
import re
from typing import TYPE_CHECKING

from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.world.bodies import plain

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

_PARSERS = r"(?:json\.loads?|(?:yaml\.)?(?:safe|full)_load|yaml\.load)"
_DELIMITER = re.compile(r"delimiter=(['\"])(\\t|.)\1")


def contents(builder: "Builder") -> list[str]:
    """Texts of files that lead to the same record: CSV rows, JSON documents, lines of text."""
    return builder.mined.remembered("records", lambda: [*dict.fromkeys(_contents(builder))])


def _contents(builder: "Builder") -> list[str]:
    found: list[str] = []
    for frame in builder.scene.repo_frames:
        text = "\n".join(frame.source.lines.values())
        if "csv." in text:
            found += _rows(frame, text)
        if re.search(_PARSERS, text):
            found += _documents(frame)
        found += _lines(frame)
    return found


def _targets(frame: StackFrame) -> list[str]:
    """Names bound by the loops around the crash line, innermost first."""
    loops = [node for node in frame.view.before if id(node) in frame.view.enclosing and isinstance(node, ast.For)]
    return [part.id for loop in reversed(loops) for part in ast.walk(loop.target) if isinstance(part, ast.Name)]


def _rows(frame: StackFrame, text: str) -> list[str]:
    match = _DELIMITER.search(text)
    delimiter = "," if match is None else "\t" if match[2] == "\\t" else match[2]
    found: list[str] = []
    for name in (*_targets(frame), *frame.variables):
        row = plain(frame.variables.get(name))
        out = io.StringIO()
        writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
        if isinstance(row, dict) and "DictReader" in text and row:
            writer.writerow(row)
            values = list(row.values())
            while values and values[-1] is None:  # what a row that is too short lacks
                values.pop()
            writer.writerow(["" if value is None else value for value in values])
        elif isinstance(row, list) and row and all(isinstance(item, str) for item in row) and "DictReader" not in text:
            writer.writerow(row)
        if out.getvalue() and out.getvalue() not in found:
            found.append(out.getvalue())
    return found[:2]


def _documents(frame: StackFrame) -> list[str]:
    """Variables assigned from `json.load(stream)`, `yaml.safe_load(text)` (JSON is YAML, too) or one key of it."""
    found: list[str] = []
    for statement in frame.view.before:
        if not isinstance(statement, ast.Assign):
            continue
        read, keys = statement.value, []
        while isinstance(read, ast.Subscript) and isinstance(read.slice, ast.Constant):
            keys.append(read.slice.value)
            read = read.value
        if not isinstance(read, ast.Call) or not re.fullmatch(_PARSERS, ast.unparse(read.func)):
            continue
        for target in statement.targets:
            value = plain(frame.variables.get(target.id)) if isinstance(target, ast.Name) else None
            for key in keys if value is not None else ():
                value = {str(key): value}
            if value is not None:
                found.append(json.dumps(value, ensure_ascii=False))
    return found


def _lines(frame: StackFrame) -> list[str]:
    """The line that a loop over a file was at."""
    found: list[str] = []
    for name in _targets(frame):
        if re.fullmatch(r"line|row|text|raw|record|entry", name):
            value = plain(frame.variables.get(name))
            if isinstance(value, str):
                found.append(value if value.endswith("\n") else value + "\n")
    return found
