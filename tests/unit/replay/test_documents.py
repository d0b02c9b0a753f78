"""Examples of docstrings and documents, read as programs."""

from hypothesis import given
from hypothesis import strategies as st

from triage.drafting.replay.mining.documents import programs


def text_of(path: str, text: str) -> list[str]:
    return ["\n".join(source.lines[at] for at in sorted(source.lines)).strip() for source in programs(path, text)]


def test_each_docstring_is_a_program() -> None:
    code = 'def a():\n    """One.\n\n    >>> x = 1\n    >>> a(x)\n    2\n    """\n\n\ndef b():\n    """>>> b()"""\n'
    assert text_of("pkg/mod.py", code) == ["x = 1\na(x)", "b()"]
    assert programs("pkg/mod.py", code)[1].path == "pkg/mod.py#1"


def test_an_example_that_raises_is_left_out() -> None:
    text = ">>> f(1)\n2\n\n>>> f('')\nTraceback (most recent call last):\nValueError: empty\n"
    assert text_of("README.rst", text) == ["f(1)"]


def test_code_blocks_without_prompts_are_programs() -> None:
    markdown = "Use\n\n```python\nimport pkg\npkg.run('a')\n```\n\n```console\n$ pkg\n```\n"
    assert text_of("README.md", markdown) == ["import pkg\npkg.run('a')"]
    rst = "Use\n\n.. code-block:: python\n   :linenos:\n\n   import pkg\n   pkg.run('a')\n\nAnd so on.\n"
    assert text_of("docs/use.rst", rst) == ["import pkg\npkg.run('a')"]


@given(st.text(alphabet=">.` \n:a()'\"\\", max_size=200))
def test_no_document_breaks_it(text: str) -> None:
    programs("a.rst", text)
    programs("a.py", text)
