"""Plugin list: the entry points that a plugin's file names."""
from importlib_metadata import EntryPoints


def plugins(text, group):
    found = EntryPoints._from_text_for(text, None)
    return [point.name for point in found.select(group=group)]


def main():
    print(plugins("[shop]\ncart = shop.cart:Cart\n", "shop"))
    print(plugins("[shop]\ncart = shop.cart:Cart\n[other]\nbad = shop cart!\n", "shop"))
