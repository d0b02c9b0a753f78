"""Course pages: Markdown within HTML."""
import markdown2


class Page:
    extras = ("markdown-in-html", "fenced-code-blocks")

    def __init__(self, name, source):
        self.name = name
        self.source = source

    def html(self):
        return markdown2.markdown(self.source, extras=list(self.extras))


def main():
    print(Page("intro", "# Hello\n\n- one\n- two\n").html())
    print(Page("list", '- one two\n   <p markdown="1">\n  def\n  </p>\n- three four\n').html())
