"""Builds one candidate: binds the names that a call needs, from values, source lines and guesses.

Every open question (which value, which container, which way to make an object) is put to
`Choices`, so that the search can come back and answer it differently.
"""

import ast
import builtins
import copy
import keyword
import re
from collections.abc import Callable, Sequence
from functools import partial

from triage.domain.event import Json
from triage.drafting.replay.building import alchemy, carriers, objects, values
from triage.drafting.replay.building.rebind import Rebind
from triage.drafting.replay.candidate import Candidate, Choices, Dead
from triage.drafting.replay.mining import givens
from triage.drafting.replay.mining.mined import Mined
from triage.drafting.replay.stack import danger, flow, lookup, received
from triage.drafting.replay.stack.names import Names
from triage.drafting.replay.stack.safe import UNSAFE_ATTRIBUTES, is_stdlib
from triage.drafting.replay.stack.scene import Kind, Scene, StackFrame

MAX_DEPTH = 24
Item = ast.stmt | ast.With | ast.AsyncWith | ast.For | ast.AsyncFor


class Builder:
    """The state of one build: the program so far, the imports, what each name became."""

    def __init__(self, scene: Scene, names: Names, mined: Mined, choices: Choices) -> None:
        self.scene = scene
        self.names = names
        self.mined = mined
        self.choices = choices
        self.items: list[tuple[Item, bool]] = []
        self.imports: dict[str, str] = {}
        self.fixtures: list[str] = []
        self.bound: dict[tuple[str, ...], ast.expr] = {}
        self.taken: set[str] = set()
        self.is_async = False
        self.native = ""
        self.filled: set[tuple[str, str]] = set()
        self.holes = False
        self.notes: list[str] = []
        self.substitutes: dict[str, ast.expr] = {}
        self.rows: dict[tuple[str, str], ast.expr] = {}
        self.setup: list[ast.stmt] = []
        self.setup_imports: tuple[str, ...] = ()
        self.depth = 0
        self._busy: set[tuple[str, ...]] = set()

    # -- the program -----------------------------------------------------------------

    def add(self, node: ast.stmt) -> None:
        self.items.append((node, False))

    def enter(self, node: ast.With | ast.AsyncWith | ast.For | ast.AsyncFor) -> None:
        """All later statements go into the body of `node`."""
        self.items.append((node, True))

    def fixture(self, name: str) -> ast.expr:
        if name not in self.fixtures:
            self.fixtures.append(name)
            self.taken.add(name)
        return ast.Name(name)

    def fresh(self, name: str) -> str:
        """A variable name that is not taken, as near to `name` as can be."""
        base = re.sub(r"\W", "", name) or "value"
        if base in ("self", "cls") or keyword.iskeyword(base) or base[0].isdigit() or base.startswith("__"):
            base = {"self": "subject", "cls": "subject"}.get(base, "value")
        candidate, number = base, 2
        while candidate in self.taken or hasattr(builtins, candidate) or candidate in self.imports:
            candidate, number = f"{base}_{number}", number + 1
        self.taken.add(candidate)
        return candidate

    def assign(self, name: str, value: ast.expr, keep: bool = False) -> ast.expr:
        """`value` under a variable of its own, unless it is short enough to stand in place."""
        if not keep and isinstance(value, ast.Name | ast.Attribute):
            return value
        if not keep and isinstance(value, ast.Constant) and len(repr(value.value)) <= 60:
            return value
        if not keep and isinstance(value, ast.List | ast.Tuple | ast.Dict) and ast.unparse(value) in ("[]", "()", "{}"):
            return value
        variable = self.fresh(name)
        self.add(ast.Assign([ast.Name(variable)], value, lineno=0))
        return ast.Name(variable)

    def finish(self, call: ast.expr | Sequence[ast.stmt], entry: str, how: str, public: bool = True) -> Candidate:
        last: list[ast.stmt] = [ast.Expr(call)] if isinstance(call, ast.expr) else list(call)
        body = last
        for node, nests in reversed(self.items):
            if nests and isinstance(node, ast.With | ast.AsyncWith | ast.For | ast.AsyncFor):
                whole = copy.copy(node)
                whole.body = body
                body = [whole]
            else:
                body = [node, *body]
        body = _whole(body)
        lines = self.imports.values()
        imports = dict.fromkeys(line for line in lines if not any(other.startswith(f"{line}.") for other in lines))
        if self.setup:
            late = sorted(line for line in imports if line not in self.setup_imports)
            body = [*self.setup, *ast.parse("\n".join(late)).body, *body]
            imports = dict.fromkeys(self.setup_imports)
        if reason := danger.harm(imports, body, self.scene.packages, self._home):
            raise Dead(reason)
        if self.is_async and not self.native:
            imports["import asyncio"] = None
        return Candidate(
            tuple(sorted(imports)),
            tuple(body),
            entry,
            how,
            self.choices.cost,
            tuple(self.fixtures),
            self.is_async,
            tuple(self.notes),
            public,
            self.native,
        )

    def _home(self, dotted: str) -> str:
        """The module that a dotted path of the repo leads to."""
        parts = dotted.split(".")
        for at in range(len(parts) - 1, 0, -1):
            described = self.names.describe(f"{'.'.join(parts[:at])}:{'.'.join(parts[at:])}")
            if "error" not in described:
                return danger.home_of(described)
        return ""

    # -- imports ---------------------------------------------------------------------

    def name(self, path: str) -> ast.expr:
        """An expression for `module:chain`, with the import that it needs."""
        module, _, chain = path.partition(":")
        if not chain:
            return self.import_module(module)
        if module == "builtins":
            return _chain(ast.Name(chain.split(".")[0]), chain.split(".")[1:])
        first, *rest = chain.split(".")
        if (
            is_stdlib(module)
            and "." not in module
            and module not in ("datetime", "decimal", "pathlib", "uuid", "collections", "enum")
        ):
            return _chain(self.import_module(module), [first, *rest])
        local = self._import_as(
            first, lambda alias: f"from {module} import {first}" + (f" as {alias}" if alias != first else "")
        )
        return _chain(ast.Name(local), rest)

    def import_module(self, module: str, alias: str = "") -> ast.expr:
        if alias:
            return ast.Name(self._import_as(alias, lambda local: f"import {module} as {local}"))
        line = f"import {module}"
        top = module.split(".")[0]
        if self.imports.get(top, line).startswith("import ") or top not in self.taken:
            self.imports[top if top == module else module] = line
            self.taken.add(top)
            return _chain(ast.Name(top), module.split(".")[1:])
        return ast.Name(self._import_as(f"{top}_module", lambda local: f"import {module} as {local}"))

    def _import_as(self, wanted: str, line: Callable[[str], str]) -> str:
        local, number = wanted, 2
        while (local in self.imports and self.imports[local] != line(local)) or (
            local in self.taken and local not in self.imports
        ):
            local, number = f"{wanted}_{number}", number + 1
        self.imports[local] = line(local)
        self.taken.add(local)
        return local

    # -- binding names ---------------------------------------------------------------

    def bind(self, frame: StackFrame, name: str, mode: str = "crash", chain: Sequence[str] = ()) -> ast.expr:
        """An expression that stands for `name` in `frame`, at its entry or at its crash line."""
        key = (str(frame.index), name, mode if name in frame.view.parameters else "")
        if key in self.bound:
            return self.bound[key]
        if key in self._busy or self.depth > MAX_DEPTH:
            raise Dead(f"{name} needs itself")
        self._busy.add(key)
        self.depth += 1
        try:
            if not self.is_local(frame, name):
                found = self.global_name(frame, name, chain)
            else:
                found = self.local(frame, name, mode, chain)
        finally:
            self._busy.discard(key)
            self.depth -= 1
        self.bound[key] = found
        return found

    def is_local(self, frame: StackFrame, name: str) -> bool:
        if frame.name == "<module>":
            return False
        if name in frame.variables or name in frame.view.parameters:
            return True
        if frame.view.node is not None:
            return name in frame.view.assigned
        return name in frame.view.assigned

    def outer(self, frame: StackFrame) -> tuple[StackFrame, ...]:
        """The frames that called `frame`, outermost first; none for a frame that is not of the stack."""
        return self.scene.frames[: frame.index] if frame.index < len(self.scene.frames) else ()

    def local(self, frame: StackFrame, name: str, mode: str, chain: Sequence[str] = ()) -> ast.expr:
        if frame.is_comprehension and name not in frame.variables and self.outer(frame):
            return self.bind(self.outer(frame)[-1], name, mode)
        if name in self.substitutes:
            return self.substitutes[name]
        if frame.name == "mined" and name in ("tmp_path", "monkeypatch") and name in frame.view.parameters:
            return self.fixture(name)
        options: list[tuple[float, Callable[[], ast.expr]]] = []
        key = f"{frame.index}.{name}"
        if name in frame.variables:
            cost = values.trust(frame.variables[name])
            if mode == "entry" and frame.view.reassigned_before_crash(name):
                cost += 2.0
            if (container := objects.container_of(self, frame, name)) is not None:
                hidden = 2.5 if container.rpartition(":")[2].startswith("_") else 0.0
                options.append((cost + hidden, lambda: objects.of_container(self, frame, name, container, key)))
                cost += 1.0
            options.append((cost, lambda: self.captured(frame, name, key)))
        if mode == "crash" and (binding := flow.last_binding(frame.view, name)) is not None:
            options.append((1.0, lambda: flow.emit_binding(self, frame, name)))
            if flow.printed(frame, name, binding) is not None:
                options.append((1.6, lambda: flow.emit_printed(self, frame, name, binding)))
        options += carriers.ways(self, frame, name, mode)
        if name in frame.view.parameters and frame.is_mined:
            options.append((1.1, lambda: givens.parameter(self, frame, name)))
        if name in frame.view.parameters and frame.kind is Kind.REPO and (cost := self._unknown(frame, name)):
            options += [(cost, option) for option in alchemy.sessions_for(self, frame, name)]
        if name in frame.view.parameters and self.outer(frame):
            options.append((1.2, lambda: flow.from_caller(self, frame, name)))
        for other in reversed(self.outer(frame)):
            wire = other.variables.get(name)
            if name in other.variables and wire != frame.variables.get(name) and values.trust(wire) <= 1.0:
                options.append((3.0, partial(self.captured, other, name, key)))
                break
        if chain and (name not in ("self", "cls") or frame.kind is not Kind.REPO):
            options.append((7.0, lambda: self.mock(frame, name)))
        elif name not in ("self", "cls"):
            options.append((6.0, lambda: self.guess(frame, name, key)))
        elif frame.class_name and frame.kind is Kind.REPO:
            options.append((1.5, lambda: objects.receiver(self, frame)))
        if len(options) > 1:
            options = [(cost, option) for cost, option in options if cost < 50]
        return self.choices.pick(key, options)()

    def _unknown(self, frame: StackFrame, name: str) -> float:
        """What a fixture for this parameter costs; 0 where its value was captured as it is."""
        if name in frame.variables and values.trust(frame.variables[name]) < 1:
            return 0.0
        return 0.3

    def captured(self, frame: StackFrame, name: str, key: str) -> ast.expr:
        value = values.build(self, frame, name, frame.variables[name], key)
        return self.assign(name, value)

    def guess(self, frame: StackFrame, name: str, key: str) -> ast.expr:
        """A stand-in for a value nobody captured: the default, or something empty of its type."""
        value = objects.stand_in(self, frame, name, key)
        self.notes.append(f"{name} was not captured; {ast.unparse(value)} stands in for it")
        return self.assign(name, value)

    def mock(self, frame: StackFrame, name: str) -> ast.expr:
        """A mock for an object that nobody captured and whose attributes are used."""
        self.notes.append(f"{name} of {frame.name} was not captured; a mock stands in for it")
        return self.assign(name, ast.Call(self.name("unittest.mock:MagicMock"), [], []), keep=True)

    def global_name(self, frame: StackFrame, name: str, chain: Sequence[str] = ()) -> ast.expr:
        """An expression for a name that `frame`'s function does not bind itself."""
        return lookup.global_name(self, frame, name, chain)

    # -- expressions of other code ----------------------------------------------------

    def attempt(self, rebind: Rebind, node: ast.expr, key: str, annotation: str = "") -> ast.expr:
        """The node bound by `rebind`, or a guess, of the type asked for, where it needs what nobody captured."""
        kept = (dict(self.imports), dict(self.bound), set(self.taken), list(self.notes), list(self.fixtures))
        count = len(self.items)
        try:
            done: ast.expr = rebind.visit(node)
        except Dead as dead:
            self.imports, self.bound, self.taken, self.notes, self.fixtures = kept
            del self.items[count:]
            if objects.is_callable(annotation):
                self.notes.append(f"a mock stands in for {ast.unparse(node)[:60]}: {dead}")
                return objects.stand_in_for(self, rebind.frame, "callback", annotation, f"{key}:instead")
            guesses: list[tuple[float, str | Callable[[], ast.expr]]] = [
                (0.4 * at, text) for at, text in enumerate(("[]", '""', "None", "0", "{}"))
            ]
            text = self.choices.pick(f"{key}:instead", [*received.ways(self, rebind.frame, node, key), *guesses])
            if not isinstance(text, str):
                self.notes.append(f"{ast.unparse(node)[:60]} is what the code received for it")
                return text()
            self.notes.append(f"{text} stands in for {ast.unparse(node)[:60]}: {dead}")
            return ast.parse(text, mode="eval").body
        return done

    def expression(self, frame: StackFrame, node: ast.expr, mode: str = "crash") -> ast.expr:
        """`node` of `frame`'s source with every free name bound here."""
        return Rebind(self, frame, mode).expression(node)

    def outside(self, frame: StackFrame, node: ast.expr) -> ast.expr:
        """A module-level expression of a file that is not in the repo."""
        return Rebind(self, frame, "module").expression(node)

    def check_attribute(self, frame: StackFrame, attribute: str) -> None:
        if frame.kind is Kind.REPO:
            return
        if attribute in UNSAFE_ATTRIBUTES or (attribute.startswith("__") and attribute != "__init__"):
            raise Dead(f".{attribute} is not called for text from outside")

    def value(self, frame: StackFrame, name: str, wire: Json, key: str) -> ast.expr:
        return values.build(self, frame, name, wire, key)


def _whole(body: list[ast.stmt]) -> list[ast.stmt]:
    """The statements as the parser would give them: every node complete."""
    text = ast.unparse(ast.fix_missing_locations(ast.Module(body, [])))
    try:
        return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Dead(f"cannot be written down: {type(error).__name__}") from error


def _chain(node: ast.expr, parts: Sequence[str]) -> ast.expr:
    for part in parts:
        node = ast.Attribute(node, part)
    return node
