"""Escape is told from what is typed behind it, however the bytes are cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual._xterm_parser import XTermParser

from triage.tui.escapes import PASTE, PASTED, Escapes, bound_with_alt


def keys(*parts: str, alt: str = "") -> list[str]:
    """What the app is told."""
    escapes, parser = Escapes(frozenset(alt)), XTermParser()
    found: list[str] = []
    for text in [*map(escapes.read, parts), escapes.overdue()]:
        for event in parser.feed(text) if text else ():
            if isinstance(event, events.Paste):
                found.append(f"paste {event.text}")
            else:
                found.append(event.key if isinstance(event, events.Key) else type(event).__name__)
    return found


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        (["\x1bx"], ["escape", "x"]),
        (["\x1b", "x"], ["escape", "x"]),
        (["\x1b"], ["escape"]),
        (["\x1bj\x1bk"], ["escape", "j", "escape", "k"]),
        (["\x1b\x1b\x1b"], ["escape"] * 3),
        (["\x1b\r"], ["escape", "enter"]),
        (["\x1b[A\x1bOPj"], ["up", "f1", "j"]),
        (["\x1b", "[A"], ["up"]),
        (["\x1b[5", "~j"], ["pageup", "j"]),
        (["\x1b" + "j" * 50], ["escape", *"j" * 50]),
        (["\x1b[27u\x1b[106u"], ["escape", "j"]),
        (["\x1b[<0;10;10Mj"], ["MouseDown", "j"]),
    ],
)
def test_keys_typed_ahead_are_the_keys_that_were_typed(parts: list[str], told: list[str]) -> None:
    assert keys(*parts) == told


def test_alt_means_alt_where_it_is_bound() -> None:
    assert keys("\x1bx", alt="x") == ["alt+x"]
    assert bound_with_alt(frozenset({"alt+x", "ctrl+x", "alt+up"})) == {"x"}


@given(st.lists(st.sampled_from(["\x1b", "j", "\x1b[A", "\x1b[5~", "\x1bOP", "é", "\t"]), max_size=8), st.data())
def test_cuts_make_no_difference(typed: list[str], data: st.DataObject) -> None:
    names = {"\x1b": "escape", "\x1b[A": "up", "\x1b[5~": "pageup", "\x1bOP": "f1", "é": "é", "\t": "tab"}
    text = "".join(typed)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=4)))
    parts = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    told = [key if len(key) > 1 or key == "j" else "é" for key in keys(*parts)]
    assert told == [names.get(key, key) for key in typed]


@given(st.text(st.sampled_from("ab\x1b[201~x"), max_size=12), st.data())
def test_what_is_pasted_never_becomes_keys(pasted: str, data: st.DataObject) -> None:
    if PASTED in pasted:
        return
    text = f"{PASTE}{pasted}{PASTED}j"
    cut = data.draw(st.integers(0, len(text)))
    told = keys(text[:cut], text[cut:])
    assert told[-1] == "j"
    assert all(item.startswith("paste ") for item in told[:-1])
