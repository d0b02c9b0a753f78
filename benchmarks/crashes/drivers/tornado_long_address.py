"""Gatekeeper: tells addresses from names."""
from tornado.netutil import is_valid_ip


def kind(text):
    return "address" if is_valid_ip(text) else "name"


class Gate:
    def __init__(self, trusted):
        self.trusted = {item for item in trusted if kind(item) == "address"}

    def allows(self, header):
        return [item for item in header.split(",") if item in self.trusted]


def main():
    print(Gate(["127.0.0.1", "::1", "localhost"]).allows("::1,a"))
    print(Gate(["127.0.0.1", "a" * 70 + ".example.org"]).allows("b"))
