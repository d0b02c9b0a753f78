"""Calendar: says when a meeting happens next."""
from datetime import datetime

from dateutil.rrule import rrulestr


class Meeting:
    def __init__(self, title, start, rule):
        self.title = title
        self.start = start
        self.rule = rule

    def next(self, after):
        return rrulestr(self.rule, dtstart=self.start).after(after)


def main():
    start = datetime(2024, 3, 4, 9)
    print(Meeting("standup", start, "RRULE:FREQ=DAILY;COUNT=30").next(datetime(2024, 3, 10)))
    rule = "RRULE;X-EVOLUTION-ENDDATE=20240601T090000Z:FREQ=WEEKLY;COUNT=10"
    print(Meeting("review", start, rule).next(datetime(2024, 3, 10)))
