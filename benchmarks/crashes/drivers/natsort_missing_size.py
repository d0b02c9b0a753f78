"""Shop: sorts articles the way people count."""
from natsort import natsorted


class Shelf:
    def __init__(self, articles):
        self.articles = articles

    def sizes(self):
        return natsorted({article.get("size") for article in self.articles}, reverse=True)


def main():
    print(Shelf([{"size": "s10"}, {"size": "s9"}]).sizes())
    print(Shelf([{"size": 38}, {"size": 39}, {"name": "cap"}]).sizes())
