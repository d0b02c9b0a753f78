"""Firewall: sorts out rows that hold no address."""
import django
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_ipv46_address


class Rules:
    def __init__(self):
        self.allowed = []
        self.wrong = []

    def load(self, rows):
        for row in rows:
            try:
                validate_ipv46_address(row["source"])
            except ValidationError:
                self.wrong.append(row)
            else:
                self.allowed.append(row)


def main():
    settings.configure()
    django.setup()
    rules = Rules()
    rules.load([{"source": "10.0.0.1"}, {"source": "any"}, {"source": None}, {"source": "fe80::1"}])
    print(len(rules.allowed), len(rules.wrong))
