"""Puts outside text into Markdown and commit messages so that it stays mere text.

Inside a code span or block a forge makes no mentions, references, links or HTML, and no
closing keyword works. Where text must stand bare (titles, commit messages), what would
work there is broken apart by a blank, visibly.
"""

import re

from triage.domain.outside import one_line, printable

_MENTION = re.compile(r"(?<![A-Za-z0-9])@(?=[A-Za-z0-9])")
_REFERENCE = re.compile(r"#(?=\d)")
_GH_REFERENCE = re.compile(r"(?i)\bGH-(?=\d)")
_URL = re.compile(r"://")
_COMMIT_WORDS = re.compile(r"(?i)\[(?=(?:skip|no)[ -]?ci|ci[ -]skip|skip actions|actions skip)")
_KEY_WORD = re.compile(
    r"(?i)\b(clos(?:e|es|ed|ing)|fix(?:es|ed|ing)?|resolv(?:e|es|ed|ing))([\s:]+)(?=\S*(?:# \d|GH- \d|: //))"
)


def code_span(text: str, limit: int = 300) -> str:
    """One line of outside text as inline code, whatever backticks it holds."""
    line = one_line(text, limit=limit)
    if not line:
        return "*(empty)*"
    fence = "`" * (_longest_run(line) + 1)
    pad = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def cell(text: str, limit: int = 300) -> str:
    """`code_span` for a table: a pipe would end the cell even inside code."""
    return code_span(text, limit).replace("|", "\\|")


def code_block(text: str, language: str = "", limit: int = 8_000) -> str:
    """Outside text as a fenced block that it cannot close."""
    content = printable(text, limit=limit).strip("\n")
    fence = "`" * max(3, _longest_run(content) + 1)
    return f"{fence}{language}\n{content}\n{fence}"


def bare(text: str, limit: int = 200) -> str:
    """One line of outside text for titles and commit messages: nothing in it works.

    No mention, no issue reference, no link, no closing keyword, no `[skip ci]`.
    """
    line = one_line(text, limit=limit)
    line = _URL.sub(": //", line)
    line = _MENTION.sub("@ ", line)
    line = _REFERENCE.sub("# ", line)
    line = _GH_REFERENCE.sub("GH- ", line)
    line = _COMMIT_WORDS.sub("[ ", line)
    return _KEY_WORD.sub(r"\1 -\2", line)


def identifier(text: str, limit: int = 120) -> str:
    """Only what names of types, functions and files are made of; "?" when nothing is left."""
    kept = re.sub(r"[^\w.<>, /-]", "", one_line(text, limit=limit * 2)).strip()
    kept = _MENTION.sub("", kept)
    return kept[:limit].strip() or "?"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall(r"`+", text)), default=0)
