"""Tells the escape key from the beginning of a longer key, whatever was typed right behind it.

Escape is one byte, and the arrows begin with it. Textual 8.2.8 waits a tenth of a second for what
follows and takes it for one key: typed ahead, or bunched by a slow link, `esc` and `j` come out as
"^" and "j", or as nothing. Here the bytes are read before it: an escape that begins nothing becomes
the unambiguous spelling of the kitty protocol, which the parser understands.
"""

from __future__ import annotations

ESC = "\x1b"
ESCAPE_KEY = "\x1b[27u"
BEGINS = "[O"
"""What follows an escape that begins a key or a report; the app asks for no reports of other kinds."""

PASTE, PASTED = "\x1b[200~", "\x1b[201~"
ALWAYS_ALT = "\x7f"  # alt+backspace deletes a word in text fields


class Escapes:
    """Rewrites what the terminal sends. `alt` are characters that keys with alt are bound to."""

    def __init__(self, alt: frozenset[str] = frozenset()) -> None:
        self.alt = alt
        self._held = ""
        self._pasting = False

    def read(self, text: str) -> str:
        """What to hand on. An escape at the very end is kept until more comes, or `overdue`."""
        text, self._held = self._held + text, ""
        if ESC not in text and not self._pasting:
            return text
        made: list[str] = []
        at = 0
        while at < len(text):
            if self._pasting:
                end = text.find(PASTED, at)
                if end < 0:
                    # Its end may be cut in two: what could be its beginning waits.
                    kept = next((size for size in range(len(PASTED) - 1, 0, -1) if text.endswith(PASTED[:size])), 0)
                    stop = max(at, len(text) - kept)
                    self._held = text[stop:]
                    made.append(text[at:stop].replace(ESC, ""))  # the parser would end the paste there
                    break
                made.append(text[at:end].replace(ESC, "") + PASTED)
                at = end + len(PASTED)
                self._pasting = False
                continue
            start = text.find(ESC, at)
            if start < 0:
                made.append(text[at:])
                break
            made.append(text[at:start])
            rest = text[start + 1 : start + 2]
            if PASTE.startswith(text[start:]) and len(text) - start < len(PASTE):
                self._held = text[start:]
                break
            if text.startswith(PASTE, start):
                made.append(PASTE)
                at = start + len(PASTE)
                self._pasting = True
            elif rest in self.alt or rest == ALWAYS_ALT:
                made.append(f"{ESC}[{ord(rest)};3u")
                at = start + 2
            elif rest in BEGINS:
                made.append(text[start : start + 2])
                at = start + 2
            else:
                made.append(ESCAPE_KEY)
                at = start + 1
        return "".join(made)

    def overdue(self) -> str:
        """What was kept, once nothing followed it for a while."""
        held, self._held = self._held, ""
        return ESCAPE_KEY + held[1:] if held in (ESC, ESC + "[") and not self._pasting else held


def bound_with_alt(keys: frozenset[str]) -> frozenset[str]:
    """The characters of Textual's key names that are bound with alt."""
    return frozenset(key[4:] for key in keys if key.startswith("alt+") and len(key) == 5)
