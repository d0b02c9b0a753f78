"""The comparison keeps both texts whole and marks what differs, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from triage.domain.compare import Change, compare

texts = st.lists(st.sampled_from(["", "a = 1", "a = 2", "def f():", "    return x", "[/b] odd"]), max_size=12).map(
    "\n".join
)


@given(texts, texts)
def test_each_side_reads_as_the_text_it_came_from(left: str, right: str) -> None:
    rows = compare(left, right)
    assert [row.left.text for row in rows if row.left] == left.splitlines()
    assert [row.right.text for row in rows if row.right] == right.splitlines()


@given(texts)
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert {row.change for row in compare(text, text)} <= {Change.SAME}


def test_only_the_word_that_changed_is_marked() -> None:
    (row,) = compare("total = price * 2", "total = price * 3")
    assert row.change is Change.CHANGED
    assert row.left is not None
    assert row.right is not None
    assert [row.left.text[a:b] for a, b in row.left.spans] == ["2"]
    assert [row.right.text[a:b] for a, b in row.right.spans] == ["3"]


def test_an_inserted_line_does_not_pair_with_a_stranger() -> None:
    rows = compare("import a\nx = f(1)", "import a\n# why\nx = f(2)")
    assert [row.change for row in rows] == [Change.SAME, Change.ADDED, Change.CHANGED]


def test_a_huge_text_is_compared_by_position() -> None:
    left = "\n".join(f"{n}" for n in range(5_000))
    rows = compare(left, left + "\nmore")
    assert rows[-1].change is Change.ADDED
    assert len(rows) == 5_001
