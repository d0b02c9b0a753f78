"""What is left of a call whose head the event does not show."""

import ast

from triage.drafting.replay.stack.cutoff import cut_calls
from triage.drafting.replay.stack.views import SourceFile


def found(*lines: str, first: int = 20, whole: bool = False) -> list[str]:
    source = SourceFile("driver.py", dict(enumerate(lines, first)), whole)
    return [ast.unparse(item) for item in cut_calls(source)]


def test_keywords_of_a_call_that_lost_its_head() -> None:
    lines = [
        '            extensions=["bar"],',
        '            configs={"bar": {"on": True}},',
        "        )",
        "",
        "    def f(self):",
    ]
    assert found(*lines) == ["made(extensions=['bar'], configs={'bar': {'on': True}})"]


def test_whole_statements_are_no_rest_of_a_call() -> None:
    assert found("def f():", "    return g(", "        1,", "    )") == []
    assert found("x = 1", "y = 2") == []


def test_a_file_that_is_known_whole_has_no_cut_calls() -> None:
    assert found('    extensions=["bar"],', ")", whole=True) == []
