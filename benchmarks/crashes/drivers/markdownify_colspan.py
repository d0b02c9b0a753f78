"""Clipper: keeps web pages as Markdown."""
from markdownify import MarkdownConverter


class Clip(MarkdownConverter):
    class Options:
        heading_style = "ATX"

    def convert_img(self, el, text, convert_as_inline):
        return "![](%s)" % el.attrs.get("src", "")


def clip(url, html):
    return {"url": url, "text": Clip().convert(html)}


def main():
    print(clip("https://example.org/a", "<h1>Hi</h1><table><tr><th>a</th></tr><tr><td>b</td></tr></table>"))
    print(clip("https://example.org/b", '<table><tr><td colspan="undefined">my</td></tr><tr><td>b</td></tr></table>'))
