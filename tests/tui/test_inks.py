"""Every ink can be read on every ground, in every theme, with as many colours as the terminal has."""

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from triage.tui import theme
from triage.tui.delta import look
from triage.tui.inks import GROUNDS, INKS, LEAST_CONTRAST, Palette, contrast

OWN = [one for one in theme.OWN if not one.ansi]
THEMES = [*OWN, *(one for name, one in sorted(BUILTIN_THEMES.items()) if not one.ansi)]


def shown(style: Style) -> Color:
    """The letter's colour as it goes to the terminal."""
    codes = look(style, ColorSystem.TRUECOLOR).front.split(";")
    if codes[1] == "5":
        from rich._palettes import EIGHT_BIT_PALETTE

        return Color(*EIGHT_BIT_PALETTE[int(codes[2])])
    red, green, blue = map(int, codes[2:])
    return Color(red, green, blue)


@pytest.mark.parametrize("colours", [1 << 24, 256])
@pytest.mark.parametrize("one", THEMES, ids=lambda one: one.name)
def test_every_ink_can_be_read_on_every_ground(one: Theme, colours: int) -> None:
    palette = Palette(one.to_color_system().generate(), own=False, colours=colours, dark=one.dark)
    for ink in (name for name, ink in INKS.items() if not ink.drawn):
        for ground in GROUNDS:
            style = palette.style(ink, ground)
            assert style.bgcolor is not None
            back = Color.from_rich_color(style.bgcolor)
            best = max(contrast(Color(255, 255, 255), back), contrast(Color(0, 0, 0), back))
            owed = min(LEAST_CONTRAST, best) - 0.01
            assert contrast(Color.from_rich_color(style.color), back) >= owed, (ink, ground)
            assert contrast(shown(style), back) >= owed, (ink, ground)


@pytest.mark.parametrize("own", [True, False])
def test_with_sixteen_colours_the_cursor_and_marks_are_told_apart_without_colour(own: bool) -> None:
    variables = theme.DARK.to_color_system().generate()
    palette = Palette(variables, own=own, colours=16)
    assert palette.style("text", "cursor").reverse
    assert palette.style("text", "band").bold
    assert not palette.style("text").bold
