"""Settings parser: name = value lines."""

import pyparsing as pp


def grammar():
    name = pp.Word(pp.alphas)("name")
    value = pp.Word(pp.alphanums)("value")
    value.add_parse_action(lambda tokens: "" if tokens[0] == "none" else tokens[0])
    return name + pp.Suppress("=") + value


def setting(line):
    found = grammar().parse_string(line)
    return found["name"], found["value"]


def main():
    for line in ("color = red", "border = none"):
        print(setting(line))
