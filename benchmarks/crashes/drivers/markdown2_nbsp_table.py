"""Forum: renders posts."""
import markdown2

RENDERER = markdown2.Markdown(extras=["tables", "break-on-newline"])


def post(author, body):
    return "<b>%s</b>%s" % (author, RENDERER.convert(body))


def main():
    print(post("ana", "| A | B |\n|---|---|\n| 1 | 2 |"))
    print(post("ben", "| A   | B   |\n|-----|-----|\xa0\n| Foo | 123 |"))
