"""Crawler: one connection a host."""
from urllib3 import HTTPConnectionPool


def fetch(pool, path, seconds):
    try:
        return pool.urlopen("GET", path, timeout=seconds, retries=False)
    except ValueError as error:
        return "bad settings: %s" % error


def main():
    print(fetch(HTTPConnectionPool("127.0.0.1", 9, maxsize=1), "/", "soon"))
    pool = HTTPConnectionPool("127.0.0.1", 9, maxsize=1, block=True)
    print(fetch(pool, "/", "soon"))
