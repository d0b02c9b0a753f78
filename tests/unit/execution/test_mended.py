"""Which functions a fix changed, as syntax."""

from triage.execution.mended import functions

SOURCE = '''
def plain(x):
    """Says what it does."""
    return x  # as it is


class Cart:
    @property
    def total(self):
        def each(item):
            return item.price
        return sum(map(each, self.items))
'''


def test_functions_by_qualified_name() -> None:
    assert set(functions(SOURCE)) == {"plain", "Cart.total", "Cart.total.each"}


def test_comments_docstrings_and_places_are_no_change() -> None:
    moved = "\n\n" + SOURCE.replace("  # as it is", "").replace("Says what it does", "Another word")
    assert functions(moved) == functions(SOURCE)


def test_a_changed_line_is() -> None:
    changed = functions(SOURCE.replace("return x ", "return x or 0 "))
    assert [name for name, text in changed.items() if text != functions(SOURCE)[name]] == ["plain"]
