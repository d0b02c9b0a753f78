"""Mailer: words for the age of a message."""
import arrow


def age(sent, now, units):
    return arrow.get(sent).humanize(arrow.get(now), granularity=units)


def main():
    print(age("2021-10-01T10:00", "2021-10-01T12:30", ["hour", "minute"]))
    try:
        print(age("2021-10-01T10:00", "2021-10-01T12:30", []))
    except ValueError as error:
        print(error)
