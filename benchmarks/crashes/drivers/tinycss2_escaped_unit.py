"""Theme check: the lengths that a theme uses."""

import tinycss2


class Theme:
    def __init__(self, name, css):
        self.name = name
        self.css = css

    def lengths(self):
        tokens = tinycss2.parse_component_value_list(self.css)
        return sorted({token.unit for token in tokens if token.type == "dimension"})


def main():
    for theme in (Theme("plain", "1px 2em"), Theme("odd", "1px 3\\dfff")):
        print(theme.name, theme.lengths())
