"""Finds secrets by the name beside them: assignments, JSON, headers, query strings, flags."""

import re
from collections.abc import Iterator

from triage.redact.names import looks_secret, name_weight, says_nothing
from triage.redact.rules import Secret

MAX_VALUE = 8_000
# Plain words and lowered text: ten times faster than ignoring case with look-arounds.
_HINT = re.compile(
    "pass|pwd|secret|token|apikey|api_key|api-key|accesskey|auth|cred|cookie|session|csrf|xsrf|jwt|bearer|cvv|cvc|ssn|otp"
    "|iban|card|ccnumber|pin|_key|-key|signingkey|encryptionkey|signature|sid|dsn|connection|private"
)
_LOWERED = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # keeps the length
_NAME_TAIL = re.compile(r"[A-Za-z0-9_-]{0,60}")
_NAME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_BETWEEN_QUOTED = re.compile(r"(\\{0,3})[\"'](?:\]?[ \t]{0,4}(?:=>|=(?!=)|:(?!:))|,)\s{0,8}")
_BETWEEN_BARE = re.compile(r"(?:[ \t]{0,8}(?:=>|:=|=(?!=)|:(?![:/]))[ \t]{0,8}|%3[Dd])")
_ANNOTATION = re.compile(r"[A-Za-z_][\w.\[\]| ]{0,60}?[ \t]{0,4}=(?!=)[ \t]{0,4}(?=[bBrRuU]{0,2}[\"'])")
_OPENS_PAIR = re.compile(r"""[(\[]\s{0,8}\\{0,3}["']$""")
_OPEN = re.compile(r"[bBrRuU]{0,2}(\\{0,3})([\"'])")
_BARE = re.compile(r"""[^\s"'`,;&<>(){}\[\]\\]{1,4000}""")
_TO_LINE_END = re.compile(r"""[^\r\n"'`<>{}\[\]\\]{1,4000}""")
SCHEME = re.compile(r"(?i)(?:bearer|basic|token|digest|negotiate|apikey|aws4-hmac-sha256)[ \t]+")
_FLAG_VALUE = re.compile(r"""[ \t]{1,3}(?=[^\s"'`;|&-])[^\s"'`;|&]{3,400}""")
_WORDS_ONLY = re.compile(r"[A-Za-z_]+(?:\.[A-Za-z_]+)*")
_ATTRIBUTE = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
_HEADERS = frozenset(("cookie", "set-cookie", "authorization", "proxy-authorization"))


def by_name(text: str) -> Iterator[Secret]:
    """Values that a telling name gives away. Work per name is bounded."""
    done = 0
    for hint in _HINT.finditer(text.translate(_LOWERED)):
        if hint.start() < done:
            continue
        start = hint.start()
        while start > done and hint.start() - start < 60 and text[start - 1] in _NAME_CHARS:
            start -= 1
        tail = _NAME_TAIL.match(text, hint.end())
        end = done = tail.end() if tail else hint.end()
        name = text[start:end].lstrip("-")
        weight = name_weight(name)
        if not weight:
            continue
        value = _value(text, start, end, name, weight)
        if value is not None:
            yield Secret(value[0], value[1], "value of " + name[:40], by_name=True)
            done = value[1]


def _value(text: str, start: int, end: int, name: str, weight: int) -> tuple[int, int] | None:
    """Where the value of the name at `text[start:end]` is; None when it has none or it is none."""
    if between := _BETWEEN_QUOTED.match(text, end):
        quoted = True
        if between[0].rstrip().endswith(",") and not _OPENS_PAIR.search(text, max(start - 12, 0), start):
            return None  # two neighbours of a list, not a name and its value
    elif between := _BETWEEN_BARE.match(text, end):
        quoted = False
    else:
        return _flag_value(text, start, end, weight)
    at = between.end()
    if not quoted and ":" in between[0] and (annotation := _ANNOTATION.match(text, at)):
        at = annotation.end()  # name: str = "value"
    if opened := _OPEN.match(text, at):
        return _secret_part(text, opened.end(), _closing(text, opened), weight)
    if quoted and "," in between[0]:
        return None  # ("token", value): an expression follows
    if name.lower() in _HEADERS and ":" in between[0]:
        line = _TO_LINE_END.match(text, at)
        return _secret_part(text, line.start(), line.end(), 2) if line else None
    bare = _BARE.match(text, at)
    if bare is None:
        return None
    if _in_query(text, start, bare.end(), between[0]):
        return _secret_part(text, bare.start(), bare.end(), 2)
    if not _is_bare_secret(text, bare, between[0], name, weight):
        return None
    return _secret_part(text, bare.start(), bare.end(), weight)


def _in_query(text: str, start: int, end: int, between: str) -> bool:
    """Whether `name=value` stands in a query string or a form's body."""
    if between not in ("=", "%3D", "%3d"):
        return False
    before, after = text[max(start - 1, 0) : start], text[end : end + 1]
    alone = start == 0 and after in ("", "&") and len(text) < MAX_VALUE and not any(char.isspace() for char in text)
    return before in ("?", "&") or after == "&" or alone


def _closing(text: str, opened: re.Match[str]) -> int:
    """Where the string that `opened` begins ends: its closing quote, else the line's end."""
    backslashes, quote = opened[1], opened[2]
    start = opened.end()
    limit = start + MAX_VALUE
    if not backslashes and text.startswith(quote * 2, start):
        end = text.find(quote * 3, start + 2, limit)
        return end if end >= 0 else start
    if backslashes:
        end = text.find(backslashes + quote, start, limit)
        if end >= 0:
            return end
    else:
        at = start
        while (end := text.find(quote, at, limit)) >= 0:
            before = end
            while before > start and text[before - 1] == "\\":
                before -= 1
            if (end - before) % 2 == 0:
                return end
            at = end + 1
    line = text.find("\n", start, limit)
    return line if line >= 0 else min(len(text), limit)


def _secret_part(text: str, start: int, end: int, weight: int) -> tuple[int, int] | None:
    if text.startswith(('""', "''"), start):
        start += 2  # the rest of a triple quote
    if scheme := SCHEME.match(text, start, end):
        start = scheme.end()
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    value = text[start:end]
    if says_nothing(value) or (weight == 1 and not looks_secret(value.strip("'\""))):
        return None
    return start, end


def _is_bare_secret(text: str, bare: re.Match[str], between: str, name: str, weight: int) -> bool:
    """Whether an unquoted value is one, and not the code or prose that follows a telling word."""
    value = bare[0]
    after = text[bare.end() : bare.end() + 1]
    if len(value) < 3 or after in ("(", "[", "{"):
        return False
    if weight == 1 and not looks_secret(value):
        return False
    if any(char.isdigit() for char in value) or not _WORDS_ONLY.fullmatch(value):
        at_the_end = weight == 2 and after in ("", "\n", "\r")
        return between == "=" or at_the_end or _ATTRIBUTE.fullmatch(value) is None
    if "." in value or value.lower().replace("_", "") == name.lower().replace("_", "") or len(value) < 4:
        return False
    # Letters only: a word of a sentence, a variable, or a weak password.
    tight = between == "="
    ends = after in ("", "\n", "\r", ";", "&", ",", "'", '"')
    return (tight and after != ")" and after != ",") or (ends and after not in (",", "'", '"') and value.islower())


def _flag_value(text: str, start: int, end: int, weight: int) -> tuple[int, int] | None:
    """`--password hunter2`; a name without dashes has no value here."""
    if not text.startswith("-", start):
        return None
    value = _FLAG_VALUE.match(text, end)
    if value is None:
        return None
    return _secret_part(text, value.start(), value.end(), weight)
