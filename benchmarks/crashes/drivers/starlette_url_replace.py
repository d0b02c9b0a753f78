"""Links: rewrites the ports of configured addresses."""
from starlette.datastructures import URL


def moved(address, port):
    url = URL(address)
    return str(url.replace(port=port))


def main():
    for address in ("https://example.org/a", "http://user@example.org:81/", "/only/a/path?x=1"):
        print(moved(address, 8080))
