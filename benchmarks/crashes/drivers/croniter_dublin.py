"""Scheduler: plans nightly jobs for an Irish customer."""
from datetime import datetime

import pytz
from croniter import croniter


def plan(zone_name, expression, start):
    zone = pytz.timezone(zone_name)
    schedule = croniter(expression, zone.localize(start))
    return [schedule.get_next(datetime) for _ in range(4)]


def main():
    print(plan("Europe/Paris", "30 1 * * *", datetime(2023, 10, 27)))
    print(plan("Europe/Dublin", "30 1 * * *", datetime(2023, 10, 27)))
