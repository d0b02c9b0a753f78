"""Planner: the steps of a plan, one after the other."""

from more_itertools import iterate, take


class Plan:
    def __init__(self, steps):
        self.steps = dict(zip(steps, steps[1:]))

    def after(self, step):
        if step not in self.steps:
            raise StopIteration
        return self.steps[step]

    def first(self, start, count):
        return take(count, iterate(self.after, start))


def main():
    plan = Plan(["dig", "pour", "build", "paint"])
    print(plan.first("dig", 2))
    print(plan.first("pour", 5))
