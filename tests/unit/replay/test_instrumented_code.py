"""Code that typeguard compiles anew with its checks in it still counts as the file's own."""

import ast
import sys
from pathlib import Path
from types import CodeType, SimpleNamespace

import pytest

from triage.inside.probe_code import Genuine

SOURCE = """
class Engine:
    @typechecked
    def ordinal(self, number: int) -> str:
        return str(number).upper()


def ordinal(number):
    return number
"""


class Transformer(ast.NodeTransformer):
    """What typeguard's does, in short: the decorator goes, a check comes in."""

    def __init__(self, target: object = None, line: int = 0) -> None:
        self.line = line

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        if node.decorator_list and self.line in (0, node.decorator_list[0].lineno):
            node.decorator_list = []
            check = ast.parse("check_argument_types(number)").body[0]
            node.body.insert(0, ast.copy_location(check, node.body[0]))
        return ast.fix_missing_locations(node)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(sys.modules, "typeguard._transformer", SimpleNamespace(TypeguardTransformer=Transformer))  # type: ignore[arg-type]
    (tmp_path / "engine.py").write_text(SOURCE)
    return tmp_path


def method(tree: ast.Module, file: Path) -> CodeType:
    """The code of Engine.ordinal in a program."""
    names: dict[str, object] = {"typechecked": lambda function: function}
    exec(compile(tree, str(file), "exec"), names)
    code: CodeType = names["Engine"].ordinal.__code__  # type: ignore[attr-defined]
    return code


def test_a_checked_method_is_the_files_own(folder: Path) -> None:
    tree = ast.parse(SOURCE)
    Transformer().visit(tree)
    code = method(tree, folder / "engine.py")
    assert "check_argument_types" in code.co_names
    assert Genuine(str(folder)).code(code, "engine.py")


def test_other_code_under_its_name_is_not(folder: Path) -> None:
    tree = ast.parse(SOURCE.replace("str(number).upper()", "number.upper()"))
    Transformer().visit(tree)
    assert not Genuine(str(folder)).code(method(tree, folder / "engine.py"), "engine.py")
