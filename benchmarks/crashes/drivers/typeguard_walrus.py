"""Billing: checked at run time."""
from typeguard import typechecked


@typechecked
def total(prices: list) -> int:
    found: int
    if (found := sum(prices)) > 3:
        return found
    return 0


def main():
    print(total([1, 2, 3]))
