"""Reading functions out of the few lines that an event carries of another program."""

import ast

from triage.drafting.replay.stack.views import SourceFile, view_of


def lines(text: str, first: int = 1) -> SourceFile:
    return SourceFile("driver.py", dict(enumerate(text.strip("\n").split("\n"), first)), False)


def test_the_function_and_what_ran_before_the_line() -> None:
    source = lines(
        """
def show(rows):
    table = Table(rows, headers=None)
    table.sort()
    return table.to_text()


def main():
"""
    )
    view = view_of(source, 4, "show")
    assert view.node is not None
    assert view.parameters == ("rows",)
    assert [ast.unparse(item) for item in view.before] == ["table = Table(rows, headers=None)", "table.sort()"]
    assert isinstance(view.statement, ast.Return)


def test_a_function_whose_head_is_not_visible_still_has_its_lines() -> None:
    source = lines("    graph = nx.Graph()\n    graph.add_node(1)\n    return check(graph)\n", first=20)
    view = view_of(source, 22, "report")
    assert view.node is None
    assert len(view.before) == 2


def test_a_try_that_lost_its_handlers_is_read() -> None:
    source = lines("def handle(x):\n    try:\n        return parse(x)")
    view = view_of(source, 3, "handle")
    assert ast.unparse(view.statement) == "return parse(x)" if view.statement else False


def test_a_call_over_several_lines_is_read_as_a_whole() -> None:
    source = lines("def go(a):\n    return run(\n        a,\n        deep=True,\n    )\n")
    view = view_of(source, 2, "go")
    assert view.statement is not None
    assert "deep=True" in ast.unparse(view.statement)


def test_an_inner_function_is_not_taken_for_the_one_around_the_line() -> None:
    source = lines(
        "async def gather(paths):\n    def answer(request):\n        return 1\n\n"
        "    with client() as c:\n        return [f(c) for p in paths]\n"
    )
    view = view_of(source, 6, "<listcomp>")
    assert view.node is not None
    assert view.node.name == "gather"


def test_what_a_method_assigns_to_self_is_found() -> None:
    source = lines(
        "class R:\n    def __init__(self):\n        self.md = MarkdownIt('x')\n\n    def render(self, page):\n"
    )
    found = source.attribute_value("md")
    assert found is not None
    assert ast.unparse(found[0]) == "MarkdownIt('x')"


def test_garbage_is_no_error() -> None:
    source = lines("((((\n'''\n\x00\n@@@\ndef (:\n")
    assert view_of(source, 2, "x").statement is None
    assert source.loose == [] or source.loose


def test_all_assignments_of_an_attribute_none_last_and_their_functions() -> None:
    source = lines(
        """
class Inbox:
    def __init__(self):
        self.last = None

    def accept(self, fields):
        form = FormData(fields)
        again = form == self.last
        self.last = form
        return again
"""
    )
    found = source.attribute_values("last")
    assert [ast.unparse(value) for value, _ in found] == ["form", "None"]
    assert [source.function_around(line) for _, line in found] == ["accept", "__init__"]


def test_a_class_goes_on_after_an_empty_line() -> None:
    source = lines(
        "class A:\n    def one(self):\n        return 1\n\n    def two(self):\n        return 2\n\n\nx = 1\n"
    )
    assert [len(node.body) for _, node in source.loose if isinstance(node, ast.ClassDef)] == [2]


def test_a_function_cut_off_after_its_return_is_whole() -> None:
    cut = {1: "def joined(a, b):", 2: "    return a + b", 4: "def main():", 5: "    go()"}
    found = [node.name for _, node in SourceFile("driver.py", cut, False).loose if isinstance(node, ast.FunctionDef)]
    assert found == ["joined"]
    cut[2] = "    if a:\n"
    cut[3] = "        return b"
    del cut[4]
    assert not any(isinstance(node, ast.FunctionDef) for _, node in SourceFile("driver.py", cut, False).loose)
