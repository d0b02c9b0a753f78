"""Mail: renders comments as HTML."""
from mistletoe import Document, HtmlRenderer


def html(lines):
    with HtmlRenderer() as renderer:
        return renderer.render(Document(lines))


def main():
    print(html(["# One\n", "two\n"]))
    print(html(["*:****:*/*/*:****/*\n"]))
