"""Worker: sleeps until there is work."""
import schedule


def nap(scheduler):
    seconds = scheduler.idle_seconds
    return 60 if seconds is None else min(seconds, 60)


def main():
    busy = schedule.Scheduler()
    busy.every(10).seconds.do(print)
    print(nap(busy) > 0)
    print(nap(schedule.Scheduler()))
