"""Functions that a candidate copied and does not name are left out of the test."""

import ast

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.searching.tree import with_body, without_unused


def left(text: str) -> str:
    return "\n".join(ast.unparse(item) for item in without_unused(ast.parse(text).body))


def test_functions_that_nothing_names_go_with_what_only_they_named() -> None:
    assert left("def a():\n    pass\ndef b():\n    a()\nx = make()\nx.run()") == "x = make()\nx.run()"


def test_what_is_named_or_does_something_stays() -> None:
    text = "def a():\n    pass\n\n@register\ndef b():\n    pass\n\nclass C(Base):\n    pass\nrun(a)"
    assert "def a" in left(text)
    assert "def b" in left(text)
    assert "class C" in left(text)


def test_a_module_is_imported_while_it_is_read_from() -> None:
    imports = ("import shop.db", "import shop.tax", "import shop", "import os.path as paths")
    candidate = Candidate(imports, (), "shop.tax.of", "")

    def kept(text: str) -> tuple[str, ...]:
        return with_body(candidate, ast.parse(text).body).imports

    assert kept("shop.tax.of(1)") == ("import shop.tax", "import shop")
    assert kept("patch(shop.db, 'x')\npaths.join()") == ("import shop.db", "import shop", "import os.path as paths")
    assert kept("shop.tax2.of(1)") == ("import shop",)
