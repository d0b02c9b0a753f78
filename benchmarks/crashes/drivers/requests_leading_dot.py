"""Link checker."""
import requests


def alive(session, url):
    try:
        return session.head(url, timeout=1).status_code
    except requests.RequestException as error:
        return type(error).__name__


def main():
    with requests.Session() as session:
        session.trust_env = False
        print(alive(session, "nonsense"))
        print(alive(session, "http://.example.org/robots.txt"))
