"""A class of the calling program is put together from the methods that the event shows."""

import ast

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.stack.flow import definition
from triage.drafting.replay.stack.half_classes import class_of, seen
from triage.drafting.replay.stack.views import SourceFile

PLAN = """    def __init__(self, steps):
        self.steps = dict(zip(steps, steps[1:]))

    def after(self, step):
        if step not in self.steps:
            raise StopIteration
        return self.steps[step]

    def first(self, start, count):
        return take(count, start)


def main():
    plan = Plan(["dig", "pour"])"""


def lines(text: str, first: int = 10) -> dict[int, str]:
    return dict(enumerate(text.split("\n"), first))


def names(node: ast.ClassDef | None) -> list[str]:
    assert node is not None
    return [item.name for item in node.body if isinstance(item, ast.FunctionDef)]


def test_a_class_whose_head_is_out_of_sight() -> None:
    source = SourceFile("/srv/driver.py", lines(PLAN), False, {15: "Plan"})
    found = definition(source, "Plan")
    assert isinstance(found, ast.ClassDef)
    assert found.name == "Plan"
    assert names(found) == ["__init__", "after", "first"]
    assert definition(source, "Other") is None


def test_the_rest_of_a_method_above_is_left_out_and_any_constructor_is_taken() -> None:
    text = "        return 1\n\n    def total(self, rows):\n        return sum(rows)"
    assert names(seen(lines(text), [13])) == ["__init__", "total"]


BEGUN = """        self.name = name
        self.rows = []
        self.diff = diff.strip()
        self.limit = LIMIT

    def files(self):
        return split(self.diff)"""


def test_the_end_of_a_constructor_is_one() -> None:
    found = seen(lines(BEGUN), [16])
    assert found is not None
    assert ast.unparse(found.body[0]).split("\n") == [
        "def __init__(self, name=None, diff=None, *arguments, **keywords):",
        "    self.name = name",
        "    self.rows = []",
        "    self.diff = diff.strip()",
        "    self.limit = LIMIT",
    ]


def test_a_head_in_sight_keeps_its_bases() -> None:
    found = seen(
        lines("class Plan(Base):\n    def total(self, rows):\n        return add(rows)\n        rows = [", 3), [5]
    )
    assert found is not None
    assert [ast.unparse(base) for base in found.bases] == ["Base"]
    assert names(found) == ["total"]


def test_methods_of_two_places_are_one_class() -> None:
    apart = {
        **lines("    def one(self):\n        return 1"),
        **lines("    def two(self):\n        return self.one()", 40),
    }
    assert names(seen(apart, [11, 41])) == ["__init__", "one", "two"]


def test_records_and_plain_functions_are_left_to_others() -> None:
    assert seen(lines("    name: str\n\n    def shown(self):\n        return self.name"), [13]) is None
    assert seen(lines("def shown(name):\n    return name.upper()"), [11]) is None
    assert seen({}, [3]) is None


def test_the_class_of_a_frame_is_told_by_its_self() -> None:
    assert class_of({"self": "<__main__.Plan object at 0x7f044efb93d0>"}) == "Plan"
    assert class_of({"self": "Plan(steps=2)"}) == ""
    assert class_of(None) == ""


def test_attributes_that_methods_only_add_to_begin_empty() -> None:
    text = """    def later(self, work):
        self.waiting.append(work)
        self.names[work] = 1
        self.count += 1
        self.table.insert(work)

    def report(self):
        return list(self.waiting)


def main():
    pass"""
    found = definition(SourceFile("/srv/driver.py", lines(text), False, {16: "Monitor"}), "Monitor")
    assert isinstance(found, ast.ClassDef)
    begun = ast.unparse(found.body[0]).splitlines()[1:]
    assert sorted(begun) == ["    self.count = 0", "    self.names = {}", "    self.waiting = []"]


def test_calls_at_the_end_of_a_constructor_are_made() -> None:
    text = """        logger.add(out, serialize=True)
        self.done = 0

    def finish(self, code):
        return logger.exception(code)


def main():
    pass"""
    found = definition(SourceFile("/srv/driver.py", lines(text), False, {14: "Worker"}), "Worker")
    assert isinstance(found, ast.ClassDef)
    assert ast.unparse(found.body[0]).splitlines() == [
        "def __init__(self, out=None, *arguments, **keywords):",
        "    logger.add(out, serialize=True)",
        "    self.done = 0",
    ]


WORDS = st.sampled_from(
    ["class A(B):", "def f(self, x):", "self.x = x", "return [", "]", "@property", "'''", "", "x: int", "if x:", "pass"]
)


@given(st.lists(st.tuples(st.integers(0, 3), WORDS | st.text(max_size=8)), max_size=14), st.integers(0, 15))
def test_no_lines_break_it(rows: list[tuple[int, str]], at: int) -> None:
    text = {number: "    " * depth + word.replace("\n", " ") for number, (depth, word) in enumerate(rows, 1)}
    found = seen(text, [at])
    assert found is None or ast.parse(ast.unparse(found))


HANDED_ON = """        shape = {"sink": self.page, "wide": wide}
        unused = 4
        self.printer = Printer(shape, of=self.owner)

    def print(self, text):
        self.printer.write(text)
        return self.page.getvalue()"""


def test_variables_of_a_constructor_and_what_began_above_them() -> None:
    found = seen(lines(HANDED_ON), [15])
    assert found is not None
    maker = found.body[0]
    assert isinstance(maker, ast.FunctionDef)
    assert [item.arg for item in maker.args.args] == ["self", "wide"]
    body = [ast.unparse(item) for item in maker.body]
    assert body[-2:] == [
        "shape = {'sink': self.page, 'wide': wide}",
        "self.printer = Printer(shape, of=self.owner)",
    ]
    assert set(body[:-2]) == {"self.page = io.StringIO()", "self.owner = None"}
