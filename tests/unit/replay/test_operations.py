"""Operators, subscripts, attributes and `with` of a caller's line are the calls of their special methods."""

import ast

import pytest

from triage.drafting.replay.stack.operations import operation_of
from triage.drafting.replay.stack.scene import Kind, StackFrame
from triage.drafting.replay.stack.views import SourceFile, view_of


def method(name: str, marks: str = "") -> StackFrame:
    """A frame inside a method of the repo."""
    mark = f"    @{marks}" if marks else "    # a method"
    text = f"class Thing:\n{mark}\n    def {name}(self, other=None):\n        return 1"
    source = SourceFile("shop/thing.py", dict(enumerate(text.split("\n"), 1)), True)
    return StackFrame(1, Kind.REPO, name, "shop/thing.py", 4, source, view_of(source, 4, name), {})


@pytest.mark.parametrize(
    ("line", "name", "receiver", "arguments"),
    [
        ("same = a == b.c", "__eq__", "a", ["b.c"]),
        ("if a < b:\n    pass", "__gt__", "b", ["a"]),
        ("x = key in store.rows", "__contains__", "store.rows", ["key"]),
        ("total = one + two", "__radd__", "two", ["one"]),
        ("total += two", "__iadd__", "total", ["two"]),
        ("x = table[1:2]", "__getitem__", "table", ["1:2"]),
        ("table['k'] = v", "__setitem__", "table", ["'k'", "v"]),
        ("del table['k']", "__delitem__", "table", ["'k'"]),
        ("x = settings.debug", "__getattr__", "settings", ["'debug'"]),
        ("x = str(thing)", "__str__", "thing", []),
        ("print(f'{thing}')", "__format__", "thing", []),
        ("with lock(3) as held:\n    use(held)", "__enter__", "lock(3)", []),
    ],
)
def test_what_a_line_runs(line: str, name: str, receiver: str, arguments: list[str]) -> None:
    found = operation_of(ast.parse(line).body[0], method(name))
    assert found is not None
    assert isinstance(found.func, ast.Attribute)
    assert ast.unparse(found.func.value) == receiver
    assert [ast.unparse(item) for item in found.args] == arguments


def test_a_property_and_its_setter() -> None:
    read = operation_of(ast.parse("x = job.state").body[0], method("state", "property"))
    assert read is not None
    assert ast.unparse(read.written) == "job.state"
    put = operation_of(ast.parse("job.state = 'new'").body[0], method("state", "state.setter"))
    assert put is not None
    assert ast.unparse(put.written) == "job.state = 'new'"


def test_a_with_keeps_its_body_only_when_it_was_being_left() -> None:
    statement = ast.parse("with pool() as p:\n    p.run()").body[0]
    entered, left = operation_of(statement, method("__enter__")), operation_of(statement, method("__exit__"))
    assert entered is not None
    assert left is not None
    assert "pass" in ast.unparse(entered.written)
    assert "p.run()" in ast.unparse(left.written)


def test_a_plain_method_is_no_operation() -> None:
    assert operation_of(ast.parse("x = a.run(b)").body[0], method("run")) is None
