import argparse
import csv
import json
import sys


def read(path):
    with open(path, newline="", encoding="utf-8") as stream:
        yield from csv.DictReader(stream)


def clean(rows):
    for row in rows:
        row["amount"] = float(row["amount"].replace(",", "."))
        yield row


def totals(rows):
    result = {}
    for row in rows:
        result[row["account"]] = result.get(row["account"], 0) + row["amount"]
    return result


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("path")
    parser.add_argument("--indent", type=int, default=None)
    options = parser.parse_args()
    json.dump(totals(clean(read(options.path))), sys.stdout, indent=options.indent)
    return 0
