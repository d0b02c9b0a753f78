"""Logs: reads timestamps."""
import arrow


def when(line):
    return arrow.get(line.split(" ")[0])


def main():
    print(when("2015-01-12T01:13:15.123456 started"))
    print(when("2015-01-12T01:13:15.9999995 stopped"))
