"""Worker: logs what each job returned."""
import logging

import structlog

LOG = structlog.wrap_logger(structlog.PrintLogger(), wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))


def done(result):
    LOG.info(result, job="nightly")


def main():
    done("sent")
    done(17)
