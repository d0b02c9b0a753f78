"""Says what a name tells about its value: whether a `password` is one, and a `token` may be."""

import itertools
import re

# What is always secret under such a name, and what only is when the value looks like it:
# parsers have tokens, loops have keys.
_STRONG = frozenset((
    "password", "passwd", "passwort", "pwd", "passphrase", "secret", "secrets", "apikey", "apisecret",
    "accesskey", "secretkey", "privatekey", "authorization", "credential", "credentials", "cookie", "cookies",
    "setcookie", "sessionid", "csrf", "csrftoken", "xsrf", "xsrftoken", "jwt", "bearer", "cvv", "cvc", "ssn",
    "otp", "iban", "cardnumber", "ccnumber", "creditcard", "authtoken", "accesstoken", "refreshtoken",
    "idtoken", "clientsecret", "sharedsecret", "encryptionkey", "signingkey", "proxyauthorization", "xapikey",
    "xauthtoken", "connectionstring", "mysqlpwd", "pgpassword",
))  # fmt: skip
_WEAK = frozenset((
    "token", "session", "auth", "pin", "key", "signature", "sid", "dsn", "code", "pass", "hash", "nonce",
    "salt",
))  # fmt: skip
_STRONG_WORDS = frozenset((
    "password", "passwd", "passphrase", "secret", "apikey", "credential", "credentials", "cookie",
    "authorization", "jwt", "csrf",
))  # fmt: skip
_HARMLESS_LAST = frozenset((
    "url", "uri", "path", "name", "field", "label", "length", "len", "count", "limit", "min", "max", "type",
    "kind", "id", "policy", "reset", "expires", "expiry", "ttl", "age", "days", "hint", "prompt", "required",
    "enabled", "valid", "strength", "header", "prefix", "suffix", "class", "cls", "func", "manager", "provider",
    "form", "input", "error",
))  # fmt: skip
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_EMPTY = frozenset((
    "none", "null", "nil", "true", "false", "undefined", "nan", "str", "int", "bytes", "bool", "float",
    "optional", "any", "object", "self", "secret", "password", "token", "string", "required", "missing",
    "invalid", "expired", "empty", "unknown", "filtered", "redacted", "hidden", "masked", "changeme",
))  # fmt: skip


def name_weight(name: str) -> int:
    """2: what bears this name is secret; 1: it is when it looks like it; 0: not by its name."""
    if len(name) > 200:
        return 0
    words = [word.lower() for word in _WORD.findall(name)]
    if not words:
        return 0
    joined = "".join(words)
    pairs = {first + second for first, second in itertools.pairwise(words)}
    if joined in _STRONG or (words[-1] in _STRONG) or (pairs & _STRONG and words[-1] not in _HARMLESS_LAST):
        return 2
    if words[-1] in _HARMLESS_LAST:
        return 0
    if _STRONG_WORDS.intersection(words):
        return 2
    return 1 if words[-1] in _WEAK else 0


def looks_secret(value: str) -> bool:
    """Whether a value under a weak name is one: long, in one piece, letters and digits."""
    return (
        len(value) >= 8
        and not any(char.isspace() for char in value)
        and any(char.isdigit() for char in value)
        and any(char.isalpha() for char in value)
    )


def says_nothing(value: str) -> bool:
    """Empty, a placeholder, or a word that no secret is."""
    bare = value.strip("'\"[]<>(){}*.$% \t")
    return not bare or bare.lower() in _EMPTY or value[:2] in ("${", "{{", "%(") or value[:1] in ("$", "<", "{", "%")
