"""Scraper: reads the offers of a shop's page."""
from itemloaders import ItemLoader
from parsel import Selector

PAGE = "<html><body><h1>Shop</h1><div class='offer'><b>12</b></div></body></html>"


def offer(page, block):
    loader = ItemLoader(item={}, selector=Selector(text=page))
    loader.add_css("title", "h1::text")
    nested = loader.nested_css(block)
    nested.add_css("price", "b::text")
    return loader.load_item()


def main():
    print(offer(PAGE, "div.offer"))
    print(offer(PAGE, "div.special"))
