"""Which functions a fix changed, as syntax."""

import asyncio
import subprocess
from pathlib import Path

from triage.execution.mended import changed_and_ran, functions

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


def git(repo: Path, *words: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org"]
    subprocess.run(["git", *identity, *words], cwd=repo, check=True, capture_output=True)


def test_a_function_that_reads_a_mended_constant_counts(tmp_path: Path) -> None:
    file = tmp_path / "bars.py"
    text = "PATTERN = {!r}\nOTHER = 1\n\n\ndef register(md):\n    md.add(PATTERN)\n\n\ndef other():\n    return OTHER\n"
    git(tmp_path, "init", "-q")
    for pattern in (r"100(?:.0+)?", r"100(?:\.0+)?"):
        file.write_text(text.format(pattern))
        git(tmp_path, "add", "bars.py")
        git(tmp_path, "commit", "-q", "-m", pattern)
    ran = [("bars.py", "register"), ("bars.py", "other")]
    assert asyncio.run(changed_and_ran(tmp_path, "HEAD~1", "HEAD", ran)) == ("register",)
    assert asyncio.run(changed_and_ran(tmp_path, "HEAD~1", "HEAD", ran[1:])) == ()
