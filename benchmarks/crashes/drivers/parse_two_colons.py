"""Log rules: patterns that operators write."""
import parse


def rule(pattern, line):
    found = parse.compile(pattern).parse(line)
    return found.named if found else None


def main():
    print(rule("{level} {count:d}", "info 3"))
    print(rule("{level} {count::>5d}", "info 3"))
