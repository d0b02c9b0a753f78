"""Replaces secrets and personal data in what leaves the machine by substitutes that still work.

A substitute has the secret's length, character classes and validity (a card number keeps
its check digit, a JWT still decodes, an address stays one), and depends only on the secret
and the salt: equal secrets stay equal, so that the bug still shows. Redacting twice
changes nothing. Made for sending text out; never a reason to send more than is needed.
"""

import functools
import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from triage.domain.event import Json
from triage.paths import data_dir
from triage.redact import fakes
from triage.redact.beside import SCHEME, by_name
from triage.redact.names import looks_secret, name_weight, says_nothing
from triage.redact.rules import Secret, by_randomness, by_shape

MAX_DEPTH = 60
_SPREAD_LIMIT = 200


@functools.cache
def own_salt() -> bytes:
    """This installation's salt, made at first use: the same secret has the same substitute
    in every run (a second publish finds the first), and nobody who reads a substitute can
    try passwords against it. Without a place to keep it, it lasts for this process."""
    file = data_dir() / "redaction.salt"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(handle, "wb") as opened:
                opened.write(os.urandom(16))
        salt = file.read_bytes()
    except OSError:
        salt = b""
    return salt if len(salt) >= 16 else os.urandom(16)


@dataclass(frozen=True, slots=True)
class Redactions:
    """A redacted text and how many secrets of which kind were replaced in it."""

    text: str
    counts: Mapping[str, int] = field(default_factory=dict)

    @property
    def line(self) -> str:
        """For people: "2 x token, 1 x e-mail address"; "" when there was nothing."""
        return ", ".join(f"{count} x {kind}" for kind, count in sorted(self.counts.items()))


def redact(text: str, salt: bytes | None = None, *, ips: bool = True) -> str:
    """`text` with every secret replaced. `ips` False leaves IP addresses."""
    return redact_with_summary(text, salt, ips=ips).text


def redact_with_summary(text: str, salt: bytes | None = None, *, ips: bool = True) -> Redactions:
    """Like `redact`, and says what was replaced."""
    salt = salt or own_salt()
    secrets = find_secrets(text, ips=ips)
    named = {text[secret.start : secret.end] for secret in secrets if secret.by_name}
    replaced = _spread(_replaced(text, secrets, salt), named, salt)
    return Redactions(replaced, Counter(secret.kind for secret in secrets))


def find_secrets(text: str, *, ips: bool = True) -> tuple[Secret, ...]:
    """The secrets of `text` in order, without overlaps; our own substitutes are none."""
    found = _detect(text, ips)
    return tuple(secret for secret in found if not _is_substitute(text[secret.start : secret.end], secret))


def hide(text: str, salt: bytes | None = None, *, ips: bool = True) -> str:
    """Replace all of `text`, a value that is secret by its name; valid parts stay valid."""
    salt = salt or own_salt()
    scheme = SCHEME.match(text)
    whole = [Secret(scheme.end() if scheme else 0, len(text), "value", by_name=True)]
    found = [item for item in _detect(text, ips, whole) if not _is_substitute(text[item.start : item.end], item)]
    return _replaced(text, found, salt)


def redact_value(name: str, value: Json, salt: bytes | None = None, *, ips: bool = True) -> Json:
    """A captured value with its secrets replaced, containers and their keys looked through.

    Under a name that says so everything is secret but None, booleans and placeholders.
    Pairs ["Authorization", "..."] count as named. Deeper than 60 levels becomes None.
    """
    return _walk(name_weight(_bare(name)), value, salt or own_salt(), ips, 0)


def _walk(weight: int, value: Json, salt: bytes, ips: bool, depth: int) -> Json:
    """`weight` as `name_weight` says; a container hands a strong one down to what it holds."""
    if depth > MAX_DEPTH:
        return None
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return _number(value, weight, salt)
    if isinstance(value, str):
        return _leaf(value, weight, salt, ips)
    inherited = 2 if weight == 2 else 0
    if isinstance(value, Mapping):
        return {
            redact(key, salt, ips=ips): _walk(max(name_weight(_bare(key)), inherited), item, salt, ips, depth + 1)
            for key, item in value.items()
        }
    items = list(value)
    if len(items) == 2 and isinstance(items[0], str) and (named := _pair_weight(items[0])):
        return [redact(items[0], salt, ips=ips), _walk(max(named, inherited), items[1], salt, ips, depth + 1)]
    return [_walk(inherited, item, salt, ips, depth + 1) for item in items]


def _pair_weight(name: str) -> int:
    """As `name_weight`, for the pairs of headers, cookies and query strings."""
    name = _bare(name)
    return 2 if name.lower() in ("token", "session", "auth", "sid", "sig", "signature") else name_weight(name)


def _bare(name: str) -> str:
    return name.strip("'\" ")


def _number(value: int | float, weight: int, salt: bytes) -> int | float:
    digits = str(value)
    if weight == 2 and isinstance(value, int):
        return int(hide(digits, salt))
    if isinstance(value, int) and len(digits) >= 13:
        return int(redact(digits, salt))
    return value


_STRING_REPR = re.compile(r"([bBrRuU]{0,2})(['\"])(.*)\2", re.DOTALL)
_OBJECT_REPR = re.compile(r"<.*>|[A-Za-z_][\w.]*\(.*\)", re.DOTALL)
_QUOTED = re.compile(r"(['\"])((?:(?!\1)[^\\]|\\.){0,4000})\1", re.DOTALL)


def _leaf(value: str, weight: int, salt: bytes, ips: bool) -> str:
    """A string of a captured value: text, or the repr of something."""
    secret = weight == 2 or (weight == 1 and looks_secret(value.strip("'\"")))
    if not secret or says_nothing(value):
        return redact(value, salt, ips=ips)
    if quoted := _STRING_REPR.fullmatch(value):
        return f"{quoted[1]}{quoted[2]}{hide(quoted[3], salt, ips=ips)}{quoted[2]}"
    if _OBJECT_REPR.fullmatch(value):
        inside = _QUOTED.sub(lambda part: f"{part[1]}{hide(part[2], salt, ips=ips)}{part[1]}", value)
        return redact(inside, salt, ips=ips)
    return hide(value, salt, ips=ips)


# -- text ---------------------------------------------------------------------------------

_Maker = Callable[[str, bytes], str]
_FAKES: Mapping[str, tuple[_Maker, Callable[[str], bool]]] = {
    "JWT": (fakes.fake_jwt, fakes.is_fake_jwt),
    "basic credentials": (fakes.fake_basic, fakes.is_fake_basic),
    "e-mail address": (fakes.fake_email, fakes.is_fake_email),
    "card number": (fakes.fake_card, lambda text: fakes.is_fake_card(re.sub(r"\D", "", text))),
    "IP address": (fakes.fake_ip, fakes.is_fake_ip),
}


def _substitute(text: str, secret: Secret, salt: bytes) -> str:
    if secret.kind in _FAKES:
        return _FAKES[secret.kind][0](text, salt)
    return fakes.fake(text, salt, symbols=secret.by_name)


def _is_substitute(text: str, secret: Secret) -> bool:
    if secret.kind in _FAKES:
        return _FAKES[secret.kind][1](text)
    return fakes.is_fake(text, symbols=secret.by_name)


def _replaced(text: str, secrets: Sequence[Secret], salt: bytes) -> str:
    parts, at = [], 0
    for secret in secrets:
        parts += [text[at : secret.start], _substitute(text[secret.start : secret.end], secret, salt)]
        at = secret.end
    return "".join([*parts, text[at:]])


def _detect(text: str, ips: bool, named: Iterable[Secret] | None = None) -> list[Secret]:
    """All secrets and substitutes in order. Shapes go first; named values keep what shapes
    leave of them; randomness only counts where nothing else was found."""
    taken = bytearray(len(text))
    found: list[Secret] = []
    for secret in by_shape(text, ips):
        begin = secret.covers if secret.covers >= 0 else secret.start
        if taken.find(1, begin, secret.end) < 0:
            taken[begin : secret.end] = b"\1" * (secret.end - begin)
            found.append(secret)
    for secret in by_name(text) if named is None else named:
        for start, end in _free(taken, secret.start, secret.end):
            found.append(Secret(start, end, secret.kind, by_name=True))
        taken[secret.start : secret.end] = b"\1" * (secret.end - secret.start)
    for secret in by_randomness(text):
        if taken.find(1, secret.start, secret.end) < 0:
            found.append(secret)
    return sorted(found, key=lambda secret: secret.start)


def _free(taken: bytearray, start: int, end: int) -> list[tuple[int, int]]:
    """The parts of a span that nothing has taken yet."""
    free = []
    while start < end:
        stop = taken.find(1, start, end)
        stop = end if stop < 0 else stop
        if stop > start:
            free.append((start, stop))
        start = taken.find(0, stop, end)
        if start < 0:
            break
    return free


def _spread(text: str, named: set[str], salt: bytes) -> str:
    """Replace what a name gave away wherever else it stands: an error message repeats it."""
    telling = [value for value in named if len(value) >= 6 and not (value.isalpha() and value.islower())]
    for value in sorted(telling, key=lambda item: (-len(item), item))[:_SPREAD_LIMIT]:
        text = text.replace(value, fakes.fake(value, salt, symbols=True))
    return text
