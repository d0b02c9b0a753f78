"""Cache: stores parsed pages."""
import pickle

from bs4 import BeautifulSoup


class Cache:
    def __init__(self):
        self.pages = {}

    def put(self, key, soup):
        self.pages[key] = pickle.dumps(soup)

    def get(self, key):
        return pickle.loads(self.pages[key])


def main():
    cache = Cache()
    cache.put("a", BeautifulSoup("<p>a</p>", "html.parser"))
    detached = cache.get("a")
    detached.builder = None
    cache.put("b", detached)
    print(cache.get("b"))
