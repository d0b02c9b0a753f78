"""A repo that makes errors of warnings, on an interpreter that its code warns on: the test imports inside."""

import ast

from triage.drafting.replay.candidate import Candidate
from triage.drafting.replay.written.style import Style
from triage.drafting.replay.written.writing import _assemble

BODY = ast.parse("assert shop.total([]) == 0").body


def text(ignoring: str) -> str:
    candidate = Candidate(("import shop", "import json"), tuple(BODY), "shop.total", "called")
    return _assemble(["import shop", "import json"], "test_total", "It adds.", BODY, candidate, Style(), ignoring)


def test_the_warning_is_ignored_and_only_the_standard_library_is_imported_outside() -> None:
    done = ast.parse(text("DeprecationWarning"))
    outside = [ast.unparse(node) for node in done.body if isinstance(node, ast.Import)]
    assert outside == ["import json", "import pytest"]
    function = done.body[-1]
    assert isinstance(function, ast.FunctionDef)
    marks = [ast.unparse(mark) for mark in function.decorator_list]
    assert marks == ["pytest.mark.filterwarnings('ignore::DeprecationWarning')"]
    assert "import shop" in ast.unparse(function)


def test_without_a_warning_all_imports_stand_at_the_top() -> None:
    done = ast.parse(text(""))
    assert [ast.unparse(node) for node in done.body if isinstance(node, ast.Import)] == ["import json", "import shop"]
