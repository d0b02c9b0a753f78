"""Jobs: shown while they are put together."""
import schedule


class Plan:
    def __init__(self):
        self.scheduler = schedule.Scheduler()

    def add(self, minutes, work):
        job = self.scheduler.every(minutes).minutes
        if work is not None:
            job.do(work)
        return repr(job)


def main():
    plan = Plan()
    print(plan.add(5, print)[:9])
    print(plan.add(7, None)[:9])
