"""Import: turns old wiki pages into Markdown."""
from markdownify import markdownify


def pages(rows):
    for row in rows:
        yield row["title"], markdownify(row["html"], strip=["a"])


def main():
    print(dict(pages([{"title": "One", "html": "<p>x <a href='/y'>y</a></p>"}])))
    print(dict(pages([{"title": "One", "html": "<p>x</p>"}, {"title": "Two", "html": "<hn>News</hn><p>none</p>"}])))
