"""Proxy: cleans the addresses that clients ask for."""
from yarl import URL


def clean(texts):
    found = []
    for text in texts:
        try:
            found.append(str(URL(text)))
        except ValueError:
            found.append(None)
    return found


def main():
    print(clean(["http://example.org/a%20b", "http://[::1]:80/x", "http://[]/", "//[", "http://example.org]/", "http://user@"]))
