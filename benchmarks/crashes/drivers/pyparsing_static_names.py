"""Query language: turns packrat parsing on for deep queries."""

import pyparsing as pp


def query_parser(packrat):
    term = pp.Word(pp.alphas)
    expr = pp.infix_notation(term, [("and", 2, pp.OpAssoc.LEFT), ("or", 2, pp.OpAssoc.LEFT)])
    if packrat:
        expr.enablePackrat()
    return expr


def main():
    print(query_parser(False).parse_string("a and b").as_list())
    print(query_parser(True).parse_string("a and b or c").as_list())
