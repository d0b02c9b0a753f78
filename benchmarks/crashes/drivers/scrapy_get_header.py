"""Crawler: looks at the headers of what it will fetch."""
from scrapy import Request
from scrapy.http.cookies import WrappedRequest


def wanted(request, names):
    wrapped = WrappedRequest(request)
    return {name: wrapped.get_header(name, None) for name in names}


def main():
    request = Request("http://example.org/a", headers={"Accept": "text/html"})
    print(wanted(request, ["Accept", "Cookie2"]))
