"""Deployer: starts commands in the background and writes down which."""
from invoke import Context


class Deployer:
    def __init__(self):
        self.context = Context()
        self.started = []

    def start(self, command):
        self.started.append(self.context.run(command, asynchronous=True, hide=True))

    def status(self):
        return [repr(one) for one in self.started]

    def finish(self):
        return [one.join().stdout for one in self.started]


def main():
    deployer = Deployer()
    deployer.start("echo built")
    print(deployer.status())
    print(deployer.finish())
