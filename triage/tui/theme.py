"""The app's own colour themes, beside Textual's."""

from collections.abc import Mapping
from dataclasses import replace

from textual.theme import BUILTIN_THEMES, Theme

DARK = Theme(
    name="triage-dark",
    primary="#6cb6ff",
    secondary="#8ea6c8",
    accent="#f0a45d",
    warning="#e8c06a",
    error="#ff7b72",
    success="#7ccf8a",
    foreground="#d5dae3",
    # Nearly neutral: terminals with 256 colours turn bluer ones into navy or black.
    background="#14161a",
    surface="#1a1d22",
    panel="#262a31",
    dark=True,
)

LIGHT = Theme(
    name="triage-light",
    primary="#0b5cad",
    secondary="#44597a",
    accent="#a84a00",
    warning="#7d5700",
    error="#b3261e",
    success="#1a6b32",
    foreground="#20262e",
    background="#fbfaf7",
    surface="#f2f0eb",
    panel="#e3dfd6",
    dark=False,
)

QUIET = "ansi_bright_black"
"""For rules and scrollbars in the terminal's own colours: the default foreground would be the loudest there."""

# Blue letters cannot be read on many black terminals; green is what is good.
ANSI_DARK = replace(
    BUILTIN_THEMES["ansi-dark"],
    primary="ansi_bright_blue",
    accent="ansi_magenta",
    variables={**BUILTIN_THEMES["ansi-dark"].variables, "rule": QUIET, "handle": QUIET, "field": "ansi_default"},
)
ANSI_LIGHT = replace(
    BUILTIN_THEMES["ansi-light"],
    variables={**BUILTIN_THEMES["ansi-light"].variables, "rule": QUIET, "handle": QUIET, "field": "ansi_default"},
)

OWN = (DARK, LIGHT, ANSI_DARK, ANSI_LIGHT)
CYCLE = ("triage-dark", "triage-light", "ansi-dark", "ansi-light", "textual-dark", "textual-light", "nord", "gruvbox")
FALLBACK = DARK.name


def with_rules(variables: Mapping[str, str]) -> dict[str, str]:
    """A theme's variables with the colours of our own style sheets: `rule` of lines between panels,
    `handle` of scrollbars, `field` behind what one types."""
    foreground, primary = variables["foreground"], variables["primary"]
    mixed = {"rule": f"{foreground} 20%", "handle": f"{foreground} 25%", "field": f"{primary} 15%"}
    return {**mixed, **variables}


def choose(name: str) -> tuple[str, str | None]:
    """The theme to use for a configured name, and a sentence when that name is not known."""
    names = [*dict.fromkeys([*(theme.name for theme in OWN), *BUILTIN_THEMES])]
    if name in names:
        return name, None
    import difflib

    near = difflib.get_close_matches(name, names, 1)
    hint = f"did you mean {near[0]}?" if near else f"known: {', '.join(names)}"
    return FALLBACK, f"unknown theme {name!r}: {hint}"


def after(name: str) -> str:
    """The theme that follows in the cycle."""
    return CYCLE[(CYCLE.index(name) + 1) % len(CYCLE)] if name in CYCLE else CYCLE[0]
