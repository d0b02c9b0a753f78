"""Error desk: turns the failures of a batch into structured tracebacks."""
from structlog.tracebacks import extract


def batch(texts):
    failures = []
    for text in texts:
        try:
            int(text)
        except ValueError as error:
            failures.append(error)
    try:
        raise ExceptionGroup("batch", failures)
    except ExceptionGroup as group:
        return group


def describe(error):
    return [stack.exc_type for stack in extract(type(error), error, error.__traceback__).stacks]


def main():
    print(describe(batch(["a", "b"])))
    group = batch(["c"])
    group.exceptions[0].__cause__ = group
    print(describe(group))
