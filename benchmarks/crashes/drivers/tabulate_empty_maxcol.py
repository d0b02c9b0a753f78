"""Reports: plain text tables."""
from tabulate import tabulate


def report(headers, rows):
    return tabulate(rows, headers=headers, maxheadercolwidths=[4] * len(headers), maxcolwidths=[4, 5])


def main():
    print(report(["a", "b"], [[1, 2]]))
    print(report(["a", "b"], [[1, None], [2, "long text here"]]))
    print(report([], []))
