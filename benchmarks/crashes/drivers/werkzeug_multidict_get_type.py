"""Form reader: takes the page number of a search."""
from werkzeug.datastructures import MultiDict


def page_of(form):
    return form.get("page", default=1, type=int)


def main():
    print(page_of(MultiDict([("q", "ham"), ("page", "3")])))
    print(page_of(MultiDict({"q": "eggs", "page": None})))
