"""Review bot: lints configuration files."""
from yamllint import linter
from yamllint.config import YamlLintConfig


def findings(files, rules):
    config = YamlLintConfig("rules:\n" + "".join("  %s: enable\n" % rule for rule in rules))
    found = {}
    for name, text in files.items():
        found[name] = [(item.line, item.rule) for item in linter.run(text, config)]
    return found


def main():
    print(findings({"a.yaml": "a: 1\na: 2\n"}, ["key-duplicates", "trailing-spaces"]))
    print(findings({"b.yaml": "a: {b: 1}\n", "c.yaml": "}\nb: 2\n"}, ["key-duplicates", "trailing-spaces"]))
