"""Reports: looks at the paths that users write."""
from sqlglot.errors import ParseError, TokenError
from sqlglot.jsonpath import parse


def steps(path):
    try:
        return len(parse(path).expressions)
    except (ParseError, TokenError) as error:
        return str(error)[:40]


def main():
    for path in ("$.a.b", "$[0].x", "$.a[?(@.price > 1)]", "$[?("):
        print(steps(path))
