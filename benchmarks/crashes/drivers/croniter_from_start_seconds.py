"""Scheduler: lists the next ticks of a meter."""
from datetime import datetime

from croniter import croniter


def ticks(expression, start, count):
    iterator = croniter(expression, start, expand_from_start_time=True)
    return [iterator.get_next(datetime) for _ in range(count)]


def main():
    start = datetime(2024, 2, 29, 10, 7)
    print(ticks("0 */6 * * *", start, 3))
    print(ticks("* * * * * */15", start, 3))
