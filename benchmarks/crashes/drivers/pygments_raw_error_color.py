"""Docs: dumps the tokens of a snippet."""
from pygments import highlight
from pygments.formatters import RawTokenFormatter
from pygments.lexers import get_lexer_by_name


def dump(code, language, color):
    return highlight(code, get_lexer_by_name(language), RawTokenFormatter(error_color=color))


def main():
    print(dump("x = 1", "python", ""))
    print(dump("x = $1 ?", "python", "red"))
