"""Finds secrets in text by their shape and by their randomness.

Every pattern is bounded or runs over one character class, so that time grows with the
length of the text and hostile input cannot make it grow faster.
"""

import itertools
import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from triage.redact import fakes
from triage.redact.names import looks_secret


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret at `text[start:end]`; what led to it begins at `covers` (a token's prefix).

    `kind` is for people. `by_name`: only its neighbour's name gave it away, so it may stand
    elsewhere unnoticed.
    """

    start: int
    end: int
    kind: str
    covers: int = -1
    by_name: bool = False


# -- by shape -----------------------------------------------------------------------------

_B = r"(?<![A-Za-z0-9_-])"
_KNOWN_TOKEN = re.compile(
    _B + r"(?:"
    r"gh[pousr]_(?P<a>[A-Za-z0-9]{16,255})"
    r"|github_pat_(?P<b>[A-Za-z0-9_]{20,255})"
    r"|gl(?:pat|rt|cbt|ptt|dt|soat|ft|agent|oas)-(?P<c>[A-Za-z0-9_.-]{16,255})"
    r"|xox[abeoprs]-(?P<d>[A-Za-z0-9-]{10,255})"
    r"|xapp-(?P<e>[A-Za-z0-9-]{10,255})"
    r"|sk-(?:ant-|proj-|or-|svcacct-)?(?P<f>[A-Za-z0-9_-]{16,255})"
    r"|[srp]k_(?:live|test)_(?P<g>[A-Za-z0-9]{10,255})"
    r"|whsec_(?P<h>[A-Za-z0-9+/=]{16,255})"
    r"|(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)(?P<i>[A-Z0-9]{16})(?![A-Za-z0-9])"
    r"|AIza(?P<j>[A-Za-z0-9_-]{30,60})"
    r"|ya29\.(?P<k>[A-Za-z0-9_-]{20,2000})"
    r"|SG\.(?P<l>[A-Za-z0-9_-]{16,60}\.[A-Za-z0-9_-]{16,80})"
    r"|(?:npm|hf|dop_v1|doo_v1|shpat|shpss|shpca|sntrys|sntryu|glsa|lin_api|figd|sbp|pul|rubygems|pscale_tkn|atlasv1|"
    r"dckr_pat|nfp|ntn|tfp|vercel|railway|phc|phx)_(?P<m>[A-Za-z0-9_=/+.-]{16,1000})"
    r"|pypi-(?P<n>[A-Za-z0-9_-]{16,1000})"
    r"|[0-9]{8,10}:AA(?P<o>[A-Za-z0-9_-]{32,34})"
    r"|(?:SK|AC)(?P<p>[0-9a-f]{32})(?![A-Za-z0-9])"
    r"|AGE-SECRET-KEY-(?P<q>[A-Z0-9]{20,100})"
    r"|(?:hooks\.slack\.com/services|discord(?:app)?\.com/api/webhooks)/(?P<r>[A-Za-z0-9_/-]{16,200})"
    r"|1//0(?P<s>[A-Za-z0-9_-]{30,200})"
    r"|hvs\.(?P<t>[A-Za-z0-9_-]{20,300})"
    r")"
)
_JWT = re.compile(_B + r"eyJ[A-Za-z0-9_-]{5,4000}\.eyJ[A-Za-z0-9_-]{2,20000}\.[A-Za-z0-9_-]{0,4000}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PRIVATE_KEY_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s:,-]|\\[nrt\\])*?(?=-----END|$|[^A-Za-z0-9+/=\s:,\\-]|\\[^nrt\\])")
_BEARER = re.compile(r"(?i)(?<![A-Za-z0-9])(?:bearer|token)[ \t]{1,4}([A-Za-z0-9._~+/=-]{12,4000})")
_BASIC = re.compile(r"(?i)(?<![A-Za-z0-9])basic[ \t]{1,4}([A-Za-z0-9+/]{6,4000}={0,2})(?![A-Za-z0-9+/=])")
_URL = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]{1,20}://([^\s/@:'\"<>\\?#]{0,200})(?::([^\s/@'\"<>\\]{0,500}))?@(?=[^\s@'\"<>\\]{1,300})"
)
_EMAIL_LOCAL = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
_EMAIL_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,8}[A-Za-z]{2,24}(?![A-Za-z0-9-])")
_EXAMPLE = re.compile(r"(?i)(?:^|\.)(?:example\.(?:com|org|net)|example|test|invalid|localhost)$")
_DIGITS = re.compile(r"(?<![A-Za-z0-9.])\d(?:[ -]?\d){12,18}(?![A-Za-z0-9]|\.\d)")
_IP = re.compile(r"(?<![\w.])(?<![A-Za-z]/)\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)")
_TOKEN = re.compile(r"[A-Za-z0-9+/_=-]{20,}")
_HEX = re.compile(r"(?:[0-9a-f]{32,}|[0-9A-F]{32,})")


def by_shape(text: str, ips: bool) -> Iterator[Secret]:
    """Secrets that show by themselves, the surest kinds first. They may overlap."""
    yield from _private_keys(text)
    yield from _known_tokens(text)
    yield from _urls(text)
    yield from _emails(text)
    yield from _numbers(text, ips)


def _known_tokens(text: str) -> Iterator[Secret]:
    for match in _KNOWN_TOKEN.finditer(text):
        group = match.lastgroup
        assert group is not None
        yield Secret(match.start(group), match.end(group), "token", match.start())
    for match in _JWT.finditer(text):
        yield Secret(match.start(), match.end(), "JWT")
    for match in _BEARER.finditer(text):
        if looks_secret(match[1]):
            yield Secret(match.start(1), match.end(1), "token", match.start())
    for match in _BASIC.finditer(text):
        if fakes.is_basic(match[1]):
            yield Secret(match.start(1), match.end(1), "basic credentials", match.start())


def _private_keys(text: str) -> Iterator[Secret]:
    at = 0
    while match := _PRIVATE_KEY.search(text, at):
        start = at = match.end()
        body = _PRIVATE_KEY_BODY.match(text, start)
        end = body.end() if body else start
        stop = text.find("-----END", start, end + 9)
        end = stop if stop >= 0 else end
        if end > start:
            yield Secret(start, end, "private key")
            at = end


def _urls(text: str) -> Iterator[Secret]:
    for match in _URL.finditer(text) if "://" in text and "@" in text else ():
        if match[2]:
            yield Secret(match.start(2), match.end(2), "password in a URL")
        elif match[2] is None and len(match[1]) >= 8 and looks_secret(match[1]):
            yield Secret(match.start(1), match.end(1), "token in a URL")


def _emails(text: str) -> Iterator[Secret]:
    at = text.find("@")
    while at >= 0:
        start = at
        while start > 0 and at - start < 64 and text[start - 1] in _EMAIL_LOCAL:
            start -= 1
        while start < at and text[start] in ".%+-":
            start += 1
        domain = _EMAIL_DOMAIN.match(text, at + 1)
        if start > 0 and text[start - 1] == "\\" and start < at and text[start] in "nrtbfv":
            start += 1  # the letter belongs to an escape, not to the name
        if domain and start < at and not _EXAMPLE.search(domain[0]):
            yield Secret(start, domain.end(), "e-mail address")
        at = text.find("@", at + 1)


def _numbers(text: str, ips: bool) -> Iterator[Secret]:
    for match in _DIGITS.finditer(text):
        if fakes.is_card(re.sub(r"\D", "", match[0])):
            yield Secret(match.start(), match.end(), "card number")
    for match in _IP.finditer(text) if ips else ():
        if fakes.is_public_ip(match[0]):
            yield Secret(match.start(), match.end(), "IP address")


# -- by randomness ------------------------------------------------------------------------


def is_random(token: str) -> bool:
    """Whether a token reads like keys do: letters and digits mixed all through.

    Words, camelCase names, paths and dates change their character class seldom; random
    text does so at nearly every second place. UUIDs and hex below 32 digits stay.
    """
    token = token[:512]
    if _HEX.fullmatch(token):
        return len(set(token)) >= 8
    if _AWS_SECRET.fullmatch(token) and _is_mixed(token, 4.2):
        return True
    parts = re.split(r"[/_=-]", token) if "+" not in token else [token]
    longest = max(parts, key=len)
    if len(longest) < 16:
        # url-safe base64 has dashes of its own: judge the whole when no part is a word
        if len(token) < 24 or any(part.isalpha() and len(part) > 3 for part in parts) or len(parts) > len(token) // 8:
            return False
        longest = "".join(parts)
    return _is_mixed(longest, 3.3)


_AWS_SECRET = re.compile(r"(?=.{0,39}[a-z])(?=.{0,39}[A-Z])(?=.{0,39}[0-9])[A-Za-z0-9/+]{40}")


def _is_mixed(token: str, entropy_wanted: float) -> bool:
    if not any(char.isdigit() for char in token) or not any(char.isalpha() for char in token):
        return False
    classes = [0 if char.islower() else 1 if char.isupper() else 2 for char in token]
    # From upper to lower is how a camelCase word begins: it says nothing.
    changes = sum(pair[0] != pair[1] and pair != (1, 0) for pair in itertools.pairwise(classes))
    if changes < 0.2 * (len(token) - 1):
        return False
    counts = Counter(token)
    entropy = -sum(count / len(token) * math.log2(count / len(token)) for count in counts.values())
    return entropy >= entropy_wanted


def by_randomness(text: str) -> Iterator[Secret]:
    """Runs that read like keys. The weakest evidence: they yield to everything else."""
    for match in _TOKEN.finditer(text):
        token = match[0]
        start, end = match.start(), match.end()
        if start > 0 and text[start - 1] == "\\":
            start += 1  # the first letter belongs to an escape
        # `name=VALUE` is one run of the class; the value is behind the last = that is no padding
        inner = token.rstrip("=").rfind("=")
        if inner >= 0:
            start = match.start() + inner + 1
        if end - start >= 20 and is_random(text[start : min(end, start + 512)].rstrip("=")):
            yield Secret(start, end, "random string")
