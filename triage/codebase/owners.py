"""Who owns a file, by GitHub's CODEOWNERS rules."""

import re
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
SIZE_LIMIT = 3_000_000  # GitHub ignores larger files


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line: files that fit `pattern` (path components) belong to `owners` (none: to nobody)."""

    pattern: tuple[str, ...]
    owners: tuple[str, ...]


def parse_owners(text: str) -> tuple[OwnerRule, ...]:
    """The rules of a CODEOWNERS file, in its order; lines GitHub would skip are skipped."""
    rules = []
    if len(text) > SIZE_LIMIT:
        return ()
    for line in text.splitlines():
        words = _words(line)
        if not words:
            continue
        pattern, owners = words[0], words[1:]
        if pattern.startswith(("!", "\\#")) or "[" in pattern:
            continue  # GitHub supports neither negation, nor ranges, nor an escaped hash
        rules.append(OwnerRule(_parts(pattern), tuple(owners)))
    return tuple(rules)


def owners_of(path: str, rules: tuple[OwnerRule, ...]) -> tuple[str, ...]:
    """The owners of a file: the last rule that fits decides, also when it names nobody."""
    parts = path.split("/")
    for rule in reversed(rules):
        if _fits(rule.pattern, parts):
            return rule.owners
    return ()


def _words(line: str) -> list[str]:
    """The line's words; a backslash keeps a space, an unescaped hash starts a comment."""
    words: list[str] = []
    word = ""
    position = 0
    while position < len(line):
        letter = line[position]
        if letter == "\\" and line[position + 1 : position + 2] in (" ", "\t"):
            word += line[position + 1]
            position += 2
            continue
        if letter == "#" and not word:
            break
        if letter in " \t\r\n":
            if word:
                words.append(word)
            word = ""
        else:
            word += letter
        position += 1
    if word:
        words.append(word)
    return words


def _parts(pattern: str) -> tuple[str, ...]:
    """gitignore's glob as path components; `**` stands for any number of them."""
    parts = [re.sub(r"\*+", "*", part) if part.strip("*") else part[:2] for part in pattern.split("/") if part]
    anchored = "/" in pattern.rstrip("/")
    if not anchored:
        parts.insert(0, "**")
    if pattern.endswith("/"):
        return (*parts, "*", "**")
    return tuple(parts) if anchored and parts[-1:] == ["*"] else (*parts, "**")


def _fits(pattern: tuple[str, ...], path: list[str]) -> bool:
    """Components against components, without backtracking over `**` more than once each."""
    reachable = {0}
    for part in pattern:
        if part == "**":
            reachable = set(range(min(reachable), len(path) + 1)) if reachable else set()
        else:
            reachable = {at + 1 for at in reachable if at < len(path) and _segment_fits(part, path[at])}
        if not reachable:
            return False
    return len(path) in reachable


def _segment_fits(pattern: str, text: str) -> bool:
    """`*` and `?` within one component, in time linear in both for each star."""
    at = start = kept = 0
    star = -1
    while at < len(text):
        if start < len(pattern) and pattern[start] == "*":
            star, kept = start, at
            start += 1
        elif start < len(pattern) and pattern[start] in ("?", text[at]):
            start, at = start + 1, at + 1
        elif star >= 0:
            kept += 1
            start, at = star + 1, kept
        else:
            return False
    return not pattern[start:].strip("*")
