"""Makes substitutes for secrets: same length, same character classes, recognisable as ours.

A substitute draws from few characters of each class, the fewer the shorter the secret, so
that one in about 10,000 random secrets looks like a substitute and none needs a marker.
From ten characters on the choice is the same, so that a part of a substitute is one too.
Redacting twice therefore changes nothing, and a reader sees at once that it is no real value.
"""

import base64
import binascii
import hashlib
import ipaddress
import re

CHANCE = 1e-4
_LOWER, _UPPER, _DIGITS = "xqzjvkwyuh", "XQZJVKWYUH", "9876"
_HEX_LOWER, _HEX_UPPER = "fe", "FE"
_SYMBOLS, _SYMBOL_FAKES = "!#^*~", "*!"
_FOREIGN_LOWER, _FOREIGN_UPPER, _FOREIGN_OTHER = "øðþ", "ØÐÞ", "々ゞヽ"
# What a backslash starts in Python, JSON and JavaScript text must stay as it is.
_ESCAPE = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|N\{[^{}]{1,80}\}|[0-7]{1,3}|.)?", re.DOTALL)
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")


class _Alphabets:
    """Which characters stand for which class, for a secret with `count` replaceable ones."""

    def __init__(self, count: int, is_hex: bool, symbols: bool) -> None:
        self._share = CHANCE ** (1 / max(count, 1))
        self._hex = is_hex
        self._symbols = symbols

    def of(self, char: str) -> str:
        """The fakes that may stand for `char`; "" when it stays."""
        if char.isascii():
            if "a" <= char <= "z":
                return self._few(_HEX_LOWER, 6) if self._hex else self._few(_LOWER, 26)
            if "A" <= char <= "Z":
                return self._few(_HEX_UPPER, 6) if self._hex else self._few(_UPPER, 26)
            if "0" <= char <= "9":
                return self._few(_DIGITS, 10)
            return self._few(_SYMBOL_FAKES, 5) if self._symbols and char in _SYMBOLS else ""
        if not char.isalpha():
            return ""
        return _FOREIGN_LOWER if char.islower() else _FOREIGN_UPPER if char.isupper() else _FOREIGN_OTHER

    def _few(self, fakes: str, size: int) -> str:
        return fakes[: max(1, int(size * self._share))]


def _chars(text: str) -> list[str]:
    """The characters of `text`, an escape sequence as one item."""
    if "\\" not in text:
        return list(text)
    items: list[str] = []
    at = 0
    for match in _ESCAPE.finditer(text):
        items += text[at : match.start()]
        items.append(match[0])
        at = match.end()
    items += text[at:]
    return items


def _alphabets(chars: list[str], symbols: bool) -> _Alphabets:
    alnum = "".join(char for char in chars if len(char) == 1 and char.isalnum())
    count = len(alnum) + (sum(char in _SYMBOLS for char in chars) if symbols else 0)
    digits = sum(char.isdigit() for char in alnum)
    is_hex = len(alnum) >= 8 and 0 < digits < len(alnum) and _HEX.fullmatch(alnum) is not None
    return _Alphabets(count, is_hex, symbols)


def _stream(secret: str, salt: bytes, length: int) -> bytes:
    seed = hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), key=salt[:64], digest_size=32).digest()
    return hashlib.shake_256(seed).digest(length)


def fake(secret: str, salt: bytes, *, symbols: bool = False) -> str:
    """A substitute of the same length and classes; escapes and structure stay.

    With `symbols` the marks that passwords are made of are replaced too.
    """
    chars = _chars(secret)
    alphabets = _alphabets(chars, symbols)
    made = []
    for char, byte in zip(chars, _stream(secret, salt, len(chars)), strict=True):
        choices = alphabets.of(char) if len(char) == 1 else ""
        made.append(choices[byte % len(choices)] if choices else char)
    return "".join(made)


def is_fake(text: str, *, symbols: bool = False) -> bool:
    """Whether `fake` could have made it (or there is nothing in it to replace)."""
    chars = _chars(text)
    alphabets = _alphabets(chars, symbols)
    for char in chars:
        choices = alphabets.of(char) if len(char) == 1 else ""
        if choices and char not in choices:
            return False
    return True


def luhn_digit(digits: str) -> str:
    """The check digit that makes `digits` plus it valid."""
    total = 0
    for place, char in enumerate(reversed(digits)):
        value = int(char) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


def is_card(digits: str) -> bool:
    """13 to 19 digits of a payment network with a valid check digit."""
    known = 13 <= len(digits) <= 19 and digits[0] in "23456" and len(set(digits)) > 1
    return known and luhn_digit(digits[:-1]) == digits[-1]


def is_fake_card(digits: str) -> bool:
    return digits[1:6] == "00000"


def fake_card(secret: str, salt: bytes) -> str:
    """A valid number of the same network and length in no issuer's range; blanks stay."""
    digits = re.sub(r"\D", "", secret)
    stream = _stream(digits, salt, len(digits))
    body = f"{digits[0]}00000" + "".join(str(byte % 10) for byte in stream[: len(digits) - 7])
    made = iter(body + luhn_digit(body))
    return "".join(next(made) if char.isdigit() else char for char in secret)


def is_public_ip(text: str) -> bool:
    """A global IPv4 address that could be somebody's, or one of our substitutes."""
    try:
        return ipaddress.IPv4Address(text).is_global or is_fake_ip(text)
    except ValueError:
        return False


def is_fake_ip(text: str) -> bool:
    return text.startswith(("240.", "0.0.0.")) and text != "0.0.0.0"


def fake_ip(secret: str, salt: bytes) -> str:
    """A reserved IPv4 address of the same length (240/4, or 0/8 where that is too long)."""
    stream = _stream(secret, salt, 4)
    if len(secret) < 9:
        return f"0.0.0.{stream[0] % (9 if len(secret) == 7 else 90) + (1 if len(secret) == 7 else 10)}"
    widths = [1, 1, 1]
    for place in range(len(secret) - 9):
        widths[place % 3] += 1
    ranges = {1: (1, 9), 2: (10, 90), 3: (100, 150)}
    parts = [str(ranges[width][0] + byte % ranges[width][1]) for width, byte in zip(widths, stream, strict=False)]
    return ".".join(["240", *parts])


def fake_email(secret: str, salt: bytes) -> str:
    """Another address; the top-level domain stays, so that it remains an address."""
    head, dot, top = secret.rpartition(".")
    return fake(head, salt) + dot + top


def is_fake_email(text: str) -> bool:
    return is_fake(text.rpartition(".")[0])


def fake_jwt(secret: str, salt: bytes) -> str:
    """The same header, a payload of the same length that still is JSON, another signature."""
    header, payload, *signature = secret.split(".")
    return ".".join([header, _fake_json_segment(payload, salt), *(fake(part, salt) for part in signature)])


_FAKE_JSON = re.compile(rb'\{"x":"[xqz]*"\}')


def is_fake_jwt(text: str) -> bool:
    _, payload, *signature = text.split(".")
    decoded = _decode(payload, urlsafe=True)
    faked = decoded is not None and _FAKE_JSON.fullmatch(decoded) is not None
    return (faked or is_fake(payload[3:])) and all(map(is_fake, signature))


def _fake_json_segment(segment: str, salt: bytes) -> str:
    if len(segment) < 12 or len(segment) % 4 == 1:  # no room, or no base64
        return segment[:3] + fake(segment[3:], salt)
    size = len(segment) * 3 // 4
    filler = bytes(b"xqz"[byte % 3] for byte in _stream(segment, salt, size - 8))
    return base64.urlsafe_b64encode(b'{"x":"' + filler + b'"}').decode().rstrip("=")


def is_basic(text: str) -> bool:
    """Whether it is base64 of `user:password`; "basic wrapping" is not."""
    decoded = _decode(text, urlsafe=False)
    return decoded is not None and b":" in decoded


def fake_basic(secret: str, salt: bytes) -> str:
    """Base64 of other credentials; plain character replacement where it is none."""
    decoded = _decode(secret, urlsafe=False)
    text = _ascii(decoded)
    if text is None:
        return fake(secret, salt)
    made = base64.b64encode(fake(text, salt, symbols=True).encode()).decode()
    return made if secret.endswith("=") else made.rstrip("=")


def is_fake_basic(text: str) -> bool:
    decoded = _ascii(_decode(text, urlsafe=False))
    return is_fake(text) or (decoded is not None and is_fake(decoded, symbols=True))


def _decode(text: str, *, urlsafe: bool) -> bytes | None:
    try:
        padded = text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4)
        return base64.b64decode(padded, altchars=b"-_" if urlsafe else None, validate=True)
    except (binascii.Error, ValueError):
        return None


def _ascii(content: bytes | None) -> str | None:
    """Printable ASCII that encodes back to the same, else None."""
    if content is None or not content.isascii():
        return None
    text = content.decode("ascii")
    return text if text.isprintable() and text else None
