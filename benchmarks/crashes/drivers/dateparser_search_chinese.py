"""News reader: finds the dates in headlines."""
from dateparser.search import search_dates


def dates(headline):
    return search_dates(headline["text"], languages=[headline["language"]])


def main():
    print(dates({"text": "On 4 October 1957 it flew", "language": "en"}))
    print(dates({"text": "聽日", "language": "yue"}))
