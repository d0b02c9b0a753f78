"""Redacts Python source: only literals and comments change, so what parsed still parses."""

import io
import re
import tokenize
from collections.abc import Iterator, Sequence

from triage.redact import hide, own_salt, redact
from triage.redact.names import looks_secret, name_weight, says_nothing

MAX_RESTARTS = 50
_TEXTS = ("STRING", "FSTRING_MIDDLE", "TSTRING_MIDDLE", "COMMENT", "NUMBER")
_STRING = re.compile(r"([A-Za-z]{0,3})(\"{3}|'{3}|\"|')(.*)\2", re.DOTALL)
_HOLE = re.compile(r"(\{[^{}]*\})")


def redact_source(source: str, salt: bytes | None = None, *, ips: bool = True, keep: str = "") -> str:
    """Python source, whole or a fragment, with the secrets in literals and comments replaced.

    Same length and lines as before. Where a fragment cannot be read as Python it is
    treated as text. Lines that `keep` has too stay: what the repository holds already is
    not ours to change.
    """
    salt = salt or own_salt()
    pieces: list[str] = []
    at = 0
    for start, end, kind, name in _literals(source):
        if kind == "TEXT":
            new = redact(source[start:end], salt, ips=ips)
        else:
            new = _redacted(source[start:end], kind, name_weight(name), salt, ips)
        pieces += [source[at:start], new]
        at = end
    redacted = "".join([*pieces, source[at:]])
    if not keep:
        return redacted
    known = set(keep.split("\n"))
    lines = zip(source.split("\n"), redacted.split("\n"), strict=True)
    return "\n".join(old if old in known else new for old, new in lines)


def _literals(source: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, kind, name it is assigned to) of each literal and comment, in order.

    Kind TEXT is what no tokenizer could read.
    """
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    first = at = 0
    for _ in range(MAX_RESTARTS):
        before: list[tokenize.TokenInfo] = []
        bad_line = None
        try:
            for token in tokenize.generate_tokens(io.StringIO(source[starts[first] :]).readline):
                kind = tokenize.tok_name[token.type]
                if kind in _TEXTS:
                    start = starts[first + token.start[0] - 1] + token.start[1]
                    end = starts[first + token.end[0] - 1] + token.end[1]
                    if start >= at:
                        yield start, end, kind, _name_for(before)
                        at = end
                if kind not in ("NL", "COMMENT"):
                    before = [*before[-9:], token]
        except IndentationError as error:
            bad_line = first + (error.lineno or 1) - 1
        except (tokenize.TokenError, SyntaxError):
            bad_line = None
        else:
            return
        if bad_line is None or bad_line <= first or bad_line >= len(starts):
            break
        first = bad_line
        at = max(at, starts[first])
    if at < len(source):
        yield at, len(source), "TEXT", ""


def _name_for(before: Sequence[tokenize.TokenInfo]) -> str:
    """The name that the value after these tokens goes to, "" when there is none."""
    if len(before) < 2:
        return ""
    last, previous = before[-1].string, before[-2]
    if last in ("=", ":=", "==", "!=", "in"):
        names = [token.string for token in before[:-1] if token.start[0] == before[-1].start[0]]
        if previous.string == "]" and len(before) >= 3:
            return before[-3].string.strip("bBrRuU").strip("\"'")
        if ":" in names and names.index(":") > 0:
            return names[names.index(":") - 1]  # name: type = value
        return previous.string
    if last == ":" and previous.type in (tokenize.STRING, tokenize.NAME):
        return previous.string.strip("bBrRuU").strip("\"'") if previous.type == tokenize.STRING else previous.string
    if last == "," and previous.type == tokenize.STRING and len(before) >= 3 and before[-3].string in "([":
        return previous.string.strip("\"'")
    if last == "(" and previous.type == tokenize.NAME:
        name = previous.string
        return name if name[:1].isupper() or name.startswith(("set_", "check_", "verify_")) else ""
    return ""


def _redacted(literal: str, kind: str, weight: int, salt: bytes, ips: bool) -> str:
    if kind == "NUMBER":
        if not literal.isdigit():
            return literal
        return hide(literal, salt) if weight == 2 else redact(literal, salt)
    parts = _STRING.fullmatch(literal) if kind == "STRING" else None
    if parts is None:
        return redact(literal, salt, ips=ips)
    prefix, quotes, inner = parts.groups()
    secret = weight == 2 or (weight == 1 and looks_secret(inner))
    if not secret or says_nothing(inner):
        inner = redact(inner, salt, ips=ips)
    elif "f" in prefix.lower() or "t" in prefix.lower():
        pieces = _HOLE.split(inner)
        inner = "".join(piece if place % 2 else hide(piece, salt, ips=ips) for place, piece in enumerate(pieces))
    else:
        inner = hide(inner, salt, ips=ips)
    return f"{prefix}{quotes}{inner}{quotes}"
