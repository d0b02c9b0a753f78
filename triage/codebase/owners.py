"""Who owns a file, by GitHub's CODEOWNERS rules."""

import re
from dataclasses import dataclass

PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
SIZE_LIMIT = 3_000_000  # GitHub ignores larger files


@dataclass(frozen=True, slots=True)
class OwnerRule:
    """One line: files that fit `pattern` belong to `owners` (none: to nobody)."""

    pattern: re.Pattern[str]
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
        rules.append(OwnerRule(_compile(pattern), tuple(owners)))
    return tuple(rules)


def owners_of(path: str, rules: tuple[OwnerRule, ...]) -> tuple[str, ...]:
    """The owners of a file: the last rule that fits decides, also when it names nobody."""
    for rule in reversed(rules):
        if rule.pattern.fullmatch(path):
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


def _compile(pattern: str) -> re.Pattern[str]:
    """gitignore's globs as a regular expression over whole paths."""
    anchored = "/" in pattern.rstrip("/")
    folder_only = pattern.endswith("/")
    text = re.sub(r"\*{3,}", "**", pattern.strip("/"))
    expression = "" if anchored else "(?:.*/)?"
    position = 0
    while position < len(text):
        if text.startswith("**/", position) and (position == 0 or text[position - 1] == "/"):
            expression += "(?:.*/)?"
            position += 3
        elif text.startswith("**", position):
            expression += ".*"
            position += 2
        elif text[position] == "*":
            expression += "[^/]*"
            position += 1
        elif text[position] == "?":
            expression += "[^/]"
            position += 1
        else:
            expression += re.escape(text[position])
            position += 1
    last = text.rpartition("/")[2]
    if folder_only:
        expression += "/.*"
    elif last not in ("*", "**") or (last == "*" and not anchored):
        expression += "(?:/.*)?"
    return re.compile(expression)
