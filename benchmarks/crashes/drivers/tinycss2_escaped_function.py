"""Mail cleaner: keeps only harmless style rules."""

import tinycss2


def allowed(css, properties):
    kept = []
    for rule in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if rule.type != "qualified-rule":
            continue
        names = [part.name for part in tinycss2.parse_declaration_list(rule.content) if part.type == "declaration"]
        kept.append([name for name in names if name in properties])
    return kept


def main():
    print(allowed("p { color: red; behavior: url(x.htc) }", {"color"}))
    print(allowed("p { color: \\d800(1); margin: 0 }", {"color", "margin"}))
