"""Which keys do what: the registry's keys with the user's own, checked before the app starts."""

from collections.abc import Mapping
from dataclasses import dataclass

from textual.keys import Keys, _character_to_key

from triage.errors import UsageError
from triage.tui.actions import ACTIONS, BY_ID, SCREEN_SCOPES, Action, on_screen

RESERVED = {
    "ctrl+i": "terminals send the same byte for tab",
    "ctrl+m": "terminals send the same byte for enter",
    "ctrl+j": "terminals send the same byte for enter (line feed)",
    "ctrl+h": "terminals send the same byte for backspace",
    "ctrl+left_square_bracket": "terminals send the same byte for escape",
    "ctrl+c": "copies the selection; a second press is how people leave a program that hangs",
    "ctrl+z": "suspends the program",
    "ctrl+enter": "most terminals send the same byte for enter",
    "shift+enter": "most terminals send the same byte for enter",
    "ctrl+b": "tmux's prefix",
    "ctrl+a": "screen's prefix, and start of line in text fields",
}
"""Keys that never arrive, or that mean something outside the app, and why."""

_DISPLAY = {
    "question_mark": "?",
    "colon": ":",
    "slash": "/",
    "apostrophe": "'",
    "plus": "+",
    "underscore": "_",
    "vertical_line": "|",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
    "space": "space",
}

_NAMES = frozenset(key.value for key in Keys)


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys in force. `overrides` is what Textual's own keymap needs to know."""

    keys: Mapping[str, tuple[str, ...]]
    overrides: Mapping[str, str]

    def of(self, action: Action) -> tuple[str, ...]:
        """The keys of an action."""
        return self.keys[action.id]

    def shown(self, action: Action, most: int = 1) -> str:
        """Its keys as they are written on a keyboard: "?", "ctrl+p"."""
        return " ".join(display(key) for key in self.of(action)[:most])


def display(key: str) -> str:
    """A Textual key name as people write it."""
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    return "+".join([*modifiers, _DISPLAY.get(last, last)])


def build_keymap(configured: Mapping[str, str]) -> Keymap:
    """The registry's keys with `configured` ("action id" to "key, key") over them.

    Raises UsageError for an unknown action, an unknown or reserved key, and for two actions
    of one screen on the same key, naming both.
    """
    keys = {action.id: action.keys for action in ACTIONS}
    for name, value in configured.items():
        if name not in BY_ID:
            import difflib

            near = difflib.get_close_matches(name, list(BY_ID), 1)
            hint = f"did you mean {near[0]}?" if near else "docs/keys.md lists all actions"
            raise UsageError(f"unknown action {name!r}", "in [keys] of the configuration", hint)
        keys[name] = tuple(_checked(name, part) for part in value.replace(" ", "").split(",") if part)
        if not keys[name]:
            raise UsageError(f"no key for {name}", "in [keys] of the configuration", "name at least one key")
    if configured:
        _refuse_clashes(keys, frozenset(configured))
    overrides = {name: ",".join(keys[name]) for name in configured}
    return Keymap(keys, overrides)


def _checked(name: str, key: str) -> str:
    *modifiers, last = key.split("+") if key not in ("+", "") else [key]
    full = "+".join([*modifiers, _character_to_key(last) if len(last) == 1 else last])
    if full in RESERVED:
        raise UsageError(f"{display(full)} cannot be used for {name}", RESERVED[full], "choose another key")
    if name.startswith("edit.") and len(last) == 1 and "ctrl" not in modifiers and "alt" not in modifiers:
        raise UsageError(
            f"{key} cannot be used for {name}", "it is typed into the text there", "use ctrl, or f1 to f12"
        )
    known = len(last) == 1 or last in _NAMES or full in _NAMES or _character_name(last)
    if not known or any(modifier not in ("ctrl", "shift", "alt") for modifier in modifiers):
        import difflib

        near = [full.lower()] if full.lower() in _NAMES else difflib.get_close_matches(full.lower(), sorted(_NAMES), 1)
        raise UsageError(f"unknown key {key!r} for {name}", "", f"did you mean {near[0]}?" if near else "")
    return full


def _character_name(name: str) -> bool:
    """Whether `name` is Textual's long form of one character, as in "question_mark"."""
    import unicodedata

    try:
        unicodedata.lookup(name.replace("_", " ").upper())
    except KeyError:
        return name in _DISPLAY or name in ("plus", "minus", "slash", "backslash", "underscore")
    return True


def _refuse_clashes(keys: Mapping[str, tuple[str, ...]], changed: frozenset[str]) -> None:
    for screen in SCREEN_SCOPES:
        owner: dict[str, Action] = {}
        for action in on_screen(screen):
            for key in keys[action.id]:
                other = owner.setdefault(key, action)
                if other is action or not {other.id, action.id} & changed or _shadows(other, action):
                    continue
                raise UsageError(
                    f"{display(key)} is both {other.id} and {action.id}",
                    f"on the {screen} screen",
                    "give one of them another key in [keys]",
                )


def _shadows(first: Action, second: Action) -> bool:
    """Whether the registry itself lets `first` hide `second` on this key (as review.next hides list.open)."""
    return first.scope != second.scope and bool(set(first.keys) & set(second.keys))
