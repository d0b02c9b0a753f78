"""Worker: writes failed jobs as JSON to the log."""
import structlog

to_dict = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)


def run(job):
    try:
        job()
    except Exception as error:
        return to_dict((type(error), error, error.__traceback__))[0]["exc_type"]


def collected():
    first = ConnectionError("first try")
    both = ExceptionGroup("all tries", [first])
    first.__cause__ = both
    raise both


def main():
    print(run(lambda: 1 / 0))
    print(run(collected))
