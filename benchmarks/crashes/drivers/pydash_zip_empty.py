"""Sheet import: joins header and data rows."""
import pydash


def record(pairs):
    return pydash.zip_object_deep(pairs)


def main():
    print(record([["name", "ana"], ["age", 31]]))
    print(record([]))
