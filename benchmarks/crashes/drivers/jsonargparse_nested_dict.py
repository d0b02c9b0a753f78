"""Settings: collects dotted keys."""
from jsonargparse import Namespace


def collect(pairs):
    settings = Namespace()
    for key, value in pairs:
        settings[key] = value
    return settings


def main():
    print(collect([("db.host", "a"), ("db.port", 1)]))
    print(collect([("db", {"host": "a"}), ("db.port", 5432)]))
