"""Values that the standard messages of Python's own errors betray: the byte that cannot be decoded, the month 13."""

import re
from collections.abc import Callable, Sequence

HUGE = 10**20
Value = str | int | float | bytes | list[str] | None
Make = Callable[["re.Match[str]"], Sequence[Value]]


def betrayed(message: str) -> list[Value]:
    """Values that would lead to this message, likeliest first; none for messages that tell nothing."""
    found: list[Value] = []
    for pattern, make in PATTERNS:
        match = re.search(pattern, message[:2000])
        if match:
            found += make(match)
    return found


def _decoding(match: "re.Match[str]") -> Sequence[Value]:
    """`'utf-8' codec can't decode byte 0xe9 in position 3: invalid continuation byte`"""
    lead, at = bytes([int(match[2], 16)]), min(int(match[3]), 5_000)
    after = b"" if "unexpected end" in match[4] else b" a"
    return [b"a" * at + lead + after, b"a" * at + lead, lead]


def _encoding(match: "re.Match[str]") -> Sequence[Value]:
    """`'ascii' codec can't encode character '\\xe9' in position 3`"""
    try:
        character = match[1].encode("ascii").decode("unicode_escape") if match[1].startswith("\\") else match[1]
    except (UnicodeDecodeError, UnicodeEncodeError):
        return []
    return ["a" * min(int(match[2]), 5_000) + character, character]


def _fixed(*values: Value) -> Make:
    return lambda match: values


def _too_few(match: "re.Match[str]") -> Sequence[Value]:
    """`not enough values to unpack (expected 2, got 1)`"""
    got = min(int(match[1]), 20)
    return [["a"] * got, "a" * got, ""]


def _too_many(match: "re.Match[str]") -> Sequence[Value]:
    count = min(int(match[1]), 20) + 1
    return [["a"] * count, *(mark.join("a" * count) for mark in ("=", ":", ",", " ", "-", "/"))]


# From the sources of CPython 3.8 to 3.13 (Objects, Modules, Lib); a message may fit several.
PATTERNS: tuple[tuple[str, Make], ...] = (
    (r"'([\w-]+)' codec can't decode bytes? 0x([0-9a-f]{2}) in position (\d+): (.*)", _decoding),
    (r"codec can't encode character '(\\?[^']+)' in position (\d+)", _encoding),
    (r"month must be in 1\.\.12", _fixed(13, 0, "13")),
    (r"day is out of range for month|day must be in 1\.\.|day \d+ must be in range", _fixed(31, 32, 0, "31", "30")),
    (r"hour must be in 0\.\.23", _fixed(24, -1, "24")),
    (r"(?:minute|second) must be in 0\.\.59", _fixed(60, -1, "60")),
    (r"microsecond must be in", _fixed(1_000_000, -1)),
    (r"year -?\d+ is out of range|year must be in|date value out of range", _fixed(0, 10_000, "0000", "10000", HUGE)),
    (r"math domain error|expected a nonnegative input", _fixed(-1, 0, -1.0)),
    (r"cannot convert float NaN|Invalid value NaN", _fixed("nan", float("nan"))),
    (r"cannot convert (?:float )?[iI]nfinity", _fixed("inf", float("inf"), "1e400")),
    (r"too large to convert|index-sized integer|Result too large|out of range for|[Oo]verflow", _fixed(HUGE, 1e308)),
    (r"Value too large for defined data type", _fixed(10**18, 10**23, 10**17, 1e20)),
    (r"Exceeds the limit", _fixed("1" * 4_400)),
    (r"embedded null", _fixed("a\x00b", b"a\x00b")),
    (r"bytes must be in range\(0, 256\)|byte must be in range|ubyte format", _fixed(256, -1, "\u0100")),
    (r"chr\(\) arg not in range", _fixed(0x110000, -1, "1114112", "110000")),
    (r"Expecting value", _fixed("", "{", b"", "nope")),
    (r"Expecting property name", _fixed("{a}", "{'a': 1}")),
    (r"Expecting ',' delimiter", _fixed("[1 2]")),
    (r"Expecting ':' delimiter", _fixed('{"a" 1}')),
    (r"Extra data", _fixed("{} {}", "1 2")),
    (r"Unterminated string", _fixed('"a', '{"a')),
    (r"Invalid control character", _fixed('"\n"')),
    (r"Invalid \\\\?escape|bad escape", _fixed('"\\q"', "\\q")),
    (r"nothing to repeat|multiple repeat", _fixed("*", "a**")),
    (r"unterminated character set", _fixed("[")),
    (r"unterminated subpattern|missing \)", _fixed("(")),
    (r"unbalanced parenthesis", _fixed(")")),
    (r"bad character range", _fixed("[b-a]")),
    (r"Invalid IPv6 URL", _fixed("http://[a", "//[")),
    (r"Port out of range", _fixed("http://a:99999")),
    (r"netloc .* contains invalid characters", _fixed("http://\u2100a")),
    (r"No closing quotation|No escaped character", _fixed("'a", "a\\")),
    (r"Incorrect padding|base64-encoded string", _fixed("a", b"a")),
    (r"non-hexadecimal|hexadecimal string", _fixed("zz", "0x", "a")),
    (r"not enough values to unpack \(expected (?:at least )?\d+, got (\d+)\)", _too_few),
    (r"too many values to unpack \(expected (\d+)", _too_many),
    (r"unsupported format character|incomplete format|Single '[{}]'|expected '}'", _fixed("%", "{", "}", "100%y")),
    (r"not enough arguments for format|Replacement index", _fixed("%s %s %s", "{} {} {}")),
    (r"not all arguments converted", _fixed("a")),
    (r"(?:max|min)\(\) .*empty|empty sequence|from empty|empty (?:range|list|iterable)", _fixed([], "", 0)),
    (r"at least one data point|zero-size", _fixed([])),
    (r"division by zero|modulo by zero|integer modulo", _fixed(0, 0.0, [], "0", "")),
    (r"negative shift count|can't be negative|must be non-negative|must be positive", _fixed(-1)),
    (r"substring not found|is not in list|not in list|subsection not found", _fixed("", "a")),
    (r"(?:string|list|tuple) index out of range|pop from (?:an )?empty", _fixed("", [], " ", "\n")),
    (r"encoding without a string argument|label (?:empty|too long)|codec can't encode", _fixed(".", "a" * 64, "")),
)
