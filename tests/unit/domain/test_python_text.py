"""A Python file read in pieces says the same as a parser and a tokenizer do."""

import ast
import io
import tokenize
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from triage.domain.python_text import NOTHING, Piece, read_piece, read_python, split_lines

HERE = sorted((Path(__file__).parents[3] / "triage").rglob("*.py"))
PIECES = some.lists(
    some.sampled_from(
        [
            "x = 1", 'y = """a', 'b"""', "'''", '"""', "# it's \"\"\" no", "s = 'a\\'b'", "def f():", "    return 1",
            "@d", "class C:", "    def m(self):", "        pass", ")", "else:", "", "\tz", 'r"""\\"""', "'\"\"\"'",
        ]
    ),
    max_size=40,
)  # fmt: skip


@given(some.one_of(some.text(max_size=500), PIECES.map("\n".join)))
def test_any_text_is_read_and_its_pieces_follow_each_other(text: str) -> None:
    read = read_python(text)
    assert list(read.starts) == sorted(set(read.starts))
    at = read.starts[0] if read.starts else len(read.lines) + 1
    for piece in read.pieces(1, len(read.lines)):
        assert piece.start == at
        at = piece.end
        for line, (first, last) in read_piece(read, piece).runs.items():
            assert piece.start <= first <= line <= last < piece.end
    assert at == len(read.lines) + 1
    for first, last in read.strings:
        assert 1 <= first < last <= len(read.lines)


@pytest.mark.parametrize("file", HERE[::4], ids=lambda file: file.name)
def test_long_strings_and_statements_are_those_of_the_tokenizer_and_the_parser(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    read = read_python(source)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    strings = [(item.start[0], item.end[0]) for item in tokens if item.type == tokenize.STRING]
    assert list(read.strings) == [span for span in strings if span[0] != span[1]]
    tree = ast.parse(source)
    tops = [min([node.lineno, *(item.lineno for item in getattr(node, "decorator_list", ()))]) for node in tree.body]
    assert list(read.starts) == tops
    found = {body.qualname for piece in read.pieces(1, len(read.lines)) for body in read_piece(read, piece).bodies}
    named = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    assert {name.rpartition(".")[2] for name in found} == named


def test_only_lines_that_can_run_in_a_function_count() -> None:
    read = read_python(
        "import os\n\n\ndef f(a,\n      b=1):\n    '''Doc.'''\n    x: int\n    if (a and\n            b):\n"
        "        return [\n            1,\n        ]\n    # why\n    try:\n        os.stat(a)\n"
        "    except OSError:\n        pass\n"
    )
    [piece] = read.pieces(4, 4)
    runs = read_piece(read, piece).runs
    assert runs == {8: (8, 9), 9: (8, 9), 10: (10, 12), 11: (10, 12), 12: (10, 12), 15: (15, 15), 17: (17, 17)}


def test_what_does_not_parse_says_nothing() -> None:
    read = read_python("def f(:\n    return 1\nx = 1\n")
    assert read_piece(read, Piece(1, 3)) is NOTHING
    assert read.string_at(2) is None


def test_lines_are_counted_as_python_counts_them() -> None:
    assert split_lines("a\r\nb\rc\x0cd\u2028e\n") == ("a", "b", "c\x0cd\u2028e")
