"""Help pages: renders with the classes of the theme."""
import markdown2


class Theme:
    def __init__(self, name, classes=None):
        self.name = name
        self.classes = classes

    def render(self, text):
        return markdown2.markdown(text, extras={"html-classes": self.classes, "tables": None})


TABLE = "| a | b |\n|---|---|\n| 1 | 2 |\n"


def main():
    print(Theme("blue", {"table": "wide"}).render(TABLE))
    print(Theme("plain").render(TABLE))
