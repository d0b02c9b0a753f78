"""Worker: keeps its log as lines of JSON."""
import io

from loguru import logger


class Worker:
    def __init__(self, out):
        logger.remove()
        logger.add(out, serialize=True, catch=False)
        self.done = 0

    def finish(self, code):
        if code:
            logger.exception("ended with {}", code)
        else:
            logger.info("ended well")
        self.done += 1
        return self.done


def main():
    worker = Worker(io.StringIO())
    print(worker.finish(0))
    print(worker.finish(3))
