"""What a few lines around a crash tell of the function that they lie in."""

import ast

from triage.drafting.replay.stack.views import FunctionView, SourceFile, view_of

LINES = """    finder = Finder()
    for name, text in sources.items():
        finder.scan(text, name)
    with redirect_stdout(out):
        finder.report(60)
    out.flush()
"""


def seen(text: str, line: int, first: int = 20) -> FunctionView:
    source = SourceFile("/srv/driver.py", dict(enumerate(text.split("\n"), first)), False)
    return view_of(source, line, "log")


def test_without_the_head_the_outer_blocks_are_read_as_well() -> None:
    view = seen(LINES, 24)
    assert view.statement is not None
    assert ast.unparse(view.statement) == "finder.report(60)"
    assert [ast.unparse(item).split("\n")[0] for item in view.before] == [
        "finder = Finder()",
        "for name, text in sources.items():",
        "with redirect_stdout(out):",
    ]
    assert [type(item) for item in view.before if id(item) in view.enclosing] == [ast.With]


def test_another_functions_lines_are_left_out() -> None:
    text = "    old = 1\n\ndef other():\n    new = 2\n    with lock:\n        new.go()\n"
    view = seen(text, 25)
    assert [ast.unparse(item).split("\n")[0] for item in view.before] == ["new = 2", "with lock:"]


def test_a_line_that_lost_its_if_is_read_alone() -> None:
    view = seen("        1)\n    else:\n        go(2)\n", 22)
    assert view.statement is not None
    assert ast.unparse(view.statement) == "go(2)"
