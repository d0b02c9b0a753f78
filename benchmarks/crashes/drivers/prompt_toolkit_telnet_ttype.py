"""Console: reads what telnet clients send."""
from prompt_toolkit.contrib.telnet.protocol import TelnetProtocolParser


class Client:
    def __init__(self):
        self.typed = b""
        self.size = None
        self.terminal = None
        self.parser = TelnetProtocolParser(self.data, self.resized, self.named)

    def data(self, data):
        self.typed += data

    def resized(self, rows, columns):
        self.size = rows, columns

    def named(self, name):
        self.terminal = name

    def receive(self, data):
        self.parser.feed(data)
        return self.typed, self.terminal


def main():
    client = Client()
    print(client.receive(b"help\xff\xfa\x18\x00xterm\xff\xf0"))
    print(client.receive(b"\xff\xfa\x18\x00vt\xb2\xb0\xff\xf0quit"))
