"""Copies an expression or statement of some frame's source, every free name bound for the test."""

import ast
import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from triage.drafting.replay.candidate import Dead
from triage.drafting.replay.stack.scene import Kind, StackFrame

if TYPE_CHECKING:
    from triage.drafting.replay.building.builder import Builder

MODULE = "module"
Function = TypeVar("Function", ast.FunctionDef, ast.AsyncFunctionDef)
Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


class Given(ast.expr):
    """An expression that is bound already: it is put in as it is."""

    _fields = ()

    def __init__(self, value: ast.expr) -> None:
        super().__init__()
        self.value = value

    def __deepcopy__(self, memory: object) -> "Given":
        return self


class Rebind(ast.NodeTransformer):
    """`mode` is "crash", "entry" or "module" (the names of the file's top level only)."""

    def __init__(self, builder: "Builder", frame: StackFrame, mode: str, inner: frozenset[str] = frozenset()) -> None:
        self.builder = builder
        self.frame = frame
        self.mode = mode
        self.inner = set(inner)
        self.targets: dict[str, str] = {}
        self.compound = False
        self.functions = 0
        self.classes = 0
        self.harmless: set[int] = set()

    def expression(self, node: ast.expr) -> ast.expr:
        done: ast.expr = self.visit(copy.deepcopy(node))
        return done

    def statement(self, node: ast.stmt) -> ast.stmt:
        """The statement; names that it assigns get variables of their own."""
        self.compound = isinstance(
            node, ast.For | ast.AsyncFor | ast.With | ast.AsyncWith | ast.Try | ast.If | ast.While
        )
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                self.target(part.id)
        done: ast.stmt = self.visit(copy.deepcopy(node))
        return done

    def target(self, name: str) -> str:
        if name not in self.targets and name not in self.inner:
            key = (str(self.frame.index), name, "crash" if name in self.frame.view.parameters else "")
            known = self.builder.bound.get(key)
            self.targets[name] = known.id if isinstance(known, ast.Name) else self.builder.fresh(name)
        return self.targets.get(name, name)

    # -- names -----------------------------------------------------------------------

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.inner:
            return node
        if isinstance(node.ctx, ast.Store | ast.Del):
            return ast.Name(self.target(node.id), node.ctx)
        if node.id in self.targets:
            key = (str(self.frame.index), node.id, "crash" if node.id in self.frame.view.parameters else "")
            if key in self.builder.bound or self.mode == MODULE or self.compound:
                return ast.Name(self.targets[node.id])
        return self._load(node.id, ())

    def _load(self, name: str, chain: tuple[str, ...]) -> ast.expr:
        if self.mode == MODULE:
            return self.builder.global_name(self.frame, name, chain)
        return self.builder.bind(self.frame, name, self.mode, chain)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        from triage.drafting.replay.mining import givens
        from triage.drafting.replay.stack import lookup

        if id(node) not in self.harmless:
            self.builder.check_attribute(self.frame, node.attr)
        chain: list[str] = []
        root: ast.expr = node
        while isinstance(root, ast.Attribute):
            chain.insert(0, root.attr)
            root = root.value
        if isinstance(root, ast.Name) and root.id not in self.inner and root.id not in self.targets:
            if root.id in ("self", "cls") and self.frame.kind is not Kind.REPO:
                return self._of_outside_self(root.id, chain, node)
            if root.id in ("self", "cls") and self.frame.is_mined and self.frame.view.classes:
                return _chained(givens.attribute(self.builder, self.frame, chain[0]), chain[1:])
            base = self._load(root.id, tuple(chain))
            lookup.import_submodules(self.builder, base, chain)
            return _chained(base, chain)
        return ast.Attribute(self.visit(node.value), node.attr, node.ctx)

    def _of_outside_self(self, name: str, chain: list[str], node: ast.Attribute) -> ast.expr:
        """`self.x` where self is an object of another program: what its source assigns to it."""
        from triage.drafting.replay.stack import filled

        known = self.frame.source.attribute_values(chain[0])[:4]
        held = (
            filled.ways(self.builder, self.frame, chain[0]) if all(filled.is_empty(item) for item, _ in known) else []
        )
        if held:
            base, chain = self._held(name, chain, known, held), chain[1:]
        elif not known:
            base = self._load(name, tuple(chain))
        else:
            options = [(0.8 * at, item) for at, item in enumerate(known)]
            found = self.builder.choices.pick(f"self.{chain[0]}", options) if len(known) > 1 else known[0]
            key = ("self", self.frame.path, chain[0])
            if key not in self.builder.bound:
                if key in self.builder._busy:
                    raise Dead(f"self.{chain[0]} needs itself")
                self.builder._busy.add(key)
                value = self._attribute_source(found[0], found[1])
                self.builder.bound[key] = self.builder.assign(chain[0], value)
                self._replay_uses(name, chain[0])
            base = self.builder.bound[key]
            chain = chain[1:]
        for part in chain:
            base = ast.Attribute(base, part)
        return base

    def _held(
        self,
        name: str,
        chain: list[str],
        known: Sequence[tuple[ast.expr, int]],
        held: "list[tuple[float, Callable[[], ast.expr]]]",
    ) -> ast.expr:
        """`self.x` of another program's object that only its other methods, or its name, tell of."""
        key = ("self", self.frame.path, chain[0])
        if key not in self.builder.bound:
            if key in self.builder._busy:
                raise Dead(f"self.{chain[0]} needs itself")
            ways = [*held, (1.2, lambda: self._attribute_source(*known[0]))] if known else held
            unknown = [] if known else [(1.2, lambda: self._load(name, (chain[0],)))]
            self.builder._busy.add(key)
            try:
                value = self.builder.choices.pick(f"self.{chain[0]} held", [*ways, *unknown])()
            finally:
                self.builder._busy.discard(key)
            self.builder.bound[key] = self.builder.assign(chain[0], value, keep=isinstance(value, ast.Dict | ast.List))
        return self.builder.bound[key]

    def _replay_uses(self, name: str, attribute: str) -> None:
        """What the method did to `self.<attribute>` before its crash line."""
        from triage.drafting.replay.stack import flow

        for node in self.frame.view.before:
            if id(node) not in self.frame.view.enclosing and flow.touches_attribute(node, name, attribute):
                self.builder.add(Rebind(self.builder, self.frame, self.mode).statement(node))

    def _attribute_source(self, value: ast.expr, line: int) -> ast.expr:
        from triage.drafting.replay.stack import flow

        if self.mode != MODULE and self.frame.source.function_around(line) == self.frame.name != "__init__":
            return Rebind(self.builder, self.frame, self.mode).expression(value)
        return flow.constructor_expression(self.builder, self.frame, value, line)

    def visit_Given(self, node: Given) -> ast.expr:
        return node.value

    # -- scopes ----------------------------------------------------------------------

    def visit_Lambda(self, node: ast.Lambda) -> ast.expr:
        from triage.drafting.replay.stack.views import parameter_names

        outer = set(self.inner)
        self.inner |= set(parameter_names(node))
        node.body = self.visit(node.body)
        self.inner = outer
        return node

    def _comprehension(self, node: Comprehension) -> ast.expr:
        outer = set(self.inner)
        for generator in node.generators:
            generator.iter = self.visit(generator.iter)
            for part in ast.walk(generator.target):
                if isinstance(part, ast.Name):
                    self.inner.add(part.id)
            generator.ifs = [self.visit(item) for item in generator.ifs]
        if isinstance(node, ast.DictComp):
            node.key, node.value = self.visit(node.key), self.visit(node.value)
        else:
            node.elt = self.visit(node.elt)
        self.inner = outer
        return node

    visit_ListComp = visit_SetComp = visit_GeneratorExp = visit_DictComp = _comprehension

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        outer, targets = set(self.inner), dict(self.targets)
        for item in node.body:
            bodies = [item] if not isinstance(item, ast.FunctionDef | ast.AsyncFunctionDef) else []
            self.inner |= {
                part.id
                for body in bodies
                for part in ast.walk(body)
                if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)
            }
        node.bases = [self.visit(item) for item in node.bases]
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        self.inner.add(node.name)
        self.classes += 1
        node.body = [self.visit(item) for item in node.body]
        self.classes -= 1
        self.inner, self.targets = outer, targets
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AsyncFunctionDef:
        return self._function(node)

    def _function(self, node: Function) -> Function:
        """A definition that is copied whole: what it awaits or yields is its own affair."""
        outer, targets, is_async = set(self.inner), dict(self.targets), self.builder.is_async
        from triage.drafting.replay.stack.views import parameter_names

        bound = {node.name, *parameter_names(node), *_bound_in(node)}
        node.decorator_list = [self.visit(item) for item in node.decorator_list]
        node.args.defaults = [self.visit(item) for item in node.args.defaults]
        node.args.kw_defaults = [item and self.visit(item) for item in node.args.kw_defaults]
        node.returns = self._annotation(node.returns)
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = self._annotation(argument.annotation)
        self.inner |= bound
        self.functions += 1
        node.body = [self.visit(item) for item in node.body]
        self.functions -= 1
        self.inner, self.targets, self.builder.is_async = outer, targets, is_async
        return node

    def _annotation(self, node: ast.expr | None) -> ast.expr | None:
        """The annotation where all its names are known: libraries read them."""
        if node is None or any(isinstance(part, ast.Constant) for part in ast.walk(node)):
            return None
        kept = (dict(self.builder.imports), dict(self.builder.bound), set(self.builder.taken))
        count = len(self.builder.items)
        try:
            done: ast.expr = self.visit(copy.deepcopy(node))
        except Dead:
            self.builder.imports, self.builder.bound, self.builder.taken = kept
            del self.builder.items[count:]
            return None
        return done

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> ast.stmt:
        """An import inside of a copied function is left out: its names are bound, and checked, like others."""
        return ast.Pass() if self.functions else node

    visit_ImportFrom = visit_Import

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        """`payload["key"]` of a captured mapping: the one value, not the whole mapping."""
        if isinstance(node.ctx, ast.Load) and isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
            direct = self._element(node.value.id, node.slice.value)
            if direct is not None:
                return direct
        self.generic_visit(node)
        return node

    def _element(self, name: str, key: object) -> ast.expr | None:
        wire = self.frame.variables.get(name)
        if (
            name in self.inner
            or name in self.targets
            or self.mode == MODULE
            or not isinstance(wire, dict)
            or key not in wire
        ):
            return None
        if (str(self.frame.index), name, "crash" if name in self.frame.view.parameters else "") in self.builder.bound:
            return None
        from triage.drafting.replay.building import values

        if values.trust(wire[key]) > 1:
            return None
        known = (str(self.frame.index), name, f"[{key}]")
        if known not in self.builder.bound:
            made = values.build(self.builder, self.frame, str(key), wire[key], f"{self.frame.index}.{name}.{key}")
            self.builder.bound[known] = self.builder.assign(str(key), made)
        return self.builder.bound[known]

    # -- what needs more than a copy ---------------------------------------------------

    def visit_Await(self, node: ast.Await) -> ast.expr:
        self.builder.is_async = True
        return ast.Await(self.visit(node.value))

    def visit_Yield(self, node: ast.Yield | ast.YieldFrom) -> ast.expr:
        if not self.functions:
            raise Dead("a yield cannot be taken out of its generator")
        self.generic_visit(node)
        return node

    visit_YieldFrom = visit_Yield

    def visit_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        self.inner.add(node.target.id)
        return ast.NamedExpr(node.target, self.visit(node.value))

    def visit_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Name) and node.func.id == "super" and self.classes and self.functions:
            return node
        if isinstance(node.func, ast.Name) and node.func.id == "super":
            raise Dead("super() cannot be called outside of its class")
        if (
            self.frame.kind is not Kind.REPO
            and isinstance(node.func, ast.Name)
            and node.func.id == "open"
            and _writes(node)
        ):
            raise Dead("files are not written for text from outside")
        if isinstance(node.func, ast.Attribute) and node.func.attr == "connect" and not (node.args or node.keywords):
            self.harmless.add(id(node.func))  # it says nowhere to connect to: `engine.connect()`
        if self.builder.holes and self.mode == "crash":
            return self._with_holes(node)
        self.generic_visit(node)
        return node

    def _with_holes(self, node: ast.Call) -> ast.expr:
        """The call, with a guess for every argument that needs what nobody captured."""
        function = self.visit(node.func)
        where = f"{self.frame.index}:{node.lineno}:{node.col_offset}"
        wanted = self._annotations(function)
        by_place = [*wanted.values(), *[""] * len(node.args)]
        arguments = [
            self.builder.attempt(self, item, f"{where}.{at}", by_place[at]) for at, item in enumerate(node.args)
        ]
        keywords = [
            ast.keyword(
                item.arg, self.builder.attempt(self, item.value, f"{where}.{item.arg}", wanted.get(str(item.arg), ""))
            )
            for item in node.keywords
        ]
        return ast.Call(function, arguments, keywords)

    def _annotations(self, function: ast.expr) -> dict[str, str]:
        """What an imported function or class asks its parameters to be, in their order."""
        line = self.builder.imports.get(function.id, "") if isinstance(function, ast.Name) else ""
        module, found, name = line.removeprefix("from ").partition(" import ")
        shape = self.builder.names.describe(f"{module}:{name.partition(' ')[0]}").get("parameters") if found else None
        known = [item for item in shape or () if item.get("kind") not in ("VAR_POSITIONAL", "VAR_KEYWORD")]
        return {str(item.get("name")): str(item.get("annotation") or "") for item in known}

    def visit_AsyncFor(self, node: ast.AsyncFor) -> ast.AsyncFor:
        self.builder.is_async = True
        self.generic_visit(node)
        return node

    def visit_AsyncWith(self, node: ast.AsyncWith) -> ast.AsyncWith:
        self.builder.is_async = True
        self.generic_visit(node)
        return node


def _bound_in(node: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Names that a function binds in its body, but for what it imports."""
    names: set[str] = set()
    for part in ast.walk(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            names.add(part.id)
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or (
            isinstance(part, ast.ExceptHandler) and part.name
        ):
            names.add(str(part.name))
    return names


def _chained(node: ast.expr, parts: list[str]) -> ast.expr:
    for part in parts:
        node = ast.Attribute(node, part)
    return node


def _writes(node: ast.Call) -> bool:
    """Whether an `open(...)` may change a file."""
    modes = [*node.args[1:2], *(item.value for item in node.keywords if item.arg == "mode")]
    return any(
        not isinstance(item, ast.Constant) or any(letter in str(item.value) for letter in "wax+") for item in modes
    )
