"""Crawler: resolves the links of a page."""
from yarl import URL


def absolute(page, link):
    return str(URL(page).join(URL(link)))


def links(page, found):
    return [absolute(page, link) for link in found]


def main():
    print(links("http://example.org/a/b", ["c", "http://example.org/../../etc"]))
