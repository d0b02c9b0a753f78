"""Wiki: renders pages."""
import markdown


class Wiki:
    def __init__(self, extensions):
        self.converter = markdown.Markdown(extensions=extensions)

    def render(self, page):
        self.converter.reset()
        return self.converter.convert(page)


def main():
    wiki = Wiki(["tables"])
    print(wiki.render("# Title\n\ntext"))
    print(wiki.render("Notes\n\n<![\n"))
