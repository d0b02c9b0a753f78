"""Functions that a candidate copied and does not name are left out of the test."""

import ast

from triage.drafting.replay.tree import without_unused


def left(text: str) -> str:
    return "\n".join(ast.unparse(item) for item in without_unused(ast.parse(text).body))


def test_functions_that_nothing_names_go_with_what_only_they_named() -> None:
    assert left("def a():\n    pass\ndef b():\n    a()\nx = make()\nx.run()") == "x = make()\nx.run()"


def test_what_is_named_or_does_something_stays() -> None:
    text = "def a():\n    pass\n\n@register\ndef b():\n    pass\n\nclass C(Base):\n    pass\nrun(a)"
    assert "def a" in left(text)
    assert "def b" in left(text)
    assert "class C" in left(text)
