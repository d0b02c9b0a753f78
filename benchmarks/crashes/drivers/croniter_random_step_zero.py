"""Scheduler: computes the next run of a job."""
from datetime import datetime

from croniter import CroniterBadCronError, croniter


class Job:
    def __init__(self, name, expression):
        self.name = name
        self.expression = expression

    def next_run(self, now):
        try:
            return croniter(self.expression, now).get_next(datetime)
        except CroniterBadCronError as error:
            return str(error)


def main():
    now = datetime(2021, 5, 4, 12)
    print(Job("backup", "0 3 * * *").next_run(now))
    print(Job("spread", "* * R/0 * *").next_run(now))
