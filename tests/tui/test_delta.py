"""Only changes are written, and the terminal shows what it would have shown."""

from collections.abc import Iterable

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.color import ColorSystem
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from triage.tui.delta import NOTHING, Delta, look

WIDTH, HEIGHT = 24, 4
STYLES = [
    Style(),
    Style(color="#005f87", bgcolor="#ffffff"),
    Style(color="#00ff5f", bgcolor="#ffffff", bold=True),
    Style(bold=True, italic=True),
    Style(reverse=True),
    Style(color="red", underline=True),
    Style(bgcolor="#004000"),
    Style(strike=True, color="bright_blue"),
]
TEXTS = ["a", "bc ", " " * 15, "total = 0", "éü", "▌ ✓", "x" * 9, "   "]
pieces = st.lists(st.tuples(st.sampled_from(TEXTS), st.sampled_from(STYLES)), max_size=6)


def strip(parts: list[tuple[str, Style]], cells: int = WIDTH) -> Strip:
    return Strip([Segment(text, style) for text, style in parts]).adjust_cell_length(cells, STYLES[0])


@st.composite
def updates(draw: st.DrawFn) -> CompositorUpdate:
    if draw(st.booleans()):
        lines: list[Iterable[Strip]] = [[strip(draw(pieces))] for _ in range(HEIGHT)]
        return LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))
    y = draw(st.integers(0, HEIGHT - 1))
    x = draw(st.integers(0, WIDTH - 2))
    end = draw(st.integers(x + 1, WIDTH))
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    ends: list[list[int]] = [[] for _ in range(HEIGHT)]
    chops[y], ends[y] = {0: None, x: strip(draw(pieces), end - x)}, [x, end]
    return ChopsUpdate(chops, [(y, x, end)], ends)


def test_a_letters_colour_takes_few_bytes_where_nobody_sees_it() -> None:
    near, far = (look(Style(color=colour), ColorSystem.TRUECOLOR) for colour in ("#93979e", "#ff2299"))
    assert near.front == "38;5;246"
    assert far.front == "38;2;255;34;153"


def lined(cell: pyte.screens.Char) -> bool:
    return cell.reverse or cell.underscore or cell.strikethrough


class Terminal:
    def __init__(self) -> None:
        self.screen = pyte.Screen(WIDTH, HEIGHT)
        self.screen.reset_mode(pyte.modes.DECAWM)  # as Textual switches it off
        self.stream = pyte.Stream(self.screen)
        self.bytes = 0

    def write(self, text: str) -> None:
        self.bytes += len(text)
        self.stream.feed(text.replace("\n", ""))

    def cells(self) -> list[list[object]]:
        """What can be seen: of a blank, its ground and its lines."""
        seen: list[list[object]] = []
        for y in range(HEIGHT):
            row = [self.screen.buffer[y][x] for x in range(WIDTH)]
            seen.append([(cell.bg,) if cell.data == " " and not lined(cell) else cell for cell in row])
        return seen


@settings(max_examples=150, deadline=None)
@given(st.lists(updates(), min_size=1, max_size=8), st.booleans())
def test_the_terminal_shows_what_textual_would_have_written(sequence: list[CompositorUpdate], erases: bool) -> None:
    console = Console(color_system="truecolor", force_terminal=True)
    whole, delta = Terminal(), Terminal()
    encoder = Delta(erases=erases)
    clear = LayoutUpdate([[strip([])] for _ in range(HEIGHT)], Region(0, 0, WIDTH, HEIGHT))
    for update in [clear, *sequence]:
        whole.write(update.render_segments(console))
        encoded = encoder.encode(update, WIDTH, HEIGHT)
        assert encoded is not None
        delta.write(encoded)
        assert delta.cells() == whole.cells()


def test_what_did_not_change_is_not_written() -> None:
    encoder = Delta()
    lines: list[Iterable[Strip]] = [[strip([("total = 0", STYLES[1])])] for _ in range(HEIGHT)]
    update = LayoutUpdate(lines, Region(0, 0, WIDTH, HEIGHT))
    assert encoder.encode(update, WIDTH, HEIGHT)
    assert encoder.encode(update, WIDTH, HEIGHT) == ""
    one: list[Iterable[Strip]] = [*lines[:2], [strip([("total = 1", STYLES[1])])], lines[3]]
    changed = encoder.encode(LayoutUpdate(one, Region(0, 0, WIDTH, HEIGHT)), WIDTH, HEIGHT)
    assert changed is not None
    assert changed.startswith("\x1b[3;9H")
    assert len(changed) < 60
    encoder.forget()
    assert len(encoder.encode(update, WIDTH, HEIGHT) or "") > 100


def test_nothing_is_made_up_about_cells_that_were_never_written() -> None:
    encoder = Delta()
    chops: list[dict[int, Strip | None]] = [{} for _ in range(HEIGHT)]
    chops[1] = {0: None, 5: strip([("ab", STYLES[0])], 2), 7: None}
    update = ChopsUpdate(chops, [(1, 5, 7)], [[], [5, 7, WIDTH], [], []])
    assert encoder.encode(update, WIDTH, HEIGHT) == "\x1b[2;6Hab"


@pytest.mark.parametrize("before", STYLES)
@pytest.mark.parametrize("after", STYLES)
def test_a_style_follows_any_other(before: Style, after: Style) -> None:
    first, second = (look(style, ColorSystem.TRUECOLOR) for style in (before, after))
    screen = pyte.Screen(4, 1)
    pyte.Stream(screen).feed(first.after(NOTHING) + "a" + second.after(first) + "b")
    plain = pyte.Screen(4, 1)
    pyte.Stream(plain).feed(" \x1b[0m" + second.after(NOTHING) + "b")
    assert screen.buffer[0][1] == plain.buffer[0][1]


def test_a_line_with_wide_characters_is_written_whole() -> None:
    encoder = Delta()

    def show(text: str) -> str:
        line = strip([(text, STYLES[0])])
        return encoder.encode(LayoutUpdate([[line]], Region(0, 0, WIDTH, 1)), WIDTH, 1) or ""

    show("日本 = 1")
    assert "日本 = 2" in show("日本 = 2")
    assert "plain" in show("plain")
    assert show("plaid") == "\x1b[1;5Hd"


def test_half_of_a_wide_character_is_a_blank() -> None:
    encoder = Delta()
    line = strip([("日本", STYLES[0])])
    encoder.encode(LayoutUpdate([[line]], Region(0, 0, WIDTH, 1)), WIDTH, 1)
    over = ChopsUpdate([{0: None, 1: strip([("x", STYLES[0])], 1), 2: None}], [(0, 1, 2)], [[1, 2, WIDTH]])
    assert " x本" in (encoder.encode(over, WIDTH, 1) or "")


def test_without_colours_only_attributes_are_left() -> None:
    seen = look(Style(color="#ff2299", bgcolor="#202020", bold=True, reverse=True), None)
    assert (seen.front, seen.back, seen.attributes) == ("", "", {"1", "7"})
