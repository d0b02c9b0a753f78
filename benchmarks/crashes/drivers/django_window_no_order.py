"""Ranking: numbers the rows of a report."""
import django
from django.conf import settings
from django.db.models import F, Window
from django.db.models.functions import RowNumber


def numbered(order):
    window = Window(expression=RowNumber(), partition_by=[F("region")], order_by=[F(name) for name in order])
    return repr(window)


def main():
    settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
    django.setup()
    print(numbered(["price"]))
    print(numbered([]))
