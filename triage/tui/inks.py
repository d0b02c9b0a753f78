"""The inks and grounds that lines are written in, mixed from the theme's colours.

Widgets that draw line by line would otherwise each need a component class per ink, which
Textual styles one by one for every widget and every change of focus.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.style import Style
from textual.color import Color


@dataclass(frozen=True, slots=True)
class Ink:
    """A theme colour, how much of it (1: pure, 0: the ground), and how the letters look.

    `plain` is the colour to take of a terminal's own, where nothing can be mixed and another would
    be louder. `drawn` is for lines, which need not be read.
    """

    colour: str
    amount: float = 1.0
    bold: bool = False
    italic: bool = False
    dim: bool = False
    plain: str = ""
    drawn: bool = False


INKS: Mapping[str, Ink] = {
    "text": Ink("foreground"),
    "strong": Ink("foreground", bold=True),
    "name": Ink("foreground", 0.9),
    "dim": Ink("foreground", 0.66, dim=True),
    "faint": Ink("foreground", 0.45, dim=True),
    "accent": Ink("accent"),
    "good": Ink("success"),
    "bad": Ink("error"),
    "warn": Ink("warning"),
    "key": Ink("primary", bold=True),
    "trend": Ink("primary", 0.85),
    "head": Ink("foreground", 0.55, dim=True),
    "head-sorted": Ink("primary", bold=True),
    "value": Ink("secondary", italic=True),
    "rule": Ink("foreground", 0.2, plain="ansi_bright_black", drawn=True),
    "rule-focused": Ink("primary", drawn=True),
    "gutter": Ink("foreground", 0.4, dim=True),
    "covered": Ink("success", 0.85),
    "crash": Ink("foreground", bold=True),
    "keyword": Ink("primary"),
    "string": Ink("success", 0.9),
    "number": Ink("accent", 0.95),
    "comment": Ink("foreground", 0.5, italic=True, dim=True),
    "function": Ink("warning", 0.95, plain="accent"),
    "builtin": Ink("secondary"),
    "added": Ink("success"),
    "removed": Ink("error"),
    "hit": Ink("warning", bold=True),
}
"""Every ink by name; a line's runs name theirs."""


@dataclass(frozen=True, slots=True)
class Ground:
    """A background: a theme colour mixed into `under`; `reverse` where nothing can be mixed.

    `dark` and `light` are the entries of xterm's table of 256 to use on terminals that have no
    more: their nearest to a faint mixture is often black.
    """

    colour: str
    amount: float
    dark: int
    light: int
    under: str = "background"
    reverse: bool = False
    bold: bool = False


GROUNDS: Mapping[str, Ground] = {
    "": Ground("background", 1.0, 233, 231),
    "cursor": Ground("primary", 0.24, 24, 153, reverse=True),
    "cursor-blurred": Ground("foreground", 0.09, 236, 254, bold=True),
    "band": Ground("error", 0.14, 52, 224, bold=True),
    "found": Ground("warning", 0.2, 58, 229, bold=True),
    "added": Ground("success", 0.14, 22, 194),
    "removed": Ground("error", 0.14, 52, 224),
    "added-word": Ground("success", 0.34, 28, 157, bold=True),
    "removed-word": Ground("error", 0.34, 88, 217, bold=True),
    "bar": Ground("panel", 1.0, 235, 254),
    "bar-warning": Ground("warning", 0.2, 58, 223, "panel", bold=True),
}


LEAST_CONTRAST = 4.5
"""Between letters and their ground: WCAG 2.1's level AA for text, whatever the theme's colours are."""

WHITE, BLACK = Color(255, 255, 255), Color(0, 0, 0)


def contrast(one: Color, other: Color) -> float:
    """WCAG's ratio of two colours' luminances: 1 (the same) to 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: Color) -> float:
    parts = (part / 255 for part in colour.rgb)
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


UNSEEN = 20
"""How far the parts of a letter's colour (0 to 255) may be off: nobody sees it without both side by side."""


def short(colour: RichColor) -> RichColor | None:
    """The entry of xterm's table that looks like a colour, None when none comes near enough.

    It takes half the bytes, and letters change their colour more often than all else.
    """
    near = colour.downgrade(ColorSystem.EIGHT_BIT)
    if colour.triplet is None or near.number is None or near.number < 16:  # those are the terminal's own
        return None
    off = max(abs(ours - theirs) for ours, theirs in zip(colour.triplet, near.get_truecolor(), strict=True))
    return near if off <= UNSEEN else None


def readable(front: Color, back: Color) -> Color:
    """`front`, or as little lighter (on dark grounds; else darker) as makes it readable on `back`,
    also in the short spelling."""
    end = max(WHITE, BLACK, key=lambda extreme: contrast(extreme, back))
    for step in range(20):
        mixed = front.blend(end, step / 20, alpha=1.0)
        brief = short(mixed.rich_color)
        spelled = [mixed] if brief is None else [mixed, Color.from_rich_color(brief)]
        if all(contrast(each, back) >= LEAST_CONTRAST for each in spelled):
            return mixed
    return end


class Palette:
    """The styles of one theme.

    `own` means that the terminal's own colours are used, on its own background (ANSI themes).
    `colours` is how many the terminal has: with 256 some grounds have a colour of their own,
    with 16 they cannot be told apart and are reversed or bold instead.
    """

    def __init__(self, variables: Mapping[str, str], *, own: bool, colours: int = 1 << 24, dark: bool = True) -> None:
        self._variables = variables
        self._own = own
        self._colours = colours
        self._dark = dark
        self._styles: dict[tuple[str, str], Style] = {}

    def style(self, ink: str, ground: str = "") -> Style:
        """The style of an ink on a ground. KeyError for names that are not in the tables."""
        style = self._styles.get((ink, ground))
        if style is None:
            make = self._mixed_style if not self._own and self._colours > 16 else self._plain_style
            style = self._styles[ink, ground] = make(INKS[ink], GROUNDS[ground])
        return style

    def _mixed_style(self, ink: Ink, ground: Ground) -> Style:
        if self._colours == 256 and ground.colour not in ("background", "panel"):
            back = Color.from_rich_color(RichColor.from_ansi(ground.dark if self._dark else ground.light))
        else:
            under = Color.parse(self._variables[ground.under])
            back = under.blend(Color.parse(self._variables[ground.colour]), ground.amount, alpha=1.0)
        mixed = back.blend(Color.parse(self._variables[ink.colour]), ink.amount, alpha=1.0)
        front = mixed if ink.drawn else readable(mixed, back)
        return Style(color=front.rich_color, bgcolor=back.rich_color, bold=ink.bold or None, italic=ink.italic or None)

    def _plain_style(self, ink: Ink, ground: Ground) -> Style:
        # A reversed line is one bar: inks of several colours would make it a row of patches.
        name = "foreground" if ground.reverse else (ink.plain if self._own and ink.plain else ink.colour)
        colour = Color.parse(self._variables.get(name, name))
        back = None if self._own else Color.parse(self._variables["background"]).rich_color
        return Style(
            color=(None if ground.reverse else colour.rich_color) if self._own else colour.rich_color,
            bgcolor=back,
            bold=ink.bold or ground.bold or None,
            italic=ink.italic or None,
            dim=(ink.dim and not ground.reverse) or None,
            reverse=ground.reverse or None,
        )
