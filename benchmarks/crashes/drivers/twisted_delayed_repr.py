"""Monitor: writes down what is still to be done."""
from twisted.internet import reactor
from twisted.internet.base import DelayedCall


class Monitor:
    def __init__(self):
        self.waiting = []

    def later(self, seconds, work):
        self.waiting.append(reactor.callLater(seconds, work))

    def report(self, debug):
        DelayedCall.debug = debug
        return [str(call)[:12] for call in self.waiting]


def main():
    monitor = Monitor()
    monitor.later(60, print)
    print(monitor.report(False))
    print(monitor.report(True))
