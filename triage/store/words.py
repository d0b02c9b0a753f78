"""The words that full-text search knows an issue by, the same for every backend."""

import re
import unicodedata

WORD = re.compile(r"[^\W_]+")
CAMEL = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]+")
MAX_TEXT = 4_000
MAX_WORDS = 120
MAX_WORD = 60


def words(text: str) -> list[str]:
    """Lower-case words without accents, each once, in order; `_`, `.` and `/` separate."""
    found: dict[str, None] = {}
    for match in WORD.finditer(text[:MAX_TEXT]):
        found.setdefault(_fold(match.group()), None)
    return [word for word in found if word]


def index_words(*texts: str) -> str:
    """What is stored for search: the words, and the parts of CamelCase words as well."""
    found: dict[str, None] = {}
    for text in texts:
        for match in WORD.finditer(text[:MAX_TEXT]):
            word = match.group()
            found.setdefault(_fold(word), None)
            parts = CAMEL.findall(word)
            if len(parts) > 1:
                for part in parts:
                    found.setdefault(_fold(part), None)
        if len(found) >= MAX_WORDS:
            break
    found.pop("", None)
    return " ".join(list(found)[:MAX_WORDS])


def _fold(word: str) -> str:
    if word.isascii():
        return word[:MAX_WORD].lower()
    folded = unicodedata.normalize("NFKD", word[:MAX_WORD]).lower()
    kept = "".join(character for character in folded if not unicodedata.combining(character))
    return "".join(WORD.findall(kept))
