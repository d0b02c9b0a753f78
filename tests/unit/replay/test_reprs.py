"""Reading reprs: literals come back equal, marks are told apart, nothing hostile is let through."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.stack.reprs import classify, read_repr

literals = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.binary()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
)


@given(literals)
def test_the_repr_of_a_literal_reads_back_as_an_equal_value(value: object) -> None:
    read = read_repr(repr(value))
    assert read is not None
    assert read.is_literal
    assert ast.literal_eval(read.tree) == value


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_without_an_error(text: str) -> None:
    read = read_repr(text)
    assert read is None or isinstance(read.tree, ast.expr)


@pytest.mark.parametrize(
    "text",
    [
        "__import__('os').system('id')",
        "(lambda: 1)()",
        "[x for x in ()]",
        "a.__class__()",
        "open",
        "f'{1}'",
        "x if y else z",
        "Foo(*args)",
        "Foo(**{'a': 1})",
        "Foo()()",
        "Foo().bar",
        "1 if True else 2",
        "print('x') or 1",
    ],
)
def test_code_in_place_of_a_repr_is_refused(text: str) -> None:
    assert read_repr(text) is None


@pytest.mark.parametrize(
    ("text", "what", "name"),
    [
        ("<class 'shop.models.Order'>", "class", "shop.models.Order"),
        ("<Color.RED: 1>", "enum", "Color"),
        ("<function Foo.bar at 0x7f00>", "function", "Foo.bar"),
        ("<module 'json' from '/usr/lib/json/__init__.py'>", "module", "json"),
        ("<generator object rows at 0x7f00>", "generator", "rows"),
        ("<shop.Cart object at 0x7f00>", "instance", "shop.Cart"),
        ("<_io.BytesIO object at 0x7f00>", "stream", "BytesIO"),
        ("<re.Match object; span=(0, 3), match='a>b'>", "match", "0, 3"),
    ],
)
def test_marks_are_told_apart(text: str, what: str, name: str) -> None:
    mark = classify(text)
    assert (mark.what, mark.name) == (what, name)


def test_marks_inside_containers_are_kept_apart_from_strings_that_look_like_them() -> None:
    read = read_repr("[<Color.RED: 1>, '<not a mark>', {'k': <shop.Cart object at 0x1>}]")
    assert read is not None
    assert [mark.what for mark in read.opaques] == ["enum", "instance"]


def test_constructor_calls_are_kept_for_whoever_decides_about_the_names() -> None:
    read = read_repr("Order(id=7, placed=datetime.datetime(2024, 1, 2), total=Decimal('1.5'))")
    assert read is not None
    assert not read.is_literal
