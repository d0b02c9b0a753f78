"""Decodes one string field out of a JSON object that arrives in pieces."""

_ESCAPES = {'"': '"', "\\": "\\", "/": "/", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


class FieldStream:
    """Feed it the pieces of a JSON object; it returns the characters of one top-level string
    field as they become known. Whatever is malformed yields nothing; who needs certainty
    parses the whole at the end.
    """

    def __init__(self, field: str) -> None:
        self._field = field
        self._depth = 0
        self._in_string = False
        self._escape = ""
        self._surrogate = ""
        self._text: list[str] = []
        self._key = ""
        self._expects_key = False
        self._streams = False

    def feed(self, piece: str) -> str:
        """The characters of the field that `piece` completes."""
        out: list[str] = []
        for char in piece:
            if self._in_string:
                self._string(char, out)
            elif char == '"':
                self._in_string = True
                self._text = []
                self._streams = self._depth == 1 and not self._expects_key and self._key == self._field
            elif char in "{[":
                self._depth += 1
                self._expects_key = char == "{" and self._depth == 1
            elif char in "}]":
                self._depth -= 1
            elif char == "," and self._depth == 1:
                self._expects_key = True
            elif char == ":" and self._depth == 1:
                self._expects_key = False
        return "".join(out)

    def _string(self, char: str, out: list[str]) -> None:
        if self._escape:
            self._escape += char
            self._finish_escape(out)
        elif char == "\\":
            self._escape = char
        elif char == '"':
            self._in_string = False
            self._surrogate = ""
            if self._depth == 1 and self._expects_key:
                self._key = "".join(self._text)
        else:
            self._emit(char, out)

    def _finish_escape(self, out: list[str]) -> None:
        kind = self._escape[1]
        if kind != "u":
            self._emit(_ESCAPES.get(kind, kind), out)
        elif len(self._escape) == 6:
            try:
                self._emit(chr(int(self._escape[2:], 16)), out)
            except ValueError:
                pass
        else:
            return
        self._escape = ""

    def _emit(self, char: str, out: list[str]) -> None:
        if "\ud800" <= char <= "\udbff":
            self._surrogate = char  # half of a character: its other half comes next
            return
        if self._surrogate:
            first, self._surrogate = self._surrogate, ""
            if "\udc00" <= char <= "\udfff":
                char = chr(0x10000 + ((ord(first) - 0xD800) << 10) + (ord(char) - 0xDC00))
        if "\ud800" <= char <= "\udfff":
            char = "\ufffd"
        if self._streams:
            out.append(char)
        elif self._expects_key:
            self._text.append(char)
