"""Outside text reaches widgets only through `triage.tui.text`: held over the source of all screens."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TUI = Path(__file__).parent.parent.parent / "triage" / "tui"
FILES = sorted(file for file in TUI.rglob("*.py") if file.name != "text.py")

# What takes text and reads markup in it.
WIDGETS = {"Static", "Label", "Button", "Markdown", "Tooltip", "Collapsible", "Option", "Checkbox", "RadioButton"}
FORBIDDEN = {"Content", "Text", "from_markup", "from_rich_text", "render_markup"}
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "placeholder"}
DOORS = {"clean", "clean_lines", "literal", "literal_lines", "literal_message", "fit", "fit_end", "right", "wrap"}


def called(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def is_safe(node: ast.expr) -> bool:
    """A constant of ours, or something that went through the door."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.IfExp):
        return is_safe(node.body) and is_safe(node.orelse)
    if isinstance(node, ast.Call):
        return called(node.func) in DOORS
    if isinstance(node, ast.BinOp):
        return is_safe(node.left) and is_safe(node.right)
    # Class constants of our own, as TITLE_TEXT.
    return isinstance(node, ast.Attribute) and node.attr.isupper()


def offences(tree: ast.AST) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = called(node.func)
            if name in FORBIDDEN:
                yield node.lineno, f"{name}() makes text that did not go through triage.tui.text"
            if name in WIDGETS and not all(is_safe(item) for item in node.args):
                yield node.lineno, f"{name}() with text that did not go through triage.tui.text"
            if name == "notify":
                markup = [item.value for item in node.keywords if item.arg == "markup"]
                if not markup or not isinstance(markup[0], ast.Constant) or markup[0].value is not False:
                    yield node.lineno, "notify() without markup=False"
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES and not _title_is_safe(node.value):
                    yield node.lineno, f"{target.attr} = text that did not go through triage.tui.text"


def _title_is_safe(value: ast.expr) -> bool:
    # `TABS[...].name.capitalize()`: names of our own tabs.
    own = isinstance(value, ast.IfExp) and "TABS" in ast.dump(value)
    return own or is_safe(value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(TUI)))
def test_no_raw_text_in_widgets(file: Path) -> None:
    found = [f"{file.name}:{line}: {what}" for line, what in offences(ast.parse(file.read_text(encoding="utf-8")))]
    assert not found, "\n".join(found)


def test_the_ban_bites() -> None:
    code = "Static(issue.title)\nself.app.notify(error.detail)\nview.border_title = f'{path}'\nContent(x)"
    assert len(list(offences(ast.parse(code)))) == 4
