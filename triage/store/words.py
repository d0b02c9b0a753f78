"""The words that full-text search knows an issue by, the same for every backend."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
MIXED = re.compile(r"(?<![^\W_])[^\W_]+[A-Z][^\W_]*")
"""Words with a capital behind their first letter."""
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
MAX_TEXT = 4_000
MAX_WORDS = 120
MAX_WORD = 60


def words(text: str) -> list[str]:
    """Lower-case words without accents, each once, in order; `_`, `.` and `/` separate."""
    plain = _plain(text[:MAX_TEXT]).lower()
    return list(dict.fromkeys(word[:MAX_WORD] for word in WORD.findall(plain)))


def index_words(*texts: str) -> str:
    """What is stored for search: the words, then the parts of CamelCase words as well."""
    plain = _plain(" ".join(text[:MAX_TEXT] for text in texts))
    found = dict.fromkeys(WORD.findall(plain.lower()))
    for word in dict.fromkeys(MIXED.findall(plain)):
        parts = CAMEL.findall(word)
        if len(parts) > 1:
            found |= dict.fromkeys(part.lower() for part in parts)
    return " ".join(dict.fromkeys(word[:MAX_WORD] for word in list(found)[:MAX_WORDS]))


def _plain(text: str) -> str:
    """Without accents, in compatibility forms; what lower-casing brings back is dropped too."""
    if text.isascii():
        return text
    folded = unicodedata.normalize("NFKD", text)
    folded = unicodedata.normalize("NFKD", folded.lower()) if not folded.isascii() and _grows(folded) else folded
    return "".join(character for character in folded if not unicodedata.combining(character))


def _grows(text: str) -> bool:
    """A few letters (the Turkish dotted I) lower-case to a letter and an accent."""
    return len(text.lower()) != len(text)
