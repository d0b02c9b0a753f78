"""Worker: jobs that stop themselves."""
import schedule


def run_once(job):
    return schedule.CancelJob


def main():
    every = schedule.Scheduler()
    job = every.every(2).seconds
    print(str(job.do(print, "a"))[:5])
    once = every.every(3).seconds
    once.do(run_once, once)
    print(len(str(once)) > 0)
