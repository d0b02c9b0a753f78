"""The surroundings of a candidate that the path reads: environment variables, the state of `random`."""

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from triage.drafting.replay.building import values
from triage.drafting.replay.stack.scene import StackFrame
from triage.drafting.replay.stack.views import FunctionNode
from triage.drafting.replay.world.clock import callees

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

MOST_VARIABLES = 4
SEEDS = 24
_QUOTED = re.compile(r"'([^'\n]{0,80})'|\"([^\"\n]{0,80})\"")


def prepare(builder: "Builder") -> None:
    """Put a question for every variable that the path reads, and for the seed, to the search."""
    read = builder.mined.remembered("environment", lambda: variables_read(builder))
    for name, held in list(read.items())[:MOST_VARIABLES]:
        _variable(builder, name, held)
    if builder.mined.remembered("random", lambda: _is_random(builder)):
        seeds: list[tuple[float, int | None]] = [(1.0 + 0.05 * number, number) for number in range(SEEDS)]
        seed = builder.choices.pick("seed", [(0.0, None), *seeds])
        if seed is not None:
            call = ast.Call(ast.Attribute(builder.import_module("random"), "seed"), [ast.Constant(seed)], [])
            builder.add(ast.Expr(call))
            builder.notes.append("the seed is one of those that make it happen")


def variables_read(builder: "Builder") -> dict[str, str | None]:
    """Names of environment variables that the functions of the stack read, or those that they call; with the value
    that a variable of a frame still holds."""
    found: dict[str, str | None] = {}
    for frame in builder.scene.repo_frames:
        for name, node in _reads(frame.view.node):
            found[name] = _held(frame, node) or found.get(name)
    for _, function in callees(builder):
        for name, _ in _reads(function):
            found.setdefault(name, None)
    return found


def _reads(node: FunctionNode | None) -> Iterator[tuple[str, ast.expr]]:
    """(name, expression) of `os.environ["X"]`, `environ.get("X")` and `os.getenv("X")`."""
    for part in ast.walk(node) if node is not None else ():
        key: ast.expr | None = None
        if isinstance(part, ast.Subscript) and ast.unparse(part.value).endswith("environ"):
            key = part.slice
        elif isinstance(part, ast.Call) and re.fullmatch(r"(os\.)?(environ\.get|getenv)", ast.unparse(part.func)):
            key = part.args[0] if part.args else None
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and isinstance(part, ast.expr):
            yield key.value, part


# For a variable that has to be there: the message names a type where it might have named a value.
SOMETHING = "x"


def _held(frame: StackFrame, node: ast.expr) -> str | None:
    """What a variable holds that was assigned from this very expression."""
    for statement in frame.view.before:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.value) == ast.unparse(node):
            target = statement.targets[0]
            wire = frame.variables.get(target.id) if isinstance(target, ast.Name) else None
            if isinstance(wire, str) and values.trust(wire) < 1 and wire[:1] in "'\"":
                read = ast.literal_eval(wire)
                return read if isinstance(read, str) else None
    return None


def _variable(builder: "Builder", name: str, held: str | None) -> None:
    crash = builder.scene.event.crash
    message = crash.value[:400] if crash is not None else ""
    options: list[tuple[float, str | None]] = [(0.0 if held is None else 0.4, "as it is")]
    if crash is not None and crash.type == "KeyError" and message.strip("'\"") == name:
        options.append((-0.1, None))
    if held is not None:
        options.append((0.0, f"={held}"))
    quoted = dict.fromkeys(one or other for one, other in _QUOTED.findall(message))
    told = [SOMETHING if f"'{word}' object" in message else word for word in quoted]
    options += [(0.5 + 0.2 * at, f"={word}") for at, word in enumerate(dict.fromkeys(told[:3])) if word != held]
    options.append((2.5, "="))
    choice = builder.choices.pick(f"environment {name}", options)
    if choice == "as it is":
        return
    monkeypatch = builder.fixture("monkeypatch")
    if choice is None:
        keywords = [ast.keyword("raising", ast.Constant(False))]
        builder.add(ast.Expr(ast.Call(ast.Attribute(monkeypatch, "delenv"), [ast.Constant(name)], keywords)))
        return
    call = ast.Call(ast.Attribute(monkeypatch, "setenv"), [ast.Constant(name), ast.Constant(choice[1:])], [])
    builder.add(ast.Expr(call))
    builder.notes.append(f"{name} is set to what production had, as far as the event tells")


def _is_random(builder: "Builder") -> bool:
    nodes = [frame.view.node for frame in builder.scene.repo_frames] + [node for _, node in callees(builder)]
    return any(
        isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "random"
        for node in nodes
        if node is not None
        for part in ast.walk(node)
    )
