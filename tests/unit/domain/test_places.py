"""Which source line a line of output speaks of."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.domain.places import Place, last_place, place_in


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("shop/cart.py:8: in total", Place("shop/cart.py", 8)),
        ("   shop/cart.py:8: KeyError", Place("shop/cart.py", 8)),
        ('  File "/srv/app/shop/cart.py", line 12, in total', Place("/srv/app/shop/cart.py", 12)),
        ('  | File "a b/c.py", line 3, in <module>', Place("a b/c.py", 3)),
        ('E     File "/x/test_a.py", line 4', Place("/x/test_a.py", 4)),
        ("../lib/python3.11/json/decoder.py:355: ValueError", Place("../lib/python3.11/json/decoder.py", 355)),
        ("tests/test_cart.py F", None),
        ("E   KeyError: 'sku'", None),
        ("    total += prices[item]", None),
        ("shop/cart.py:0: in total", None),
        ("http://host.py:80/", None),
        ("", None),
    ],
)  # fmt: skip
def test_places_are_found(text: str, wanted: Place | None) -> None:
    assert place_in(text) == wanted


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    found = place_in(text)
    assert found is None or found.line > 0
    last_place(text, "a.py")


def test_the_last_line_of_a_file_and_the_error_after_it() -> None:
    output = "t/test_a.py:8: in test_a\n    a()\nt/test_a.py:9: in test_a\n    f()\n"
    output += "b.py:3: in f\nE   KeyError: 'x'\nE   more\n"
    assert last_place(output, "t/test_a.py") == (9, "KeyError: 'x'")
    assert last_place(output, "test_a.py") == (9, "KeyError: 'x'")
    assert last_place(output, "c.py") is None
    assert last_place("t/test_a.py:9: in x\n", "t/test_a.py") == (9, "")
