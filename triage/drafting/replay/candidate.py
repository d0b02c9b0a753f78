"""One way to call the code: the very source that is tried is what the test will hold."""

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import FunctionType
from typing import TypeVar, cast

TEST = "test_candidate"
T = TypeVar("T")


class Dead(Exception):
    """This way of building a candidate leads nowhere; the message says what was missing."""


@dataclass(frozen=True)
class Candidate:
    """Import lines, the body's statements and its last statement: the call.

    `entry` is the qualified name that is called, `fixtures` the pytest fixtures used. `cost`
    orders candidates: what a good engineer would write first costs least. `notes` say what
    was guessed or made up. `native`: the test itself is a coroutine function (its fixtures are asynchronous),
    marked as this says: `asyncio`, `anyio`, or `auto` for no mark.
    """

    imports: tuple[str, ...]
    body: tuple[ast.stmt, ...]
    entry: str
    how: str
    cost: float = 0.0
    fixtures: tuple[str, ...] = ()
    is_async: bool = False
    notes: tuple[str, ...] = ()
    public: bool = True
    native: str = ""

    def source(self, name: str = TEST) -> str:
        """The module as it is run while searching."""
        return ast.unparse(ast.fix_missing_locations(ast.parse("\n".join(self.imports)))) + "\n\n" + self.function(name)

    def function(self, name: str = TEST, returning: bool = True) -> str:
        body = list(self.body)
        if returning:
            body = returned(body)
        if self.is_async and self.native:
            node: ast.stmt = ast.AsyncFunctionDef(name, _arguments(self.fixtures), body or [ast.Pass()], [], lineno=0)
            return ast.unparse(ast.fix_missing_locations(ast.Module([node], [])))
        if self.is_async:
            inner = ast.AsyncFunctionDef("scenario", _arguments(()), body, [], lineno=0)
            call: ast.expr = ast.Call(
                ast.Attribute(ast.Name("asyncio"), "run"), [ast.Call(ast.Name("scenario"), [], [])], []
            )
            body = [inner, ast.Return(call) if returning else ast.Expr(call)]
        node = ast.FunctionDef(name, _arguments(self.fixtures), body or [ast.Pass()], [], lineno=0)
        return ast.unparse(ast.fix_missing_locations(ast.Module([node], [])))


def returned(body: list[ast.stmt]) -> list[ast.stmt]:
    """`body` with the value of its last expression returned, also from inside `with` blocks."""
    if not body:
        return body
    last = body[-1]
    if isinstance(last, ast.Expr):
        return [*body[:-1], ast.Return(last.value)]
    if isinstance(last, ast.With | ast.AsyncWith):
        kind = type(last)
        return [*body[:-1], kind(items=last.items, body=returned(list(last.body)), lineno=0)]
    return body


def _arguments(names: Sequence[str]) -> ast.arguments:
    return ast.arguments([], [ast.arg(name) for name in names], None, [], [], None, [])


@dataclass
class Choices:
    """The decisions of one build. Unmade ones take the first option; all are recorded.

    A decision that comes up while the option of another is built hangs on that one: `parents` says on which.
    """

    made: Mapping[str, int] = field(default_factory=dict)
    seen: dict[str, list[float]] = field(default_factory=dict)
    cost: float = 0.0
    parents: dict[str, str] = field(default_factory=dict)
    _open: list[str] = field(default_factory=list)
    _below: dict[str, float] = field(default_factory=dict)

    def pick(self, key: str, options: "Sequence[tuple[float, T]]") -> T:
        """The option that this build takes at `key`. Raises Dead when there is none."""
        if not options:
            raise Dead(f"no way to get {key}")
        ordered = sorted(options, key=lambda item: item[0])
        index = self.made.get(key, 0)
        if key not in self.seen:
            self.seen[key] = [cost for cost, _ in ordered]
            self.cost += self.paid(key)
            if self._open:
                self.parents[key] = self._open[-1]
        if index >= len(ordered):
            raise Dead(f"no further way to get {key}")
        chosen = ordered[index][1]
        if isinstance(chosen, FunctionType | partial):
            return cast(T, partial(self._inside, key, chosen))
        return chosen

    def _inside(self, key: str, option: Callable[..., object], *arguments: object) -> object:
        self._open.append(key)
        try:
            return option(*arguments)
        finally:
            self._open.pop()

    def paid(self, key: str) -> float:
        """What the option that was taken at `key` costs."""
        costs = self.seen[key]
        return costs[min(self.made.get(key, 0), len(costs) - 1)]

    def below(self, key: str) -> float:
        """What the decisions cost that hang on `key`: another option there makes them void."""
        if len(self._below) != len(self.seen) + 1:
            self._below = {"": 0.0, **dict.fromkeys(self.seen, 0.0)}
            for other in self.seen:
                above = self.parents.get(other, "")
                while above:
                    self._below[above] += self.paid(other)
                    above = self.parents.get(above, "")
        return self._below[key]

    def successors(self) -> Iterator[dict[str, int]]:
        """Builds that differ in one later decision, each reached by one way only."""
        keys = list(self.seen)
        changed = [keys.index(key) for key in self.made if key in self.seen]
        for key in keys[max(changed, default=0) :]:
            index = self.made.get(key, 0) + 1
            if index < len(self.seen[key]):
                yield {**{name: at for name, at in self.made.items() if name in self.seen}, key: index}

    def next_cost(self, following: Mapping[str, int]) -> float:
        """What the build with `following` will cost at least."""
        extra = 0.0
        for key, index in following.items():
            costs = self.seen.get(key)
            if costs and index < len(costs):
                extra += costs[index] - costs[self.made.get(key, 0)]
                if index != self.made.get(key, 0):
                    extra -= self.below(key)
        return self.cost + extra
