"""Audit: logs what the sensors report."""
import structlog


class Audit:
    def __init__(self, level):
        structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(level))
        self.log = structlog.get_logger().bind(service="audit")

    def report(self, readings):
        for reading in readings:
            self.log.info(reading)


def main():
    audit = Audit(20)
    audit.report(["door open", 17])
