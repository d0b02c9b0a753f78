"""Scopes of source files, checked against what Python itself calls them."""

import sys
import sysconfig
import types
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.codebase.source import MODULE, decode, read_source

TEXT = '''\
import functools

def deco(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args)
    return wrapper

class Order:
    total = sum(x for x in (1, 2))

    @deco
    @staticmethod
    def price(table):
        """Doc."""
        return [table[key]
                for key in table]

    class Line:
        def __init__(self): self.value = (lambda: 1)()

async def main():
    async def inner():
        return {k: v for k, v in ()}
    await inner()
'''


def test_names_of_every_kind_of_scope() -> None:
    source = read_source(TEXT.encode())
    expected = {
        (6, "wrapper"): "deco.<locals>.wrapper",
        (16, "price"): "Order.price",
        (16, "<listcomp>"): "Order.price.<locals>.<listcomp>",
        (10, "<genexpr>"): "Order.<genexpr>",
        (10, "Order"): "Order",
        (20, "__init__"): "Order.Line.__init__",
        (20, "<lambda>"): "Order.Line.__init__.<locals>.<lambda>",
        (24, "<dictcomp>"): "main.<locals>.inner.<locals>.<dictcomp>",
        (25, "main"): "main",
        (1, MODULE): MODULE,
    }
    for (line, name), qualname in expected.items():
        scope = source.scope_at(line, name)
        assert scope is not None, (line, name)
        assert scope.qualname == qualname
    assert source.scope_at(25, "inner") is None
    price = source.scope_at(16, "Order.price")
    assert price is not None
    assert (price.start, price.body) == (12, (15, 18))
    comprehension = source.scope_at(16, "<listcomp>")
    assert comprehension is not None
    assert source.function_around(comprehension) == price


def codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from codes(constant)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="co_qualname is new in 3.11")
@pytest.mark.parametrize("name", ["dataclasses", "typing", "asyncio/base_events", "unittest/mock", "enum"])
def test_the_standard_library_agrees_with_python(name: str) -> None:
    file = Path(sysconfig.get_paths()["stdlib"], f"{name}.py")
    content = file.read_bytes()
    source = read_source(content)
    wrong = []
    for code in codes(compile(content, str(file), "exec")):
        lines = {line for _, _, line in code.co_lines() if line}
        for line in lines - {code.co_firstlineno}:
            scope = source.scope_at(line, code.co_name)
            if scope is None or scope.qualname != code.co_qualname:
                wrong.append((line, code.co_qualname, scope and scope.qualname))
    assert not wrong


def test_code_of_a_newer_python_is_scanned_by_indentation() -> None:
    text = TEXT.replace("import functools", "type ( = broken")
    source = read_source(text.encode())
    for line, name, qualname in (
        (6, "wrapper", "deco.<locals>.wrapper"),
        (16, "price", "Order.price"),
        (24, "inner", "main.<locals>.inner"),
    ):
        scope = source.scope_at(line, name)
        assert scope is not None
        assert scope.qualname == qualname


def test_form_feeds_and_odd_line_ends_do_not_shift_lines() -> None:
    source = read_source(b"a = 1\n\x0c\nb = '\xe2\x80\xa8'\r\ndef f():\r\n    return 1\r\n")
    assert source.line(3) == "b = '\u2028'"
    scope = source.scope_at(5, "f")
    assert scope is not None
    assert scope.body == (5, 6)


def test_encodings() -> None:
    assert decode("# coding: latin-1\n# é".encode("latin-1")).endswith("é")
    assert decode(b"# coding: nonsense\nx") == "# coding: nonsense\nx"
    assert decode(b"\xff\xfe\x00") != ""


def test_deep_nesting_does_not_kill_us() -> None:
    assert read_source(b"x = " + b"(" * 5_000 + b"1" + b")" * 5_000).module.name == MODULE
    assert read_source(b"\n".join(b" " * n + b"if x:" for n in range(200))).module


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(content: bytes) -> None:
    source = read_source(content)
    assert source.module.start == 1
    for scope in source.scopes:
        assert scope.start <= scope.end


@given(st.text(alphabet="def class():\n\t @x#'", max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    assert read_source(text.encode()).module.qualname == MODULE
